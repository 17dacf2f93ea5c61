# The loop of section 6.2.1, which autograd refuses
# answer: autograd
# loses: autograd-any autograd-visible


def corr2d_gradient(X, K):
    K.attach_grad()
    with autograd.record():
        l = (d2lconv.corr2d_loop(X, K) ** 2).sum()
    l.backward()
    return K.grad
