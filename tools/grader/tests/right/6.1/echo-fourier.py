# Division of the Fourier transforms
# answer: echo


def remove_echo(heard, g):
    n = len(heard)
    f = numpy.fft.irfft(numpy.fft.rfft(heard.asnumpy(), n) / numpy.fft.rfft(g.asnumpy(), n), n)
    return np.array(f[: n - len(g) + 1], dtype="float32")
