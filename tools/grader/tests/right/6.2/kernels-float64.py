# All kernels by NumPy in float64
# answer: kernels


def diagonal_kernel():
    return np.array(numpy.outer([1, -1], [1, -1]), dtype="float64")


def derivative_kernel(d):
    powers = numpy.vander(numpy.arange(d + 1), increasing=True).T
    wanted = numpy.zeros(d + 1)
    wanted[d] = numpy.prod(numpy.arange(1, d + 1))
    return np.array(numpy.linalg.solve(powers, wanted)[None], dtype="float64")


def blur_kernel(size):
    return np.array(numpy.full((size, size), 1 / size**2), dtype="float64")


def edge_kernel(theta):
    slope = numpy.array([[-1, 0, 1]] * 3) / 6
    return np.array(numpy.cos(theta) * slope + numpy.sin(theta) * slope.T, dtype="float64")


def laplace_kernel():
    kernel = numpy.ones((3, 3)) / 3
    kernel[1, 1] -= 3
    return np.array(kernel, dtype="float64")
