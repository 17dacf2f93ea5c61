# Whether the layer is a convolution is never checked
# answer: weights
# loses: weights-visible weights-kernel


def kernel_from_dense(W, delta):
    return W[delta, delta, : 2 * delta + 1, : 2 * delta + 1]
