# Compare the windows themselves
# answer: count


def count_pattern(image, pattern):
    view = numpy.lib.stride_tricks.sliding_window_view(image.asnumpy(), pattern.shape)
    return int((view == pattern.asnumpy()).all(axis=(2, 3)).sum())
