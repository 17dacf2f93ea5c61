# Only down and to the right, the shift
# answer: shift
# loses: shift-any shift-visible


def moves_along(layer, x, by):
    (h, w), (down, right) = x.shape, by
    moved = layer(np.roll(x, by, axis=(0, 1)))[down:, right:]
    return bool((moved == layer(x)[: h - down, : w - right]).all())
