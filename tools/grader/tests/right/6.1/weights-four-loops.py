# The definition, index by index, in NumPy
# answer: weights


def dense_from_kernel(V, h, w):
    V, delta = V.asnumpy(), V.shape[0] // 2
    W = numpy.zeros((h, w, h, w), dtype="float32")
    for i, j, k, l in numpy.ndindex(h, w, h, w):
        if max(abs(k - i), abs(l - j)) <= delta:
            W[i, j, k, l] = V[k - i + delta, l - j + delta]
    return np.array(W)


def kernel_from_dense(W, delta):
    W, (h, w) = W.asnumpy(), W.shape[:2]
    V = {}
    for i, j, k, l in numpy.ndindex(h, w, h, w):
        offset = k - i, l - j
        if max(map(abs, offset)) > delta and W[i, j, k, l] != 0:
            return None
        if V.setdefault(offset, W[i, j, k, l]) != W[i, j, k, l]:
            return None
    side = range(-delta, delta + 1)
    return np.array([[V[a, b] for b in side] for a in side])
