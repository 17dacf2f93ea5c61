# Kernel not flipped, the gradient for the image
# answer: gradient
# loses: gradient-image gradient-visible


def image_gradient(X, K, Y):
    margin = tuple((size - 1, size - 1) for size in K.shape)
    return 2 * d2lconv.corr2d(np.pad(d2lconv.corr2d(X, K) - Y, margin), K)
