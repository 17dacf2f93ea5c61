# Add to one array in place, offset by offset
# answer: corr2d


def corr2d(X, K):
    Y = np.zeros((X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1))
    for a, b in numpy.ndindex(*K.shape):
        Y += K[a, b] * X[a : a + Y.shape[0], b : b + Y.shape[1]]
    return Y
