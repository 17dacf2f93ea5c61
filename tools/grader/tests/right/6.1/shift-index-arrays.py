# Compare by arrays of indices
# answer: shift


def moves_along(layer, x, by):
    i, j = numpy.indices(x.shape)
    inside = (
        (i + by[0] >= 0) & (i + by[0] < x.shape[0]) & (j + by[1] >= 0) & (j + by[1] < x.shape[1])
    )
    i, j = i[inside], j[inside]
    before, after = layer(x).asnumpy(), layer(np.roll(x, by, axis=(0, 1))).asnumpy()
    return bool((before[i, j] == after[i + by[0], j + by[1]]).all())
