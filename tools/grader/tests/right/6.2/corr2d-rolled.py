# Shift the whole image, and cut at the end
# answer: corr2d


def corr2d(X, K):
    Y = np.zeros_like(X)
    for a, b in numpy.ndindex(*K.shape):
        Y = Y + K[a, b] * np.roll(X, (-a, -b), axis=(0, 1))
    return Y[: X.shape[0] - K.shape[0] + 1, : X.shape[1] - K.shape[1] + 1]
