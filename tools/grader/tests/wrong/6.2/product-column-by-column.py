# The windows go down the columns first
# answer: product
# loses: product-visible product-windows product-any


def windows(X, k_h, k_w):
    h, w = X.shape[0] - k_h + 1, X.shape[1] - k_w + 1
    return np.stack([X[i : i + k_h, j : j + k_w].reshape(-1) for j in range(w) for i in range(h)])
