# A sum for a mean, the blur
# answer: kernels
# loses: kernels-blur kernels-visible


def blur_kernel(size):
    return np.ones((size, size))
