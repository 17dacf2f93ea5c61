# Count the windows one by one
# answer: shape


def output_shape(n, k, p, s, rounding):
    found = []
    for n, k, p, s in zip(n, k, p, s):
        count, end = 1, k
        while end + s <= n + 2 * p:
            count, end = count + 1, end + s
        found.append(count + (rounding == "ceil" and end < n + 2 * p))
    return found
