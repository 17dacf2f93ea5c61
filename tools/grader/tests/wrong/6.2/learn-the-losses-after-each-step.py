# The losses after each step
# answer: learn
# loses: learn-any learn-visible


def learn(X, Y, K, b, rate, steps):
    losses = []
    for _ in range(steps):
        error = d2lconv.corr2d(X, K) + b - Y
        K = K - 2 * rate * d2lconv.corr2d(X, error)
        b = b - 2 * rate * float(error.sum())
        losses.append(float(((d2lconv.corr2d(X, K) + b - Y) ** 2).sum()))
    return K, b, losses
