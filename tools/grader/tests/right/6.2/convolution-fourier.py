# The product of the Fourier transforms
# answer: convolution


def convolve2d(X, K):
    shape = [n + k - 1 for n, k in zip(X.shape, K.shape)]
    product = numpy.fft.rfft2(X.asnumpy(), shape) * numpy.fft.rfft2(K.asnumpy(), shape)
    return np.array(numpy.round(numpy.fft.irfft2(product, shape)), dtype="float32")
