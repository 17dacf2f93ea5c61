# Try one total after another
# answer: same


def same_padding(n, k, s):
    found = []
    for n, k, s in zip(n, k, s):
        total = 0
        while n + total < k or (n + total - k) // s + 1 < -(-n // s):
            total += 1
        found.append((total - total // 2, total // 2))
    return found
