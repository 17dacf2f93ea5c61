# The paddings of the two axes are exchanged
# answer: mirror
# loses: mirror-visible mirror-any


def pad_mirror(X, p):
    sides = ((p[1], p[1]), (p[0], p[0]))
    return np.array(
        numpy.pad(X.asnumpy(), sides, mode="symmetric" if max(p) >= min(X.shape) else "reflect")
    )
