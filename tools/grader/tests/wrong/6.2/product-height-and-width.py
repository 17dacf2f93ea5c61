# The kernel's height and width are exchanged
# answer: product
# loses: product-windows product-any


def windows(X, k_h, k_w):
    k_h, k_w = k_w, k_h
    h, w = X.shape[0] - k_h + 1, X.shape[1] - k_w + 1
    return np.stack([X[i : i + k_h, j : j + k_w].reshape(-1) for i in range(h) for j in range(w)])
