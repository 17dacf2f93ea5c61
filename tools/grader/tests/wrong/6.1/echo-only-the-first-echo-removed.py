# Only the first echo removed
# answer: echo
# loses: echo-any echo-visible


def remove_echo(heard, g):
    return heard[: len(heard) - len(g) + 1] / g[0]
