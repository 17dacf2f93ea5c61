# Height and width mixed up, the strides'
# answer: shape
# loses: shape-axes


def output_shape(n, k, p, s, rounding):
    pairs = []
    for i in (0, 1):
        steps = (n[i] + 2 * p[i] - k[i]) / s[1 - i]
        rounded = numpy.floor(steps) if rounding == "floor" else numpy.ceil(steps)
        pairs.append(int(rounded) + 1)
    return tuple(pairs)
