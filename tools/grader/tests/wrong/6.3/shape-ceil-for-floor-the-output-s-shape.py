# Ceil for floor, the output's shape
# answer: shape
# loses: shape-floor


def output_shape(n, k, p, s, rounding):
    return tuple(-(-(n[i] + 2 * p[i] - k[i]) // s[i]) + 1 for i in (0, 1))
