# The best positions are counted, even if they are no match
# answer: count
# loses: count-any


def count_pattern(image, pattern):
    score = d2lconv.corr2d(image, 2 * pattern - 1)
    return int((score == score.max()).sum())
