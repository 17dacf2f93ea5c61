# Time downwards, the spectrogram
# answer: spectrogram
# loses: spectrogram-any spectrogram-visible


def spectrogram(sound, size, step):
    starts = range(0, len(sound) - size + 1, step)
    rows = [abs(numpy.fft.rfft(sound.asnumpy()[i : i + size])) for i in starts]
    return np.array(numpy.array(rows), dtype="float32")
