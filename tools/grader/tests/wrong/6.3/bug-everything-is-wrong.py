# Everything is wrong
# answer: bug
# loses: bug-kernel bug-padding bug-strides bug-visible


def is_right(layer):
    return False
