# Send each pixel through the convolution, and read the kernel off the middle
# answer: weights


def dense_from_kernel(V, h, w):
    delta = len(V) // 2
    margin = ((delta, delta), (delta, delta))
    columns = [
        d2lconv.corr2d(np.pad(pixel, margin), V) for pixel in np.eye(h * w).reshape(-1, h, w)
    ]
    return np.stack([column.reshape(-1) for column in columns], axis=1).reshape(h, w, h, w)


def kernel_from_dense(W, delta):
    h, w = W.shape[0], W.shape[1]
    V = np.zeros((2 * delta + 1, 2 * delta + 1))
    for a, b in numpy.ndindex(*V.shape):
        V[a, b] = W[h // 2, w // 2, h // 2 + a - delta, w // 2 + b - delta]
    return V if numpy.array_equal(dense_from_kernel(V, h, w).asnumpy(), W.asnumpy()) else None
