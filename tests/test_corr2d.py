"""`corr2d` and the loop that defines it: values, gradients, dtypes and errors."""

from __future__ import annotations

import inspect

import mxnet as mx
import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mxnet import autograd, np, npx
from mxnet.gluon import nn

from d2lconv import Conv2D, corr2d, corr2d_loop
from tests.stored import TEXT, meaning

npx.set_np()

DTYPES = ["float32", "float64"]
BOTH = pytest.mark.parametrize("corr2d", [corr2d, corr2d_loop])
ORACLE = pytest.mark.xdist_group("oracle")  # only one worker imports SciPy's signals and d2l
# corr2d has separate branches for small and large images: see `small` there.
SMALL, LARGE = (1, 12, 1, 12), (60, 100, 8, 60)


def draw_pair(draw, n_least: int, n_most: int, k_least: int, k_most: int):
    """Draw an image and a kernel that fits, as float32 NumPy arrays of whole numbers."""
    n = draw(st.tuples(*[st.integers(n_least, n_most)] * 2))
    k = [draw(st.integers(k_least, min(k_most, side))) for side in n]
    random = numpy.random.default_rng(draw(st.integers(0, 2**32)))
    return tuple(random.integers(-9, 10, size).astype("float32") for size in (n, k))


small = st.composite(draw_pair)(*SMALL)
large = st.composite(draw_pair)(*LARGE)


def gluon(kernel):
    """Return Gluon's layer for one channel with a given kernel (NumPy) and without a bias."""
    layer = nn.Conv2D(1, kernel_size=kernel.shape, in_channels=1, use_bias=False)
    layer.initialize()
    layer.cast(kernel.dtype)
    layer.weight.set_data(np.array(kernel, dtype=kernel.dtype).reshape((1, 1, *kernel.shape)))
    return layer


def gradients(X, K, weights):
    """Return the gradients of ``(corr2d(X, K) * weights).sum()`` for X and K, NumPy arrays."""
    X, K, weights = (np.array(array, dtype=array.dtype) for array in (X, K, weights))
    X.attach_grad()
    K.attach_grad()
    with autograd.record():
        Y = corr2d(X, K)
    Y.backward(weights)
    return X.grad.asnumpy(), K.grad.asnumpy()


@BOTH
def test_the_text_s_example(corr2d):
    X = np.array([[0, 1, 2], [3, 4, 5], [6, 7, 8]])
    K = np.array([[0, 1], [2, 3]])
    assert corr2d(X, K).tolist() == [[19, 25], [37, 43]]
    assert repr(corr2d(X, K)) == "array([[19., 25.],\n       [37., 43.]])"


@BOTH
def test_height_and_width_of_a_kernel_are_not_mixed_up(corr2d):
    X = np.array([[1, 2, 4], [8, 16, 32]])
    assert corr2d(X, np.array([[1, -1]])).tolist() == [[-1, -2], [-8, -16]]
    assert corr2d(X, np.array([[1], [-1]])).tolist() == [[-7, -14, -28]]


@BOTH
def test_it_correlates_and_does_not_convolve(corr2d):
    X = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]])
    K = np.array([[1, 2], [3, 4]])
    assert corr2d(X, K).tolist() == [[4, 3], [2, 1]]


@BOTH
def test_the_smallest_and_the_largest_kernels_work(corr2d):
    X = np.array([[1, 2], [3, 4]])
    assert corr2d(X, np.array([[3]])).tolist() == [[3, 6], [9, 12]]
    assert corr2d(X, X).tolist() == [[30]]


@pytest.fixture(scope="module")
def signal():
    return pytest.importorskip("scipy.signal")


@ORACLE
@settings(max_examples=40, deadline=None)
@given(small)
def test_corr2d_equals_the_loop_and_the_loop_the_book_s(pair):
    from d2l import mxnet as d2l

    X, K = map(np.array, pair)
    assert (corr2d_loop(X, K) == d2l.corr2d(X, K)).all()
    assert (corr2d(X, K) == corr2d_loop(X, K)).all()


@ORACLE
@settings(max_examples=60, deadline=None)
@given(pair=st.one_of(small, large), dtype=st.sampled_from(DTYPES))
def test_it_equals_scipy_and_gluon(signal, pair, dtype):
    X, K = (array.astype(dtype) for array in pair)
    Y = corr2d(np.array(X, dtype=dtype), np.array(K, dtype=dtype)).asnumpy()
    numpy.testing.assert_array_equal(Y, signal.correlate2d(X, K, mode="valid"), "scipy")
    by_gluon = gluon(K)(np.array(X, dtype=dtype).reshape((1, 1, *X.shape)))[0, 0].asnumpy()
    numpy.testing.assert_array_equal(Y, by_gluon, "gluon")


