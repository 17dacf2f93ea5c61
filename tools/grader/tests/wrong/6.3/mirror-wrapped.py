# The image is repeated instead of mirrored
# answer: mirror
# loses: mirror-visible mirror-any


def pad_mirror(X, p):
    return np.array(numpy.pad(X.asnumpy(), tuple((size, size) for size in p), mode="wrap"))
