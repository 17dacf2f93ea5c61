# A diagonal kernel that hardly answers
# answer: kernels
# loses: kernels-diagonal kernels-visible


def diagonal_kernel():
    return np.array([[1e-6, -1e-6], [-1e-6, 1e-6]])
