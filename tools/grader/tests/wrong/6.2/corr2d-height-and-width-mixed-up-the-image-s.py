# Height and width mixed up, the image's
# answer: corr2d
# loses: corr2d-images


def corr2d(X, K):
    Y, (k_h, k_w), (n_w, n_h) = 0, K.shape, X.shape
    for a in range(k_h):
        for b in range(k_w):
            Y = Y + K[a, b] * X[a : n_h - k_h + 1 + a, b : n_w - k_w + 1 + b]
    return Y
