# Each error puts its share where it came from
# answer: gradient


def kernel_gradient(X, K, Y):
    error, gradient = d2lconv.corr2d(X, K) - Y, np.zeros_like(K)
    for i, j in numpy.ndindex(*error.shape):
        gradient = gradient + 2 * error[i, j] * X[i : i + K.shape[0], j : j + K.shape[1]]
    return gradient


def image_gradient(X, K, Y):
    error, gradient = d2lconv.corr2d(X, K) - Y, np.zeros_like(X)
    for a, b in numpy.ndindex(*K.shape):
        gradient[a : a + error.shape[0], b : b + error.shape[1]] += 2 * K[a, b] * error
    return gradient
