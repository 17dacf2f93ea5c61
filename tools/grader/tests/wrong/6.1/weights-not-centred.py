# The window starts at the pixel instead of being centred on it
# answer: weights
# loses: weights-visible weights-dense weights-kernel


def dense_from_kernel(V, h, w):
    size = len(V)
    W = np.zeros((h, w, h + size, w + size))
    for i, j in numpy.ndindex(h, w):
        W[i, j, i : i + size, j : j + size] = V
    return W[:, :, :h, :w]
