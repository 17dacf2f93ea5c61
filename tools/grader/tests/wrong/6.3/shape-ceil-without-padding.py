# The padding is left out when rounding up
# answer: shape
# loses: shape-ceil


def output_shape(n, k, p, s, rounding):
    if rounding == "ceil":
        return tuple(-(-(n - k) // s) + 1 for n, k, s in zip(n, k, s))
    return tuple((n + 2 * p - k) // s + 1 for n, k, p, s in zip(n, k, p, s))
