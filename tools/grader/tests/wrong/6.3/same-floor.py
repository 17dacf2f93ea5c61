# The wanted size is rounded down
# answer: same
# loses: same-strides


def same_padding(n, k, s):
    totals = [max((max(n // s, 1) - 1) * s + k - n, 0) for n, k, s in zip(n, k, s)]
    return tuple((total - total // 2, total // 2) for total in totals)
