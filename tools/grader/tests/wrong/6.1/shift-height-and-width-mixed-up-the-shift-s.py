# Height and width mixed up, the shift's
# answer: shift
# loses: shift-any shift-visible


def moves_along(layer, x, by):
    (h, w), (right, down) = x.shape, by
    ours, theirs = layer(x).asnumpy(), layer(np.roll(x, by, axis=(0, 1))).asnumpy()
    return all(
        ours[i, j] == theirs[i + down, j + right]
        for i in range(max(0, -down), min(h, h - down))
        for j in range(max(0, -right), min(w, w - right))
    )
