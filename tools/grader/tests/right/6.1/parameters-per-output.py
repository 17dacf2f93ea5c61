# Count for one output, then multiply; the result is a float
# answer: parameters


def dense_parameters(inputs, outputs):
    return (inputs + 1.0) * outputs


def conv_parameters(in_channels, out_channels, kernel_size):
    return numpy.int64(numpy.prod(kernel_size) * in_channels + 1) * out_channels
