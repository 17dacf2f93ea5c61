# Zeros at the end are left in place
# answer: echo
# loses: echo-visible echo-any


def remove_echo(heard, g):
    f = np.zeros(len(heard))
    for i in range(len(f)):
        f[i] = (heard[i] - sum(g[a] * f[i - a] for a in range(1, min(i + 1, len(g))))) / g[0]
    return f
