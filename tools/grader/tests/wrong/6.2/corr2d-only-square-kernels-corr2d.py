# Only square kernels, corr2d
# answer: corr2d
# loses: corr2d-kernels


def corr2d(X, K):
    Y, (n_h, n_w), k = 0, X.shape, len(K)
    for a in range(k):
        for b in range(k):
            Y = Y + K[a, b] * X[a : n_h - k + 1 + a, b : n_w - k + 1 + b]
    return Y
