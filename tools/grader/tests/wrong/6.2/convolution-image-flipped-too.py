# Image and kernel are both flipped
# answer: convolution
# loses: convolution-visible convolution-any


def convolve2d(X, K):
    margin = tuple((size - 1, size - 1) for size in K.shape)
    X, K = np.flip(X, axis=(0, 1)), np.flip(K, axis=(0, 1))
    return d2lconv.corr2d(np.pad(X, margin), K)
