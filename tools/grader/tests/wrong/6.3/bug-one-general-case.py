# One random case, which is general but not rare
# answer: bug
# loses: bug-kernel bug-padding bug-strides


def is_right(layer):
    X, K = whole(8, 9), whole(3, 2)
    Y = layer(X, K, (1, 2), (2, 3))
    needed = d2lconv.corr2d(np.pad(X, ((1, 1), (2, 2))), K)[::2, ::3]
    return Y.shape == needed.shape and bool((Y == needed).all())
