# The larger half last, the padding
# answer: same
# loses: same-one same-strides same-visible


def same_padding(n, k, s):
    totals = [max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(n, k, s)]
    return tuple((total // 2, total - total // 2) for total in totals)
