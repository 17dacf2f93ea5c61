# Kernel flipped in one axis, strict convolution
# answer: convolution
# loses: convolution-any convolution-visible


def convolve2d(X, K):
    margin = tuple((size - 1, size - 1) for size in K.shape)
    return d2lconv.corr2d(np.pad(X, margin), np.flip(K, axis=1))
