# One bias for the whole layer
# answer: parameters
# loses: parameters-visible parameters-dense parameters-conv


def dense_parameters(inputs, outputs):
    return inputs * outputs + 1


def conv_parameters(in_channels, out_channels, kernel_size):
    return out_channels * in_channels * kernel_size[0] * kernel_size[1] + 1
