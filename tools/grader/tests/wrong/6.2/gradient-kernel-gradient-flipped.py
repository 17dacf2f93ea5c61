# The gradient of the kernel is flipped
# answer: gradient
# loses: gradient-visible gradient-kernel


def kernel_gradient(X, K, Y):
    return 2 * np.flip(d2lconv.corr2d(X, d2lconv.corr2d(X, K) - Y), axis=(0, 1))
