# One kernel for all input channels
# answer: parameters
# loses: parameters-visible parameters-conv


def conv_parameters(in_channels, out_channels, kernel_size):
    return out_channels * kernel_size[0] * kernel_size[1] + out_channels