@settings(max_examples=60, deadline=None)
@given(st.one_of(small, large), st.sampled_from(DTYPES))
def test_its_gradients_equal_gluon_s(pair, dtype):
    X, K = (array.astype(dtype) for array in pair)
    weights = numpy.arange(1, 1 + (X.shape[0] - K.shape[0] + 1) * (X.shape[1] - K.shape[1] + 1))
    weights = (weights % 5 - 2).reshape(X.shape[0] - K.shape[0] + 1, -1).astype(dtype)
    layer, image = gluon(K), np.array(X, dtype=dtype).reshape((1, 1, *X.shape))
    image.attach_grad()
    with autograd.record():
        Y = layer(image)
    Y.backward(np.array(weights, dtype=dtype).reshape(Y.shape))
    by_X, by_K = gradients(X, K, weights)
    numpy.testing.assert_array_equal(by_X, image.grad[0, 0].asnumpy())
    numpy.testing.assert_array_equal(by_K, layer.weight.grad()[0, 0].asnumpy())


@ORACLE
@settings(max_examples=30, deadline=None)
@given(pair=st.one_of(small, large), seed=st.integers(0, 2**32))
def test_its_gradients_equal_finite_differences(signal, pair, seed):
    X, K = (array.astype("float64") / 9 for array in pair)
    random = numpy.random.default_rng(seed)
    weights = random.standard_normal(signal.correlate2d(X, K, mode="valid").shape)
    by_X, by_K = gradients(X, K, weights)

    def value(X, K):
        return (
            corr2d(np.array(X, dtype="float64"), np.array(K, dtype="float64")).asnumpy() * weights
        ).sum()

    # corr2d is linear in each argument: a step in any direction gives the slope exactly
    for array, gradient in ((X, by_X), (K, by_K)):
        step = random.standard_normal(array.shape)
        ends = [(X + s * step, K) if array is X else (X, K + s * step) for s in (-1, 1)]
        slope = (value(*ends[1]) - value(*ends[0])) / 2
        assert slope == pytest.approx((gradient * step).sum(), rel=1e-9, abs=1e-9)


@ORACLE
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("k", [(1, 2), (3, 3), (5, 5), (11, 11), (31, 31), (63, 63)])
@pytest.mark.parametrize("n", [63, 224])
@pytest.mark.parametrize("kind", ["standard_normal", "random"])  # of both signs, and positive
def test_its_error_stays_below_the_stated_bound(signal, n, k, dtype, kind):
    random = getattr(numpy.random.default_rng(n), kind)
    X, K = (random(size).astype(dtype) for size in ((n, n), k))
    Y = corr2d(np.array(X, dtype=dtype), np.array(K, dtype=dtype)).asnumpy()
    X, K = X.astype("float64"), K.astype("float64")
    exact = size = signal.correlate2d(X, K, mode="valid")
    if kind != "random":
        size = signal.correlate(abs(X), abs(K), mode="valid", method="fft")
    assert (abs(Y - exact) / size).max() < K.size / 2 * numpy.finfo(dtype).eps


def test_our_layer_trains_to_the_documented_kernel():
    X = np.ones((6, 8))
    X[:, 2:6] = 0
    Y = corr2d(X, np.array([[1, -1]]))
    layer = Conv2D((1, 2))
    layer.initialize()
    layer.weight.set_data(np.array([[0.0301265, 0.04819721]]))  # what MXNet draws second
    layer.bias.set_data(np.array([0]))
    for _ in range(10):
        with autograd.record():
            loss = (layer(X) - Y) ** 2
        loss.backward()
        layer.weight.data()[:] -= 3e-2 * layer.weight.grad()
    assert layer.weight.data()[0].tolist() == pytest.approx([0.9925716, -0.9841616], rel=1e-5)
    assert float(loss.sum()) == pytest.approx(0.005622587, rel=1e-4)


@pytest.mark.parametrize("k", [(2, 3), (20, 20)])
def test_our_layer_has_gradients_even_after_loading(tmp_path, k):
    layer, other = Conv2D(k), Conv2D(k)
    layer.initialize()
    layer.save_parameters(str(tmp_path / "layer"))
    other.load_parameters(str(tmp_path / "layer"))
    X = np.ones((60, 70))
    for block in (layer, other):
        with autograd.record():
            Y = block(X)
        Y.backward()
        assert (block.bias.grad() == Y.size).all()
        assert (block.weight.grad() == Y.size).all()


