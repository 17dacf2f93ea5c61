# The rows aren't padded
# answer: mirror
# loses: mirror-any


def pad_mirror(X, p):
    n, index = X.shape[1], list(range(X.shape[1]))
    index = index[p[1] : 0 : -1] + index + [n - 2 - i for i in range(p[1])]
    return X[:, index]
