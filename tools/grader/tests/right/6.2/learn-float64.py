# All in NumPy, in float64
# answer: learn


def learn(X, Y, K, b, rate, steps):
    view = numpy.lib.stride_tricks.sliding_window_view(X.asnumpy().astype("float64"), K.shape)
    kernel, losses = K.asnumpy().astype("float64"), []
    for _ in range(steps):
        error = numpy.einsum("ijab,ab->ij", view, kernel) + b - Y.asnumpy()
        losses.append((error**2).sum())
        kernel = kernel - 2 * rate * numpy.einsum("ijab,ij->ab", view, error)
        b = b - 2 * rate * error.sum()
    return np.array(kernel, dtype="float32"), b, losses
