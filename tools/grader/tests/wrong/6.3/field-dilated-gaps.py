# A dilation of d leaves d pixels between two
# answer: field
# loses: field-visible field-strides field-dilation


def receptive_field(layers):
    field, apart = 1, 1
    for k, s, d in layers:
        field += (k - 1) * (d + 1) * apart
        apart *= s
    return field
