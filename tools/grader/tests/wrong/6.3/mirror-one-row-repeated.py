# Every added row is the second one
# answer: mirror
# loses: mirror-visible mirror-any


def pad_mirror(X, p):
    (n_h, n_w), (p_h, p_w) = X.shape, p
    rows = [1] * p_h + list(range(n_h)) + [n_h - 2] * p_h
    columns = [1] * p_w + list(range(n_w)) + [n_w - 2] * p_w
    return np.array(X.asnumpy()[numpy.ix_(rows, columns)])
