# Strides forgotten, the padding
# answer: same
# loses: same-strides same-visible


def same_padding(n, k, s):
    return tuple((size // 2, (size - 1) // 2) for size in k)
