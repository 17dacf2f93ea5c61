# No padding is tried
# answer: bug
# loses: bug-kernel bug-padding bug-strides


def is_right(layer):
    for s_h, s_w in ((1, 1), (3, 2), (2, 3)):
        X, K = whole(9, 8), whole(2, 3)
        Y, needed = layer(X, K, (0, 0), (s_h, s_w)), d2lconv.corr2d(X, K)[::s_h, ::s_w]
        if Y.shape != needed.shape or (Y != needed).any():
            return False
    return True
