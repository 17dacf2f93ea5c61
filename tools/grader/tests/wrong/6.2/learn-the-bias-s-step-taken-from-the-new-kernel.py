# The bias's step taken from the new kernel
# answer: learn
# loses: learn-any learn-visible


def learn(X, Y, K, b, rate, steps):
    losses = []
    for _ in range(steps):
        error = d2lconv.corr2d(X, K) + b - Y
        losses.append(float((error**2).sum()))
        K = K - 2 * rate * d2lconv.corr2d(X, error)
        b = b - 2 * rate * float((d2lconv.corr2d(X, K) + b - Y).sum())
    return K, b, losses
