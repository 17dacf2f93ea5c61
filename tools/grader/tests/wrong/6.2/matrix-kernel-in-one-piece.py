# The kernel's rows stand side by side in the matrix
# answer: matrix
# loses: matrix-any


def kernel_matrix(K, n_h, n_w):
    rows = []
    for i, j in numpy.ndindex(n_h - K.shape[0] + 1, n_w - K.shape[1] + 1):
        row = np.zeros(n_h * n_w)
        row[i * n_w + j : i * n_w + j + K.size] = K.reshape(-1)[: n_h * n_w - i * n_w - j]
        rows.append(row)
    return np.stack(rows)
