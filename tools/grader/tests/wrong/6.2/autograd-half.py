# The factor of 2 is missing
# answer: autograd
# loses: autograd-visible autograd-any


def corr2d_gradient(X, K):
    return d2lconv.corr2d(X, d2lconv.corr2d(X, K))
