# Pixels repeated, not pulled apart
# answer: half
# loses: half-any half-visible


def enlarge(X, K):
    wide = np.repeat(np.repeat(X, 2, axis=0), 2, axis=1)[:-1, :-1]
    margin = tuple((size - 1, size - 1) for size in K.shape)
    return d2lconv.corr2d(np.pad(wide, margin), K)
