# Degrees for radians, the edge
# answer: kernels
# loses: kernels-edge


def edge_kernel(theta):
    theta = theta * 3.14159265 / 180
    x = np.array([[0, 0, 0], [-1, 0, 1], [0, 0, 0]]) / 2
    return numpy.cos(theta) * x + numpy.sin(theta) * x.T
