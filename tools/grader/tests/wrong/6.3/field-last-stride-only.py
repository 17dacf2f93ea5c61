# Only the stride of the layer just below counts
# answer: field
# loses: field-strides field-dilation


def receptive_field(layers):
    field, below = 1, 1
    for k, s, d in layers:
        field += (k - 1) * d * below
        below = s
    return field
