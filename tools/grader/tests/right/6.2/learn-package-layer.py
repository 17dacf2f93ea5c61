# The package's layer and autograd
# answer: learn


def learn(X, Y, K, b, rate, steps):
    layer = d2lconv.Conv2D(K.shape)
    layer.initialize()
    layer.weight.set_data(K)
    layer.bias.set_data(np.array([b]))
    losses = []
    for _ in range(steps):
        with autograd.record():
            l = ((layer(X) - Y) ** 2).sum()
        l.backward()
        for parameter in (layer.weight, layer.bias):
            parameter.set_data(parameter.data() - rate * parameter.grad())
        losses.append(l.item())
    return layer.weight.data(), layer.bias.data().item(), losses
