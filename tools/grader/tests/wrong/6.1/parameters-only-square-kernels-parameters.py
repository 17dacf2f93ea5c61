# Only square kernels, parameters
# answer: parameters
# loses: parameters-conv


def conv_parameters(c, d, kernel_size):
    return d * c * kernel_size[0] ** 2 + d
