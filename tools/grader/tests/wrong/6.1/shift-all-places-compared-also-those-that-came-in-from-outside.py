# All places compared, also those that came in from outside
# answer: shift
# loses: shift-any shift-visible


def moves_along(layer, x, by):
    moved = layer(np.roll(x, by, axis=(0, 1)))
    return bool((moved == np.roll(layer(x), by, axis=(0, 1))).all())
