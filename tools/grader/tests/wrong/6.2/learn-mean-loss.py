# The mean of the squares instead of their sum
# answer: learn
# loses: learn-visible learn-any


def learn(X, Y, K, b, rate, steps):
    losses = []
    for _ in range(steps):
        error = d2lconv.corr2d(X, K) + b - Y
        losses.append(float((error**2).mean()))
        gradient = d2lconv.corr2d(X, error) / error.size
        K, b = K - 2 * rate * gradient, b - 2 * rate * float(error.mean())
    return K, b, losses
