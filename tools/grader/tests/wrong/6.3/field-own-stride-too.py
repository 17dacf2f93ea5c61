# The stride of a layer counts for its own kernel
# answer: field
# loses: field-visible field-strides field-dilation


def receptive_field(layers):
    field, apart = 1, 1
    for k, s, d in layers:
        apart *= s
        field += (k - 1) * d * apart
    return field
