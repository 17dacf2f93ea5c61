# The highest score is returned, not how often it occurs
# answer: count
# loses: count-visible count-any


def count_pattern(image, pattern):
    return int(d2lconv.corr2d(image, 2 * pattern - 1).max())
