# Derivatives with the sign of the flipped kernel
# answer: kernels
# loses: kernels-visible kernels-derivative


def derivative_kernel(d):
    kernel = numpy.array([1])
    for _ in range(d):
        kernel = numpy.convolve(kernel, [1, -1])
    return np.array(kernel, dtype="float32").reshape(1, d + 1)
