# Dilations forgotten, the receptive field
# answer: field
# loses: field-dilation field-visible


def receptive_field(layers):
    field = 1
    for k, s, d in reversed(layers):
        field = (field - 1) * s + k
    return field
