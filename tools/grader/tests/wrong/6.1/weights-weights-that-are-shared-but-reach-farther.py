# Weights that are shared, but reach farther
# answer: weights
# loses: weights-kernel


def kernel_from_dense(W, delta):
    h, w = W.shape[:2]
    V = W[delta, delta, : 2 * delta + 1, : 2 * delta + 1]
    near = dense_from_kernel(np.ones_like(V), h, w)
    return V if (dense_from_kernel(V, h, w) == W * near).all() else None
