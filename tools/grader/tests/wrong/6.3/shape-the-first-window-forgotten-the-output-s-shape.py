# The first window forgotten, the output's shape
# answer: shape
# loses: shape-axes shape-ceil shape-floor shape-padding shape-visible


def output_shape(n, k, p, s, rounding):
    sizes = [(n[i] + 2 * p[i] - k[i]) / s[i] for i in (0, 1)]
    rounded = numpy.floor if rounding == "floor" else numpy.ceil
    return tuple(int(rounded(size)) for size in sizes)
