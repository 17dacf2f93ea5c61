# By the remainder of the size
# answer: same


def same_padding(n, k, s):
    def halves(n, k, s):
        total = max(k - (n % s or s), 0)
        return (total + 1) // 2, total // 2

    return tuple(map(halves, n, k, s))
