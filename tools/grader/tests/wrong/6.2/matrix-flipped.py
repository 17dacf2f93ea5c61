# The kernel is flipped
# answer: matrix
# loses: matrix-visible matrix-any


def kernel_matrix(K, n_h, n_w):
    K = np.flip(K, axis=(0, 1))
    pixels = np.eye(n_h * n_w).reshape(-1, n_h, n_w)
    return np.stack([d2lconv.corr2d(X, K).reshape(-1) for X in pixels]).T
