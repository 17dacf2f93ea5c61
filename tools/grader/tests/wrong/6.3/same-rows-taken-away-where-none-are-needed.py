# Rows taken away where none are needed
# answer: same
# loses: same-strides


def same_padding(n, k, s):
    totals = [(-(-n // s) - 1) * s + k - n for n, k, s in zip(n, k, s)]
    return tuple((total - total // 2, total // 2) for total in totals)
