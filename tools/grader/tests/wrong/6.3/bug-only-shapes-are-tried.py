# Only shapes are tried
# answer: bug
# loses: bug-kernel bug-padding bug-strides


def is_right(layer):
    for p, s in (((0, 0), (3, 2)), ((1, 2), (2, 3)), ((2, 1), (1, 1))):
        Y = layer(whole(9, 8), whole(2, 3), p, s)
        if Y.shape != d2lconv.conv2d_output_shape((9, 8), (2, 3), p, s):
            return False
    return True
