# The kernel flipped, the dense layer's weights
# answer: weights
# loses: weights-dense weights-kernel weights-visible


def dense_from_kernel(V, h, w):
    delta, V = len(V) // 2, np.flip(V, axis=(0, 1))
    W = np.zeros((h, w, h + 2 * delta, w + 2 * delta))
    for i in range(h):
        for j in range(w):
            W[i, j, i : i + 2 * delta + 1, j : j + 2 * delta + 1] = V
    return W[:, :, delta : delta + h, delta : delta + w]
