# Every pixel doubled, whatever the kernel
# answer: half
# loses: half-visible half-any


def enlarge(X, K):
    return np.repeat(np.repeat(X, 2, axis=0), 2, axis=1)
