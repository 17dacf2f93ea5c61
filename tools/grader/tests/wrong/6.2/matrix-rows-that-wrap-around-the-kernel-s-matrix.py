# Rows that wrap around, the kernel's matrix
# answer: matrix
# loses: matrix-any matrix-visible


def kernel_matrix(K, n_h, n_w):
    k_h, k_w = K.shape
    row = np.zeros((n_h, n_w))
    row[:k_h, :k_w] = K
    rows = range((n_h - k_h + 1) * (n_w - k_w + 1))
    return np.stack([np.roll(row.reshape(-1), i) for i in rows])
