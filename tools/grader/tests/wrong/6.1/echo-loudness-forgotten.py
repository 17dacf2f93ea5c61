# The first sound is subtracted, but never divided by g[0]
# answer: echo
# loses: echo-visible echo-any


def remove_echo(heard, g):
    f = heard[: len(heard) - len(g) + 1].copy()
    for i in range(len(f)):
        for a in range(1, min(i + 1, len(g))):
            f[i] = f[i] - g[a] * f[i - a]
    return f
