# The bias left alone
# answer: learn
# loses: learn-any learn-visible


def learn(X, Y, K, b, rate, steps):
    losses = []
    for _ in range(steps):
        error = d2lconv.corr2d(X, K) + b - Y
        K = K - 2 * rate * d2lconv.corr2d(X, error)
        losses.append(float((error**2).sum()))
    return K, b, losses
