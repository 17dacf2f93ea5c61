# One entry after another
# answer: matrix


def kernel_matrix(K, n_h, n_w):
    (k_h, k_w), rows = K.shape, []
    for i, j in numpy.ndindex(n_h - k_h + 1, n_w - k_w + 1):
        row = [0.0] * (n_h * n_w)
        for a, b in numpy.ndindex(k_h, k_w):
            row[(i + a) * n_w + j + b] = K[a, b].item()
        rows.append(row)
    return np.array(rows)
