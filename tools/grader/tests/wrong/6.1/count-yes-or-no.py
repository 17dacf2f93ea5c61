# Whether the pattern occurs, not how often
# answer: count
# loses: count-visible count-any


def count_pattern(image, pattern):
    score = d2lconv.corr2d(image, 2 * pattern - 1)
    return int((score == pattern.sum()).any())
