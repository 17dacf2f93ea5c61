# Windows in columns
# answer: product
# loses: product-visible product-windows


def windows(X, k_h, k_w):
    view = numpy.lib.stride_tricks.sliding_window_view(X.asnumpy(), (k_h, k_w))
    return np.array(view.transpose(1, 0, 2, 3).reshape(-1, k_h * k_w))


def corr2d_product(X, K):
    return d2lconv.corr2d(X, K)
