# Windows that never overlap, the spectrogram
# answer: spectrogram
# loses: spectrogram-any


def spectrogram(sound, size, step):
    starts = range(0, len(sound) - size + 1, size)
    columns = [abs(numpy.fft.rfft(sound.asnumpy()[i : i + size])) for i in starts]
    return np.array(numpy.array(columns).T, dtype="float32")
