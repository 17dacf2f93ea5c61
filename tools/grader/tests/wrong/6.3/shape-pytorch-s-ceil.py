# A window that starts in the padding isn't counted
# answer: shape
# loses: shape-ceil


def output_shape(n, k, p, s, rounding):
    def size(n, k, p, s):
        count = (n + 2 * p - k) // s + 1
        more = rounding == "ceil" and (n + 2 * p - k) % s > 0 and count * s < n + p
        return count + more

    return tuple(map(size, n, k, p, s))
