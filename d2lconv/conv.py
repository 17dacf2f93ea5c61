"""Cross-correlation, a convolutional layer that uses it, and the shape of its output.

You can copy each function out of this file, and `Conv2D` together with `corr2d`: the source needs
only the two import lines below. So each function checks its own input and quotes its types.
"""

from mxnet import autograd, np, npx  # noqa: F401 - the text's two import lines
from mxnet.gluon import nn


def corr2d_loop(X: np.ndarray, K: np.ndarray) -> np.ndarray:
    """Cross-correlate an image with a kernel as Section 6.2.1 defines it, window by window.

    This is the text's function. It is slow, returns float32, and has no checks and no gradient.
    """
    h, w = K.shape
    Y = np.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


def corr2d(X: np.ndarray, K: np.ndarray, bias: "np.ndarray | None" = None) -> np.ndarray:
    """Cross-correlate an image with a kernel, without padding (Section 6.2.1).

    `Y[i, j]` is the sum of `X[i : i + k_h, j : j + k_w] * K`, plus `bias`. Unlike `corr2d_loop`,
    it is one fast MXNet operation and has a gradient for each argument.

    Parameters
    ----------
    X, K : mxnet.np.ndarray of shape (n_h, n_w) and (k_h, k_w)
        Image and kernel, float32 or float64; the kernel must fit into the image.
    bias : mxnet.np.ndarray of shape (1,), optional
        A number to add to all elements. All arguments must have the same dtype.

    Returns
    -------
    mxnet.np.ndarray of shape (n_h - k_h + 1, n_w - k_w + 1)
        `Y`, with the dtype and context of `X`. Its error is at most `k_h * k_w / 2` times the
        dtype's epsilon times the sum of `|X| * |K|`. Results of whole numbers are exact as long as
        their sums are. NaN and infinity affect only elements whose window contains them.

    Raises
    ------
    TypeError
        If an argument isn't an MXNet array of float32 or float64, or doesn't have X's dtype.
    ValueError
        If `X` or `K` isn't two-dimensional or is empty, if `K` doesn't fit into `X`, or if the
        shape of `bias` isn't (1,).
    RuntimeError
        If `npx.set_np()` has not been called.

    Examples
    --------
    >>> X = np.array([[0, 1, 2], [3, 4, 5], [6, 7, 8]])
    >>> corr2d(X, np.array([[0, 1], [2, 3]]))
    array([[19., 25.],
           [37., 43.]])
    """
    if not npx.is_np_array():
        raise RuntimeError("corr2d works on MXNet's NumPy arrays: call npx.set_np() first")
    arguments = [("X", X), ("K", K)] if bias is None else [("X", X), ("K", K), ("bias", bias)]
    for name, array in arguments:
        if not isinstance(array, np.ndarray):
            make = f"mxnet.np.array({name})"
            if hasattr(array, "stype"):  # an mxnet.nd array
                dense = name if array.stype == "default" else f"{name}.tostype('default')"
                make = f"{dense}.as_np_ndarray()"
            raise TypeError(f"{name} must be an array of mxnet.np, {make}, got {type(array)}")
        dtype = array.dtype
        if dtype not in ("float32", "float64"):
            raise TypeError(
                f"{name} must be float32 or float64, {name}.astype('float32'), got {dtype}"
            )
        if dtype != X.dtype:
            raise TypeError(f"{name} must have the dtype of X, {X.dtype}, got {dtype}")
    for name, shape in (("X", X.shape), ("K", K.shape)):
        if len(shape) != 2 or 0 in shape:
            raise ValueError(f"{name} must have two axes (height, width) of 1 or more, got {shape}")
    if bias is not None and bias.shape != (1,):
        raise ValueError(f"bias must be one number of shape (1,), got shape {bias.shape}")
    (n_h, n_w), (k_h, k_w) = X.shape, K.shape
    if k_h > n_h or k_w > n_w:
        raise ValueError(f"K must fit into X, got K of shape {K.shape}, X of shape {X.shape}")

    # MXNet is faster if Y is cut into stripes of rows and computed as a batch or as channels.
    height, width, taps = n_h - k_h + 1, n_w - k_w + 1, k_h * k_w
    small = taps < 4 or height * width * taps**2 < 5_000_000
    if small:  # no stripes: cutting them would take longer than it saves
        batch, channels = 1, 1
    elif X.dtype == "float32":  # eight stripes as channels: they fill the processor's vectors of 8
        batch, channels = 1, 8
    else:  # float64, eight rows a stripe: MXNet would copy the whole image k_h * k_w times
        batch, channels = -(-height // 8), 1
    stripes = batch * channels
    rows = -(-height // stripes)  # of Y in a stripe
    if stripes > 1:  # stripes of X have k_h - 1 more rows; mode="clip" repeats the last row
        index = [[i * rows + j for j in range(rows + k_h - 1)] for i in range(stripes)]
        X = np.take(X, np.array(index, ctx=X.ctx), axis=0, mode="clip")
        K = np.broadcast_to(K, (channels, k_h, k_w))
        bias = bias if bias is None else np.broadcast_to(bias, (channels,))
    Y = npx.convolution(
        data=X.reshape_view(batch, channels, rows + k_h - 1, n_w),
        weight=K.reshape_view(channels, 1, k_h, k_w),
        bias=bias,
        no_bias=bias is None,
        kernel=(k_h, k_w),
        num_filter=channels,
        num_group=channels,
    ).reshape_view(stripes * rows, width)
    return Y[:height] if stripes * rows > height else Y


class Conv2D(nn.Block):
    """A convolutional layer for one channel: `corr2d(x, weight) + bias` (Section 6.2.2).

    Apply it to an image of shape (n_h, n_w), without batch and channel axes. `initialize()` draws
    the parameters at random: `weight` of shape `kernel_size` and `bias` of shape (1,), float32
    unless the block is cast. Applied to an image, the layer also raises the errors of `corr2d`.

    Parameters
    ----------
    kernel_size : int or pair of int
        Height and width of the kernel; one number for a square.
    **kwargs
        The arguments of every Gluon block (`prefix`, `params`).

    Raises
    ------
    TypeError
        If `kernel_size` is not an int or a pair of ints.
    ValueError
        If `kernel_size` doesn't have one or two numbers, or a number is below 1.
    RuntimeError
        If `npx.set_np()` hasn't been called, or if the layer isn't initialized on the context of
        the image.
    """

    def __init__(self, kernel_size: "int | tuple[int, int]", **kwargs: object) -> None:
        if not npx.is_np_array():
            raise RuntimeError("Conv2D works on MXNet's NumPy arrays: call npx.set_np() first")
        from numbers import Integral  # Python's integers and NumPy's

        shape = (kernel_size, kernel_size) if isinstance(kernel_size, Integral) else kernel_size
        if not isinstance(shape, (tuple, list)) or any(
            isinstance(size, bool) or not isinstance(size, Integral) for size in shape
        ):
            raise TypeError(f"kernel_size must be an int or a pair of ints, got {kernel_size!r}")
        if len(shape) != 2 or min(shape) < 1:
            raise ValueError(f"kernel_size must be one or two numbers from 1, got {kernel_size!r}")
        super().__init__(**kwargs)
        self.weight = self.params.get("weight", shape=tuple(map(int, shape)))
        self.bias = self.params.get("bias", shape=(1,))

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Apply the layer: (n_h, n_w) -> (n_h - k_h + 1, n_w - k_w + 1)."""
        ctx = getattr(x, "ctx", None)  # if x isn't an MXNet array, corr2d raises the error
        try:
            weight, bias = self.weight.data(ctx), self.bias.data(ctx)
        except RuntimeError:
            raise RuntimeError(
                f"{self} must be initialized where x is: call initialize(ctx=x.ctx) first"
            ) from None
        # load_parameters() leaves mxnet.nd arrays; `+ bias` would have a slow gradient
        return corr2d(x, weight.as_np_ndarray(), bias.as_np_ndarray())

    def __repr__(self) -> str:
        return f"Conv2D(kernel_size={self.weight.shape})"


def comp_conv2d(conv2d: nn.Block, X: np.ndarray) -> np.ndarray:
    """Apply a Gluon layer to one image without batch and channel axes (Section 6.3.1).

    Parameters
    ----------
    conv2d : mxnet.gluon.nn.Block
        A layer from one channel to one channel, such as `nn.Conv2D(1, kernel_size=3)`. It is
        initialized on the context of `X` unless it already has parameters.
    X : mxnet.np.ndarray of shape (n_h, n_w)
        Image with the layer's dtype (float32 unless the layer was cast).

    Returns
    -------
    mxnet.np.ndarray with two axes
        The layer's only feature map, with the dtype and context of `X`.

    Raises
    ------
    TypeError
        If `conv2d` isn't a Gluon block, or `X` isn't an MXNet array.
    ValueError
        If `X` isn't two-dimensional or is empty, if the layer can't process it (because it needs
        more channels, another dtype, a larger image, or two axes), or if the layer returns more
        than one feature map.
    RuntimeError
        If `npx.set_np()` has not been called.
    """
    import re
    import warnings

    if not npx.is_np_array():
        raise RuntimeError("comp_conv2d works on MXNet's NumPy arrays: call npx.set_np() first")
    if not isinstance(conv2d, nn.Block):
        raise TypeError(f"conv2d must be a Gluon block, got {type(conv2d)}")
    if not isinstance(X, np.ndarray):
        make = "mxnet.np.array(X)"
        if hasattr(X, "stype"):  # an mxnet.nd array
            dense = "X" if X.stype == "default" else "X.tostype('default')"
            make = f"{dense}.as_np_ndarray()"
        raise TypeError(f"X must be an array of mxnet.np, {make}, got {type(X)}")
    if X.ndim != 2 or X.size == 0:
        raise ValueError(f"X must have two axes (height, width) of 1 or more, got {X.shape}")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Parameter .* is already initialized")
        conv2d.initialize(ctx=X.ctx)
    try:
        Y = conv2d(X.reshape((1, 1) + X.shape))
        Y.wait_to_read()  # MXNet computes asynchronously: raise its errors here
    except (RuntimeError, ValueError, TypeError) as error:
        # The reason is at the end of MXNet's last line: "... Check failed: (9 vs. 8) : why"
        why = re.split("\n| : |MXNetError: ", str(error).strip())[-1]
        raise ValueError(
            f"conv2d must take X as one channel, got {conv2d} for shape {X.shape} and {X.dtype}: "
            f"{why}"
        ) from None
    if Y.ndim != 4 or Y.shape[:2] != (1, 1):
        raise ValueError(f"conv2d must give one feature map, got {conv2d}, which gives {Y.shape}")
    return Y.reshape(Y.shape[2:])


def conv2d_output_shape(
    input_shape: "int | tuple[int, int]",
    kernel_size: "int | tuple[int, int]",
    padding: "int | tuple[int, int] | str" = 0,
    strides: "int | tuple[int, int]" = 1,
    dilation: "int | tuple[int, int]" = 1,
    ceil: bool = False,
) -> "tuple[int, int]":
    """Return the height and width of a convolution's output (Section 6.3).

    Along each axis: `floor((n + 2 * padding - dilation * (k - 1) - 1) / strides) + 1`. The padding
    is per side, as in Gluon. The text's p_h and p_w are totals over both sides.

    Parameters
    ----------
    input_shape : int or pair of int
        Height and width of the image; from 1. Here and below, one number stands for both.
    kernel_size : int or pair of int
        Height and width of the kernel; from 1.
    padding : int or pair of int, or "same"
        Rows added above and again below, columns added left and again right; from 0. "same" adds
        as many as `ceil(n / strides)` outputs need; opposite sides may then differ by one.
    strides : int or pair of int
        Rows and columns that the window moves at each step; from 1.
    dilation : int or pair of int
        Distance between the pixels that the kernel reads; from 1 (adjacent pixels).
    ceil : bool
        Round up, as Gluon's pooling layers do with `ceil_mode=True`: count one more window for
        leftover pixels. (PyTorch doesn't count it if it starts in the padding after them.)

    Returns
    -------
    pair of int
        Height and width, the same as those of `nn.Conv2D`.

    Raises
    ------
    TypeError
        If an argument isn't an int or a pair of ints, or `padding` is a text other than "same".
    ValueError
        If an argument doesn't have one or two numbers, a number is too small, or the kernel
        doesn't fit.
    """
    from numbers import Integral  # Python's integers and NumPy's

    same = isinstance(padding, str) and padding == "same"
    pairs = []
    for name, value, least in (
        ("input_shape", input_shape, 1),
        ("kernel_size", kernel_size, 1),
        ("padding", 0 if same else padding, 0),
        ("strides", strides, 1),
        ("dilation", dilation, 1),
    ):
        pair = (value, value) if isinstance(value, Integral) else value
        if not isinstance(pair, (tuple, list)) or any(
            isinstance(size, bool) or not isinstance(size, Integral) for size in pair
        ):
            or_same = " or 'same'" if name == "padding" else ""
            raise TypeError(f"{name} must be an int or a pair of ints{or_same}, got {value!r}")
        if len(pair) != 2 or min(pair) < least:
            raise ValueError(f"{name} must be one or two numbers from {least}, got {value!r}")
        pairs.append([int(size) for size in pair])
    shape = []
    for n, k, p, s, d in zip(*pairs):
        room = n - 1 if same else n + 2 * p - d * (k - 1) - 1  # how far the window can move
        if room < 0:
            raise ValueError(
                f"kernel_size must fit, got {kernel_size} for {input_shape}, "
                f"padding {padding} per side, dilation {dilation}"
            )
        shape.append((room + (s - 1 if ceil and not same else 0)) // s + 1)
    height, width = shape
    return height, width
