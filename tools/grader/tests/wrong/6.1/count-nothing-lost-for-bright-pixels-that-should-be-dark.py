# Nothing lost for bright pixels that should be dark
# answer: count
# loses: count-any count-visible


def count_pattern(image, pattern):
    return int((d2lconv.corr2d(image, pattern) == pattern.sum()).sum())
