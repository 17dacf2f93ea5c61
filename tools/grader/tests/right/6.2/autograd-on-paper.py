# The formula, worked out on paper
# answer: autograd


def corr2d_gradient(X, K):
    Y = d2lconv.corr2d(X, K)
    gradient = np.zeros_like(K)
    for a, b in numpy.ndindex(*K.shape):
        gradient[a, b] = 2 * (Y * X[a : a + Y.shape[0], b : b + Y.shape[1]]).sum()
    return gradient
