# The kernel read off one output, whatever the others say
# answer: weights
# loses: weights-kernel weights-visible


def kernel_from_dense(W, delta):
    return W[delta, delta, : 2 * delta + 1, : 2 * delta + 1]