def test_the_loop_has_no_gradient_and_mxnet_says_so():
    X, K = np.ones((3, 3)), np.ones((2, 2))
    K.attach_grad()
    with autograd.record(), pytest.raises(mx.MXNetError, match="Inplace operations"):
        corr2d_loop(X, K)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_result_has_the_dtype_and_the_context_of_the_image(dtype):
    X = np.ones((4, 5), dtype=dtype, ctx=mx.cpu(1))
    Y = corr2d(X, np.ones((2, 2), dtype=dtype, ctx=mx.cpu(1)))
    assert (Y.dtype, Y.ctx, Y.shape) == (dtype, mx.cpu(1), (3, 4))


@pytest.mark.parametrize("bad", [numpy.nan, numpy.inf, -numpy.inf])
@pytest.mark.parametrize("k", [(2, 3), (15, 18)])
def test_nan_and_infinity_affect_only_their_windows(bad, k):
    X = numpy.ones((60, 70), "float32")
    X[30, 20] = bad
    Y = corr2d(np.array(X), np.ones(k)).asnumpy()
    expected = numpy.full((61 - k[0], 71 - k[1]), True)
    expected[31 - k[0] : 31, 21 - k[1] : 21] = False
    numpy.testing.assert_array_equal(numpy.isfinite(Y), expected)
    assert (Y[expected] == k[0] * k[1]).all()


IMAGE, KERNEL = np.ones((3, 4)), np.ones((2, 2))


@pytest.mark.parametrize(
    ("X", "K", "error", "says"),
    [
        ([[1.0]], KERNEL, TypeError, "X must be .*list"),
        (
            IMAGE,
            numpy.ones((2, 2)),
            TypeError,
            r"K must be .*, mxnet\.np\.array\(K\), .*numpy\.ndarray",
        ),
        (mx.nd.ones((3, 4)), KERNEL, TypeError, r"X must be .*NDArray"),
        (IMAGE, 3, TypeError, "K must be .*int"),
        (np.ones(5), KERNEL, ValueError, r"X must have .*\(5,\)"),
        (IMAGE, np.ones((1, 1, 2, 2)), ValueError, r"K must have two axes .*\(1, 1, 2, 2\)"),
        (np.ones(()), KERNEL, ValueError, r"X must have .*\(\)"),
        (np.ones((0, 4)), KERNEL, ValueError, r"X must have .*\(0, 4\)"),
        (IMAGE, np.ones((2, 0)), ValueError, r"K must have .*\(2, 0\)"),
        (IMAGE, np.ones((4, 1)), ValueError, r"K must fit .*\(4, 1\).*\(3, 4\)"),
        (IMAGE, np.ones((1, 5)), ValueError, r"K must fit .*\(1, 5\).*\(3, 4\)"),
        *[
            (IMAGE.astype(dtype), KERNEL.astype(dtype), TypeError, f"X must be float32.*{dtype}")
            for dtype in ("int8", "uint8", "int32", "int64", "bool", "float16")
        ],
        (IMAGE, KERNEL.astype("int32"), TypeError, "K must be float32.*int32"),
        (IMAGE, KERNEL.astype("float64"), TypeError, "K must have the dtype.*float32.*float64"),
    ],
)
def test_bad_input_is_refused_immediately_and_named(X, K, error, says):
    with pytest.raises(error, match=says):
        corr2d(X, K)


@pytest.mark.parametrize("k", [(2, 3), (15, 18)])
def test_the_bias_is_added_to_every_element(k):
    X, K = np.ones((60, 70)), np.ones(k)
    assert (corr2d(X, K, np.array([-4])) == corr2d(X, K) - 4).all()


@pytest.mark.parametrize(
    ("bias", "error", "says"),
    [
        (2.0, TypeError, "bias must be .*float"),
        (np.ones((1, 1)), ValueError, r"bias must be .*\(1, 1\)"),
        (np.ones((2,)), ValueError, r"bias must be .*\(2,\)"),
        (np.ones((1,), dtype="float64"), TypeError, "bias must have .*float32.*float64"),
        (np.ones((1,), dtype="int32"), TypeError, "bias must be .*int32"),
    ],
)
def test_a_bad_bias_is_refused_immediately_and_named(bias, error, says):
    with pytest.raises(error, match=says):
        corr2d(IMAGE, KERNEL, bias)


def test_the_loop_is_the_text_s_code():
    (text,) = [cell["source"] for cell in TEXT if "def corr2d(X, K):" in cell["source"]]
    ours = inspect.getsource(corr2d_loop).replace("corr2d_loop", "corr2d")
    ours = ours.replace(": np.ndarray", "").replace(" -> np.ndarray", "")
    assert meaning(ours) == meaning(text)


@pytest.mark.parametrize("dtype", ["int32", "bool", "float16", "float64"])
def test_the_loop_returns_float32_as_the_text_s_does(dtype):
    assert corr2d_loop(IMAGE.astype(dtype), KERNEL.astype(dtype)).dtype == "float32"
