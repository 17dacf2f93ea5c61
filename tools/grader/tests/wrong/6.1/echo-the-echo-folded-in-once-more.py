# The echo folded in once more
# answer: echo
# loses: echo-any echo-visible


def remove_echo(heard, g):
    return np.array(numpy.convolve(heard.asnumpy(), g.asnumpy(), "valid"))
