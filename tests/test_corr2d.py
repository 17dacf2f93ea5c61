"""Values, gradients of shapes and dtypes, and errors of `corr2d`."""

import mxnet as mx
import numpy
import pytest
from d2l import mxnet as d2l
from hypothesis import given, settings
from hypothesis import strategies as st
from mxnet import np
from mxnet.gluon import nn
from scipy import signal

from d2lconv import corr2d

DTYPES = ["float32", "float64"]


@st.composite
def images_and_kernels(draw, largest: int = 12):
    """Draw a float32 image and a kernel that fits, as NumPy arrays of whole numbers."""
    n = draw(st.tuples(st.integers(1, largest), st.integers(1, largest)))
    k = draw(st.tuples(st.integers(1, n[0]), st.integers(1, n[1])))
    random = numpy.random.default_rng(draw(st.integers(0, 2**32)))
    return tuple(random.integers(-9, 10, size).astype("float32") for size in (n, k))


def test_the_text_s_example():
    X = np.array([[0, 1, 2], [3, 4, 5], [6, 7, 8]])
    K = np.array([[0, 1], [2, 3]])
    assert corr2d(X, K).tolist() == [[19, 25], [37, 43]]


def test_a_kernel_that_is_not_square_keeps_height_and_width_apart():
    X = np.array([[1, 2, 4], [8, 16, 32]])
    assert corr2d(X, np.array([[1, -1]])).tolist() == [[-1, -2], [-8, -16]]
    assert corr2d(X, np.array([[1], [-1]])).tolist() == [[-7, -14, -28]]


def test_it_correlates_and_does_not_convolve():
    X = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]])
    K = np.array([[1, 2], [3, 4]])
    assert corr2d(X, K).tolist() == [[4, 3], [2, 1]]


def test_a_kernel_of_one_scales_and_a_kernel_of_the_image_s_size_leaves_one_number():
    X = np.array([[1, 2], [3, 4]])
    assert corr2d(X, np.array([[3]])).tolist() == [[3, 6], [9, 12]]
    assert corr2d(X, X).tolist() == [[30]]


@settings(max_examples=60, deadline=None)
@given(images_and_kernels())
def test_it_equals_the_book_s_loop_scipy_and_gluon(pair):
    X, K = pair
    mx_X, mx_K = np.array(X), np.array(K)
    Y = corr2d(mx_X, mx_K).asnumpy()
    layer = nn.Conv2D(1, kernel_size=K.shape, in_channels=1, use_bias=False)
    layer.initialize()
    layer.weight.set_data(mx_K.reshape((1, 1, *K.shape)))
    oracles = {
        "d2l": d2l.corr2d(mx_X, mx_K).asnumpy(),
        "scipy": signal.correlate2d(X, K, mode="valid"),
        "gluon": layer(mx_X.reshape((1, 1, *X.shape)))[0, 0].asnumpy(),
    }
    for name, oracle in oracles.items():
        numpy.testing.assert_array_equal(Y, oracle, name)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_result_has_the_dtype_and_the_context_of_the_image(dtype):
    X = np.ones((4, 5), dtype=dtype, ctx=mx.cpu(1))
    Y = corr2d(X, np.ones((2, 2), dtype=dtype, ctx=mx.cpu(1)))
    assert (Y.dtype, Y.ctx, Y.shape) == (dtype, mx.cpu(1), (3, 4))


@pytest.mark.parametrize("bad", [numpy.nan, numpy.inf, -numpy.inf])
def test_nan_and_infinity_reach_only_the_windows_that_hold_them(bad):
    X = numpy.ones((7, 40), "float32")
    X[3, 20] = bad
    Y = corr2d(np.array(X), np.ones((2, 3))).asnumpy()
    expected = numpy.full((6, 38), True)
    expected[2:4, 18:21] = False
    numpy.testing.assert_array_equal(numpy.isfinite(Y), expected)
    assert (Y[expected] == 6).all()


IMAGE, KERNEL = np.ones((3, 4)), np.ones((2, 2))


@pytest.mark.parametrize(
    ("X", "K", "error", "says"),
    [
        ([[1.0]], KERNEL, TypeError, "X must be .*list"),
        (IMAGE, numpy.ones((2, 2), "float32"), TypeError, r"K must be .*numpy\.ndarray"),
        (mx.nd.ones((3, 4)), KERNEL, TypeError, r"X must be .*NDArray"),
        (IMAGE, 3, TypeError, "K must be .*int"),
        (np.ones(5), KERNEL, ValueError, r"X must have .*\(5,\)"),
        (IMAGE, np.ones((1, 2, 2)), ValueError, r"K must have .*\(1, 2, 2\)"),
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
        (IMAGE, KERNEL.astype("float64"), TypeError, "same dtype.*float32.*float64"),
    ],
)
def test_bad_input_is_refused_at_once_by_name(X, K, error, says):
    with pytest.raises(error, match=says):
        corr2d(X, K)
