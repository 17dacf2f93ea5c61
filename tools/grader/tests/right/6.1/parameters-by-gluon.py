# Ask Gluon's layers
# answer: parameters


def count(layer):
    return sum(int(numpy.prod(p.shape)) for p in layer.collect_params().values())


def dense_parameters(inputs, outputs):
    return count(nn.Dense(outputs, in_units=inputs))


def conv_parameters(in_channels, out_channels, kernel_size):
    return count(nn.Conv2D(out_channels, kernel_size, in_channels=in_channels))
