# The gradient of the sum, not of the squares
# answer: autograd
# loses: autograd-any autograd-visible


def corr2d_gradient(X, K):
    K.attach_grad()
    with autograd.record():
        l = d2lconv.corr2d(X, K).sum()
    l.backward()
    return K.grad
