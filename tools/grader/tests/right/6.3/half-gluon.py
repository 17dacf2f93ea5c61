# Gluon's transposed convolution, with the kernel flipped
# answer: half

from mxnet.gluon import nn


def enlarge(X, K):
    layer = nn.Conv2DTranspose(1, K.shape, strides=2, in_channels=1, use_bias=False)
    layer.initialize()
    layer.weight.set_data(np.flip(K, axis=(0, 1))[None, None])
    return layer(X[None, None])[0, 0]
