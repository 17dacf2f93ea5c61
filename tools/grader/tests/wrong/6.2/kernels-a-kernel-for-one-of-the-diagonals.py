# A kernel for one of the diagonals
# answer: kernels
# loses: kernels-diagonal


def diagonal_kernel():
    return np.array([[0, 1], [-1, 0]])
