# A row and a column of zeros too many
# answer: half
# loses: half-visible half-any


def enlarge(X, K):
    wide = np.zeros([2 * size for size in X.shape])
    wide[::2, ::2] = X
    margin = tuple((size - 1, size - 1) for size in K.shape)
    return d2lconv.corr2d(np.pad(wide, margin), K)
