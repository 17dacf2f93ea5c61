# Height and width mixed up, the kernel's
# answer: corr2d
# loses: corr2d-kernels


def corr2d(X, K):
    Y, (n_h, n_w), (k_w, k_h) = 0, X.shape, K.shape
    for a in range(k_h):
        for b in range(k_w):
            Y = Y + K[a, b] * X[a : n_h - k_h + 1 + a, b : n_w - k_w + 1 + b]
    return Y
