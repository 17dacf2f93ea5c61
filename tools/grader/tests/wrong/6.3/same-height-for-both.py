# The height's padding for both axes
# answer: same
# loses: same-visible same-one same-strides


def same_padding(n, k, s):
    total = max((-(-n[0] // s[0]) - 1) * s[0] + k[0] - n[0], 0)
    return ((total - total // 2, total // 2),) * 2
