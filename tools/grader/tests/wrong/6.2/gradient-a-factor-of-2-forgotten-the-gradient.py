# A factor of 2 forgotten, the gradient
# answer: gradient
# loses: gradient-kernel gradient-visible


def kernel_gradient(X, K, Y):
    return d2lconv.corr2d(X, d2lconv.corr2d(X, K) - Y)
