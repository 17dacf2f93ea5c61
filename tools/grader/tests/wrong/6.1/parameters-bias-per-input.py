# A bias for each input instead of each output
# answer: parameters
# loses: parameters-visible parameters-dense parameters-conv


def dense_parameters(inputs, outputs):
    return inputs * outputs + inputs


def conv_parameters(in_channels, out_channels, kernel_size):
    return out_channels * in_channels * kernel_size[0] * kernel_size[1] + in_channels
