"""Cross-correlation, a convolutional layer made of it, and the shape of what comes out.

Each function, and `Conv2D` together with `corr2d`, can be copied out of this file: the source
alone works under the two import lines below. That is why each one checks its own input.
"""

from mxnet import autograd, np, npx  # noqa: F401 - the two lines of the text, as a whole
from mxnet.gluon import nn


def corr2d(X: np.ndarray, K: np.ndarray, bias: "np.ndarray | None" = None) -> np.ndarray:
    """Cross-correlate an image with a kernel, without padding (section 6.2.1).

    ``Y[i, j]`` is the sum of ``X[i : i + k_h, j : j + k_w] * K``, plus `bias`. That is what
    `corr2d_loop` computes, but in one operation of MXNet: fast, and with a gradient for each
    argument under ``autograd.record()``.

    Parameters
    ----------
    X
        Image, shape (n_h, n_w), float32 or float64.
    K
        Kernel, shape (k_h, k_w), no larger than ``X``.
    bias
        One number for all elements, shape (1,). All arguments have the same dtype.

    Returns
    -------
    Y : mxnet.np.ndarray
        Shape (n_h - k_h + 1, n_w - k_w + 1), dtype and context of ``X``. Its error is at most
        ``k_h * k_w / 2`` times the dtype's epsilon times the sum of ``|X| * |K|``; whole numbers
        are exact as long as their sums are. NaN and infinity make those elements NaN or infinite
        whose window holds them, and no others.

    Raises
    ------
    TypeError
        An argument is not an MXNet array (a list, a NumPy array), has another dtype
        (integers, bool, float16), or the dtypes differ.
    ValueError
        ``X`` or ``K`` does not have two axes, is empty, or ``K`` is larger than ``X``;
        `bias` has another shape than (1,).
    RuntimeError
        ``npx.set_np()`` has not been called.
    """
    if not npx.is_np_array():
        raise RuntimeError("corr2d works on MXNet's NumPy arrays: call npx.set_np() first")
    arguments = {"X": X, "K": K} if bias is None else {"X": X, "K": K, "bias": bias}
    for name, array in arguments.items():
        if not isinstance(array, np.ndarray):
            raise TypeError(
                f"{name} must be an mxnet.np array, got {type(array)}: np.array({name})"
            )
        shape, dtype = array.shape, array.dtype
        if name == "bias" and shape != (1,):
            raise ValueError(f"bias must be one number of shape (1,), got shape {shape}")
        if name != "bias" and (len(shape) != 2 or 0 in shape):
            raise ValueError(
                f"{name} must have a height and a width of 1 or more, got shape {shape}"
            )
        if dtype not in ("float32", "float64"):
            raise TypeError(
                f"{name} must be float32 or float64, got {dtype}: {name}.astype('float32')"
            )
        if name != "X" and dtype != X.dtype:
            raise TypeError(f"{name} must have the dtype of X, {X.dtype}, got {dtype}")
    (n_h, n_w), (k_h, k_w) = X.shape, K.shape
    if k_h > n_h or k_w > n_w:
        raise ValueError(
            f"K must fit into X, got a K of shape {K.shape} and an X of shape {X.shape}"
        )

    height, width = n_h - k_h + 1, n_w - k_w + 1
    # MXNet's convolution with one filter is good while pixels or taps are few; beyond, it needs
    # ever longer for each tap. Cut into 8 stripes of rows, as 8 channels with a copy of K each, X
    # fills the processor's vectors of 8.
    taps, vectors = k_h * k_w, dtype == "float32"
    few = taps < 4 or height * width * taps**2 < 5_000_000
    # float64 has no such code, and takes k_h * k_w times the memory: little by little, then.
    stripes = 1 if few else 8 if vectors else -(-height // 8)
    channels, rows = stripes if vectors else 1, -(-height // stripes)  # rows of Y in a stripe
    if stripes > 1:  # a stripe of X has k_h - 1 rows more; the last one repeats the last row
        index = [[i * rows + j for j in range(rows + k_h - 1)] for i in range(stripes)]
        X = np.take(X, np.array(index, ctx=X.ctx), axis=0, mode="clip")
        K = np.broadcast_to(K, (channels, k_h, k_w))
        bias = bias if bias is None else np.broadcast_to(bias, (channels,))
    Y = npx.convolution(
        data=X.reshape_view(stripes // channels, channels, rows + k_h - 1, n_w),
        weight=K.reshape_view(channels, 1, k_h, k_w),
        bias=bias,
        no_bias=bias is None,
        kernel=(k_h, k_w),
        num_filter=channels,
        num_group=channels,
    ).reshape_view(stripes * rows, width)
    return Y[:height] if stripes * rows > height else Y


def corr2d_loop(X: np.ndarray, K: np.ndarray) -> np.ndarray:
    """Cross-correlate an image with a kernel by definition, window by window (section 6.2.1).

    This is the text's function: to read, and to test `corr2d` against. It is slow (some 50
    seconds for 224 x 224 pixels) and has no gradient. Its result is always float32.

    Parameters
    ----------
    X
        Image, shape (n_h, n_w).
    K
        Kernel, shape (k_h, k_w), no larger than ``X``.

    Returns
    -------
    Y : mxnet.np.ndarray
        Shape (n_h - k_h + 1, n_w - k_w + 1), float32, on the context of ``X``.

    Raises
    ------
    TypeError
        ``X`` or ``K`` is not an MXNet array.
    ValueError
        ``X`` or ``K`` does not have two axes, is empty, or ``K`` is larger than ``X``.
    RuntimeError
        ``npx.set_np()`` has not been called.
    """
    if not npx.is_np_array():
        raise RuntimeError("corr2d_loop works on MXNet's NumPy arrays: call npx.set_np() first")
    for name, array in (("X", X), ("K", K)):
        if not isinstance(array, np.ndarray):
            raise TypeError(
                f"{name} must be an mxnet.np array, got {type(array)}: np.array({name})"
            )
        if array.ndim != 2 or array.size == 0:
            raise ValueError(
                f"{name} must have a height and a width of 1 or more, got shape {array.shape}"
            )
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError(
            f"K must fit into X, got a K of shape {K.shape} and an X of shape {X.shape}"
        )
    Y = np.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1), ctx=X.ctx)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


class Conv2D(nn.Block):
    """A convolutional layer for one channel: ``corr2d(x, weight) + bias`` (section 6.2.2).

    It takes an image of shape (n_h, n_w), without batch and channel axes, and has two parameters:
    ``weight`` of shape `kernel_size` and ``bias`` of shape (1,). Both are drawn at random by
    ``initialize()``, float32 unless the block is cast. Applied to an image, the layer raises what
    `corr2d` raises, too.

    Parameters
    ----------
    kernel_size
        (k_h, k_w), or an int for a square kernel.
    **kwargs
        What every Gluon block takes (``prefix``, ``params``).

    Raises
    ------
    TypeError
        `kernel_size` is not an int or a pair of ints.
    ValueError
        `kernel_size` has not one or two numbers, or one below 1.
    RuntimeError
        ``npx.set_np()`` has not been called; or, when the layer is applied, Gluon finds
        it not initialized (on the context of the image).
    """

    def __init__(self, kernel_size: "int | tuple[int, int]", **kwargs) -> None:
        if not npx.is_np_array():
            raise RuntimeError("Conv2D works on MXNet's NumPy arrays: call npx.set_np() first")
        shape = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        if not isinstance(shape, (tuple, list)) or any(type(size) is not int for size in shape):
            raise TypeError(f"kernel_size must be an int or a pair of ints, got {kernel_size!r}")
        if len(shape) != 2 or min(shape) < 1:
            raise ValueError(
                f"kernel_size must be one or two numbers of 1 or more, got {kernel_size!r}"
            )
        super().__init__(**kwargs)
        self.weight = self.params.get("weight", shape=tuple(shape))
        self.bias = self.params.get("bias", shape=(1,))

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Apply the layer: (n_h, n_w) -> (n_h - k_h + 1, n_w - k_w + 1)."""
        ctx = getattr(x, "ctx", None)  # what is no MXNet array has none, and corr2d says so
        weight, bias = self.weight.data(ctx), self.bias.data(ctx)
        # load_parameters() leaves arrays of MXNet's older kind. corr2d adds the bias: the gradient
        # of `+ bias` would take MXNet longer than the whole convolution.
        return corr2d(x, weight.as_np_ndarray(), bias.as_np_ndarray())

    def __repr__(self) -> str:
        return f"Conv2D(kernel_size={self.weight.shape})"


def comp_conv2d(conv2d: nn.Block, X: np.ndarray) -> np.ndarray:
    """Apply a Gluon layer to one image without batch and channel axes (section 6.3.1).

    Parameters
    ----------
    conv2d
        A layer from one channel to one channel, such as ``nn.Conv2D(1, kernel_size=3)``. It is
        initialized on the context of `X`; parameters that it has already are kept.
    X
        Image, shape (n_h, n_w), of the layer's dtype (float32 unless it was cast).

    Returns
    -------
    Y : mxnet.np.ndarray
        The layer's one feature map, two axes, dtype and context of `X`.

    Raises
    ------
    TypeError
        `conv2d` is not a Gluon block, or `X` is not an MXNet array.
    ValueError
        `X` does not have two axes or is empty, the layer can't be applied to it (it wants
        several channels, another dtype, a larger image, an image without the two axes), or it
        gives more than one feature map.
    RuntimeError
        ``npx.set_np()`` has not been called.
    """
    import warnings

    if not npx.is_np_array():
        raise RuntimeError("comp_conv2d works on MXNet's NumPy arrays: call npx.set_np() first")
    if not isinstance(conv2d, nn.Block):
        raise TypeError(f"conv2d must be a Gluon block, got {type(conv2d)}")
    if not isinstance(X, np.ndarray):
        raise TypeError(f"X must be an mxnet.np array, got {type(X)}: np.array(X)")
    if X.ndim != 2 or X.size == 0:
        raise ValueError(f"X must have a height and a width of 1 or more, got shape {X.shape}")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Parameter .* is already initialized")
        conv2d.initialize(ctx=X.ctx)
    try:
        Y = conv2d(X.reshape((1, 1) + X.shape))
        Y.wait_to_read()  # MXNet computes later: let what fails fail here
    except (RuntimeError, ValueError, TypeError) as error:
        raise ValueError(
            f"conv2d={conv2d} can't be applied to an image of one channel, "
            f"X of shape {X.shape} and {X.dtype}"
        ) from error
    if Y.ndim != 4 or Y.shape[:2] != (1, 1):
        raise ValueError(
            f"conv2d={conv2d} must give one feature map, shape (1, 1, height, width), got {Y.shape}"
        )
    return Y.reshape(Y.shape[2:])


def conv2d_output_shape(
    input_shape: "tuple[int, int]",
    kernel_size: "int | tuple[int, int]",
    padding: "int | tuple[int, int]" = 0,
    strides: "int | tuple[int, int]" = 1,
) -> "tuple[int, int]":
    """Give the height and width of a convolution's output (section 6.3).

    Along each axis: ``floor((n - k + 2 * padding + stride) / stride)``. The text's p_h and p_w are
    totals over both sides; Gluon's `padding`, and this one, is per side.

    Parameters
    ----------
    input_shape, kernel_size, padding, strides
        Numbers of pixels, (height, width), or an int for
        both. `padding` is 0 or more, the others 1 or more.

    Returns
    -------
    tuple of two ints
        Height and width, equal to what ``nn.Conv2D`` gives.

    Raises
    ------
    TypeError
        An argument is not an int or a pair of ints.
    ValueError
        An argument has not one or two numbers, one is too small, or the kernel is larger
        than the padded input, which leaves no output.
    """
    pairs = []
    for name, value, least in (
        ("input_shape", input_shape, 1),
        ("kernel_size", kernel_size, 1),
        ("padding", padding, 0),
        ("strides", strides, 1),
    ):
        pair = (value, value) if isinstance(value, int) else value
        if not isinstance(pair, (tuple, list)) or any(type(size) is not int for size in pair):
            raise TypeError(f"{name} must be an int or a pair of ints, got {value!r}")
        if len(pair) != 2 or min(pair) < least:
            raise ValueError(f"{name} must be one or two numbers of {least} or more, got {value!r}")
        pairs.append(pair)
    shape = tuple((n - k + 2 * p + s) // s for n, k, p, s in zip(*pairs))
    if min(shape) < 1:
        raise ValueError(
            f"kernel_size {kernel_size} leaves no output: it is larger than the input_shape "
            f"{input_shape} with a padding of {padding} per side"
        )
    return shape
