# The output is taken to be square
# answer: product
# loses: product-any


def corr2d_product(X, K):
    side = X.shape[0] - K.shape[0] + 1
    return np.dot(windows(X, *K.shape), K.reshape(-1)).reshape(side, -1)[:, :side]
