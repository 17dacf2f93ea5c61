# Each number of the kernel adds a copy of the image
# answer: convolution


def convolve2d(X, K):
    Y = np.zeros((X.shape[0] + K.shape[0] - 1, X.shape[1] + K.shape[1] - 1))
    for a, b in numpy.ndindex(*K.shape):
        Y[a : a + X.shape[0], b : b + X.shape[1]] += K[a, b] * X
    return Y
