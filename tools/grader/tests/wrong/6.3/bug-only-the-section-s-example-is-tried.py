# Only the section's example is tried
# answer: bug
# loses: bug-kernel bug-padding bug-strides


def is_right(layer):
    X, K = np.arange(9).reshape(3, 3), np.arange(4).reshape(2, 2)
    Y = layer(X, K, (1, 1), (3, 2))
    return bool((Y == np.array([[0, 8], [6, 8]])).all()) if Y.shape == (2, 2) else False
