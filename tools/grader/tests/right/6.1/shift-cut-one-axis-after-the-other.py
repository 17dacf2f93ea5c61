# Cut rows, then columns
# answer: shift


def moves_along(layer, x, by):
    def overlap(a, b, d):
        return (a[: len(a) - d], b[d:]) if d >= 0 else (a[-d:], b[: len(b) + d])

    a, b = layer(x).asnumpy(), layer(np.roll(x, by, axis=(0, 1))).asnumpy()
    a, b = overlap(a, b, by[0])
    a, b = overlap(a.T, b.T, by[1])
    return numpy.array_equal(a, b)
