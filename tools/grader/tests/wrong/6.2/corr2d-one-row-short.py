# One row short
# answer: corr2d
# loses: corr2d-images corr2d-kernels corr2d-visible


def corr2d(X, K):
    return d2lconv.corr2d(X, K)[:-1]
