# The error with the other sign
# answer: gradient
# loses: gradient-visible gradient-kernel gradient-image


def kernel_gradient(X, K, Y):
    return 2 * d2lconv.corr2d(X, Y - d2lconv.corr2d(X, K))


def image_gradient(X, K, Y):
    error = Y - d2lconv.corr2d(X, K)
    margin = tuple((size - 1, size - 1) for size in K.shape)
    return 2 * d2lconv.corr2d(np.pad(error, margin), np.flip(K, axis=(0, 1)))
