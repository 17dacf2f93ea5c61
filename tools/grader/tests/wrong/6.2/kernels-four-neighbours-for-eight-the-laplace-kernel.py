# Four neighbours for eight, the Laplace kernel
# answer: kernels
# loses: kernels-laplace


def laplace_kernel():
    return np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
