# Rounding up by dividing a negative number
# answer: shape


def output_shape(n, k, p, s, rounding):
    steps = [a + 2 * b - c for a, b, c in zip(n, p, k)]
    if rounding == "floor":
        return tuple(a // b + 1 for a, b in zip(steps, s))
    return tuple(-(-a // b) + 1 for a, b in zip(steps, s))
