# No padding for the gradient with respect to the image
# answer: gradient
# loses: gradient-image


def image_gradient(X, K, Y):
    error = d2lconv.corr2d(X, K) - Y
    margin = tuple((n - e, 0) for n, e in zip(X.shape, error.shape))
    return 2 * np.pad(error, margin) * K.sum()
