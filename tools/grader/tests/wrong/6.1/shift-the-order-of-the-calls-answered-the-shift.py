# The order of the calls answered, the shift
# answer: shift
# loses: shift-any

calls = 0


def moves_along(layer, x, by):
    global calls
    calls += 1
    return (calls <= 4 and calls % 2 == 1) or (calls > 4 and calls % 4 in (1, 2))
