# One pixel compared
# answer: shift
# loses: shift-any


def moves_along(layer, x, by):
    (h, w), (down, right) = x.shape, by
    i, j = h // 2, w // 2
    moved = layer(np.roll(x, by, axis=(0, 1)))
    return bool(moved[i + down, j + right] == layer(x)[i, j])
