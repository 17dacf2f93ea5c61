# The gradient for the image instead of the kernel
# answer: autograd
# loses: autograd-visible autograd-any


def corr2d_gradient(X, K):
    X = X.copy()
    X.attach_grad()
    with autograd.record():
        l = (d2lconv.corr2d(X, K) ** 2).sum()
    l.backward()
    return X.grad
