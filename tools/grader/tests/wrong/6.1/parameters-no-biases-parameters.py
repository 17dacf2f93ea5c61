# No biases, parameters
# answer: parameters
# loses: parameters-dense parameters-visible


def dense_parameters(inputs, outputs):
    return inputs * outputs
