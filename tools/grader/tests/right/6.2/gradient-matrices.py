# Products with the matrix of the exercise before
# answer: gradient


def kernel_gradient(X, K, Y):
    error = (d2lconv.corr2d(X, K) - Y).reshape(-1)
    return 2 * np.dot(error, windows(X, *K.shape)).reshape(K.shape)


def image_gradient(X, K, Y):
    error = (d2lconv.corr2d(X, K) - Y).reshape(-1)
    return 2 * np.dot(error, kernel_matrix(K, *X.shape)).reshape(X.shape)
