# The image is padded, so that there are too many rows
# answer: matrix
# loses: matrix-visible matrix-any


def kernel_matrix(K, n_h, n_w):
    pixels = np.eye(n_h * n_w).reshape(-1, n_h, n_w)
    margin = tuple((size // 2, size // 2) for size in K.shape)
    return np.stack([d2lconv.corr2d(np.pad(X, margin), K).reshape(-1) for X in pixels]).T
