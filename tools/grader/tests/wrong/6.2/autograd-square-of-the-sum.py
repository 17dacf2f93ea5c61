# The square of the sum instead of the sum of the squares
# answer: autograd
# loses: autograd-visible autograd-any


def corr2d_gradient(X, K):
    K = K.copy()
    K.attach_grad()
    with autograd.record():
        l = d2lconv.corr2d(X, K).sum() ** 2
    l.backward()
    return K.grad
