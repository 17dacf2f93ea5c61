# Record the function of the exercise before
# answer: autograd


def corr2d_gradient(X, K):
    leaf = K.copy()
    leaf.attach_grad()
    with autograd.record():
        Y = corr2d(X, leaf)
        l = (Y * Y).sum()
    l.backward()
    return leaf.grad
