# Each number of the output from the pixels it sees
# answer: half


def enlarge(X, K):
    (n_h, n_w), (k_h, k_w) = X.shape, K.shape
    X, K = X.asnumpy(), K.asnumpy()
    Y = numpy.zeros((2 * n_h + k_h - 2, 2 * n_w + k_w - 2), dtype="float32")
    for i, j in numpy.ndindex(*Y.shape):
        for a, b in numpy.ndindex(k_h, k_w):
            row, column = i + a - k_h + 1, j + b - k_w + 1
            if row % 2 == column % 2 == 0 and 0 <= row < 2 * n_h and 0 <= column < 2 * n_w:
                Y[i, j] += K[a, b] * X[row // 2, column // 2]
    return np.array(Y)
