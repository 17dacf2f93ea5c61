# The border repeated
# answer: mirror
# loses: mirror-any mirror-visible


def pad_mirror(X, p):
    pairs = [(size, size) for size in p]
    return np.array(numpy.pad(X.asnumpy(), pairs, mode="symmetric"))
