# Only where the kernel lies inside, strict convolution
# answer: convolution
# loses: convolution-any convolution-visible


def convolve2d(X, K):
    return d2lconv.corr2d(X, np.flip(K, axis=(0, 1)))
