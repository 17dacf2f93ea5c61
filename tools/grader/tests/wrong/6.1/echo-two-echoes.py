# Only the first two echoes are removed
# answer: echo
# loses: echo-any


def remove_echo(heard, g):
    n = len(heard) - len(g) + 1
    g, f = g[:3], np.zeros(n)
    for i in range(n):
        f[i] = (heard[i] - sum(g[b] * f[i - b] for b in range(1, min(i + 1, len(g))))) / g[0]
    return f
