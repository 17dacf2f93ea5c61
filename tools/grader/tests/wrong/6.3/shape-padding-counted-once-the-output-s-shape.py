# Padding counted once, the output's shape
# answer: shape
# loses: shape-padding shape-ceil


def output_shape(n, k, p, s, rounding):
    pairs = []
    for i in (0, 1):
        steps = (n[i] + p[i] - k[i]) / s[i]
        rounded = numpy.floor(steps) if rounding == "floor" else numpy.ceil(steps)
        pairs.append(int(rounded) + 1)
    return tuple(pairs)
