# From the last layer to the image
# answer: field


def receptive_field(layers):
    field = 1
    for k, s, d in reversed(layers):
        field = (field - 1) * s + d * (k - 1) + 1
    return field
