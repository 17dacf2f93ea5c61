# The squared distance, by two correlations, is 0
# answer: count


def count_pattern(image, pattern):
    distance = d2lconv.corr2d(image**2, np.ones_like(pattern)) - 2 * d2lconv.corr2d(image, pattern)
    return int((distance + (pattern**2).sum() == 0).sum())
