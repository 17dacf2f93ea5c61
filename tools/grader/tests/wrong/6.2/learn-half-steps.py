# Half the gradient
# answer: learn
# loses: learn-visible learn-any


def learn(X, Y, K, b, rate, steps):
    losses = []
    for _ in range(steps):
        error = d2lconv.corr2d(X, K) + b - Y
        losses.append(float((error**2).sum()))
        K, b = K - rate * d2lconv.corr2d(X, error), b - rate * float(error.sum())
    return K, b, losses
