# The kernel as a row, from the right to the left
# answer: product
# loses: product-any product-visible


def corr2d_product(X, K):
    shape = (X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1)
    return np.dot(windows(X, *K.shape), K.reshape(-1)[::-1]).reshape(shape)
