# One column for each offset of the kernel
# answer: product


def windows(X, k_h, k_w):
    h, w = X.shape[0] - k_h + 1, X.shape[1] - k_w + 1
    columns = [X[a : a + h, b : b + w].reshape(-1) for a in range(k_h) for b in range(k_w)]
    return np.stack(columns, axis=1)


def corr2d_product(X, K):
    product = (windows(X, *K.shape) * K.reshape(1, -1)).sum(axis=1)
    return product.reshape(X.shape[0] - K.shape[0] + 1, -1)
