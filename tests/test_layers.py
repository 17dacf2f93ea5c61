"""`Conv2D`, `comp_conv2d` and `conv2d_output_shape`."""

from __future__ import annotations

import re
import traceback
import warnings

import mxnet as mx
import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mxnet import np, npx
from mxnet.gluon import nn

from d2lconv import Conv2D, comp_conv2d, conv2d_output_shape, corr2d

npx.set_np()


def lines(raised):
    """Return the length of Python's report of an exception."""
    return len("".join(traceback.format_exception(*raised._excinfo)).splitlines())


def made(layer, ctx=None):
    layer.initialize(ctx=ctx)
    return layer


class TestConv2D:
    def test_it_is_corr2d_plus_bias(self):
        layer = made(Conv2D((2, 2)))
        layer.weight.set_data(np.array([[0, 1], [2, 3]]))
        layer.bias.set_data(np.array([-19]))
        X = np.array([[0, 1, 2], [3, 4, 5], [6, 7, 8]])
        assert layer(X).tolist() == [[0, 6], [18, 24]]

    @pytest.mark.parametrize(("size", "shape"), [(3, (3, 3)), ((1, 2), (1, 2)), ([2, 1], (2, 1))])
    def test_its_parameters_have_the_kernel_s_shape_and_one_bias(self, size, shape):
        layer = Conv2D(size)
        assert {n: p.shape for n, p in layer._collect_params_with_prefix().items()} == {
            "weight": shape,
            "bias": (1,),
        }
        assert repr(layer) == f"Conv2D(kernel_size={shape})"

    def test_its_parameters_survive_a_file(self, tmp_path):
        layer, other, X = made(Conv2D(2)), Conv2D(2), np.ones((3, 3))
        layer.save_parameters(str(tmp_path / "layer"))
        other.load_parameters(str(tmp_path / "layer"))
        assert (layer(X) == other(X)).all()

    def test_it_works_on_all_its_contexts(self):
        contexts = [mx.cpu(0), mx.cpu(1)]
        layer = made(Conv2D(2), contexts)
        assert [layer(np.ones((3, 3), ctx=ctx)).ctx for ctx in contexts] == contexts

    def test_a_cast_layer_works_in_float64(self):
        layer = made(Conv2D(2))
        layer.cast("float64")
        assert layer(np.ones((3, 3), dtype="float64")).dtype == "float64"

    def test_it_takes_the_arguments_of_every_block(self):
        assert list(Conv2D(2, prefix="edge_").params) == ["edge_weight", "edge_bias"]

    def test_it_works_in_a_sequence_and_prints_itself(self):
        net = nn.Sequential()
        net.add(Conv2D(2), Conv2D((1, 3)))
        assert made(net)(np.ones((6, 6))).shape == (5, 3)
        assert "(1): Conv2D(kernel_size=(1, 3))" in repr(net)

    @pytest.mark.parametrize("size", [0, -1, (2, 0), (2,), (1, 2, 3), ()])
    def test_an_impossible_kernel_size_is_a_value_error(self, size):
        with pytest.raises(ValueError, match=f"kernel_size must.*got {re.escape(repr(size))}"):
            Conv2D(size)

    @pytest.mark.parametrize("size", [2.0, "3", None, True, (2, 2.0), (True, 2), {1, 2}])
    def test_a_kernel_size_of_another_type_is_a_type_error(self, size):
        with pytest.raises(TypeError, match=r"kernel_size must.*got"):
            Conv2D(size)

    @pytest.mark.parametrize("layer", [Conv2D(2), made(Conv2D(2), mx.cpu(0))])
    def test_a_layer_uninitialized_on_a_context_says_so_in_one_line(self, layer):
        X = np.ones((3, 3), ctx=mx.cpu(1))
        with pytest.raises(RuntimeError) as raised:
            layer(X)
        assert str(raised.value) == (
            "Conv2D(kernel_size=(2, 2)) must be initialized where x is: "
            "call initialize(ctx=x.ctx) first"
        )
        assert lines(raised) < 12

    def test_corr2d_refuses_other_inputs_than_images(self):
        layer = made(Conv2D(2))
        with pytest.raises(TypeError, match=r"X must be .*list"):
            layer([[1.0]])
        with pytest.raises(ValueError, match=r"X must have .*\(1, 1, 3, 3\)"):
            layer(np.ones((1, 1, 3, 3)))


class TestCompConv2d:
    X = np.arange(64).reshape(8, 8)

    def test_it_adds_and_strips_the_two_axes(self):
        layer = nn.Conv2D(1, kernel_size=(3, 5), padding=(0, 1), strides=(3, 4))
        Y = comp_conv2d(layer, self.X)
        assert (Y.shape, Y.dtype) == ((2, 2), "float32")
        assert (layer(self.X.reshape(1, 1, 8, 8))[0, 0] == Y).all()

    def test_without_padding_it_is_corr2d_plus_bias(self):
        layer = nn.Conv2D(1, kernel_size=3, bias_initializer="ones")
        Y = comp_conv2d(layer, self.X)
        expected = corr2d(self.X, layer.weight.data()[0, 0]) + 1
        numpy.testing.assert_allclose(Y.asnumpy(), expected.asnumpy(), rtol=1e-5, atol=1e-5)

    def test_parameters_are_kept_without_a_warning(self):
        layer = made(nn.Conv2D(1, kernel_size=2, in_channels=1))
        kernel = layer.weight.data().copy()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            comp_conv2d(layer, self.X)
        assert (layer.weight.data() == kernel).all()

    def test_it_draws_the_numbers_that_gluon_draws(self):
        mx.npx.random.seed(7)
        by_gluon = made(nn.Conv2D(1, kernel_size=2, in_channels=1)).weight.data()
        mx.npx.random.seed(7)
        layer = nn.Conv2D(1, kernel_size=2)
        comp_conv2d(layer, self.X)
        assert (layer.weight.data() == by_gluon).all()

    def test_it_works_on_the_image_s_context_and_with_a_cast_layer(self):
        assert comp_conv2d(nn.Conv2D(1, 3), self.X.as_in_ctx(mx.cpu(1))).ctx == mx.cpu(1)
        layer = made(nn.Conv2D(1, 3, in_channels=1))
        layer.cast("float64")
        assert comp_conv2d(layer, self.X.astype("float64")).dtype == "float64"

    @pytest.mark.parametrize(
        ("layer", "X", "error", "says"),
        [
            (
                nn.Conv2D(1, 3, in_channels=3),
                X,
                ValueError,
                r"conv2d must.*one channel.*3 -> 1.*\(8, 8\).*: Shape inconsistent",
            ),
            (
                nn.Conv2D(1, 9),
                X,
                ValueError,
                r"take.*\(8, 8\).* float32: kernel size exceed input$",
            ),
            (nn.Conv2D(1, 3), X.astype("int32"), ValueError, r"conv2d must take.*int32"),
            (nn.Conv2D(1, 3), X.astype("float64"), ValueError, r"conv2d must take.*float64"),
            (nn.Conv1D(1, 3), X, ValueError, "conv2d must take"),
            (Conv2D(3), X, ValueError, "conv2d must take.*: X must have two axes"),
            (nn.Conv2D(2, 3), X, ValueError, r"conv2d must give one feature map.*\(1, 2, 6, 6\)"),
            (nn.Dense(4), X, ValueError, r"conv2d must give one feature map.*\(1, 4\)"),
            (nn.Conv2D, X, TypeError, "conv2d must be a Gluon block.*type"),
            (corr2d, X, TypeError, "conv2d must be a Gluon block.*function"),
            (nn.Conv2D(1, 3), [[1.0]], TypeError, "X must be .*list"),
            (nn.Conv2D(1, 3), X.asnumpy(), TypeError, r"X must be .*numpy\.ndarray"),
            (nn.Conv2D(1, 3), X.reshape(1, 1, 8, 8), ValueError, r"X must have .*\(1, 1, 8, 8\)"),
            (nn.Conv2D(1, 3), np.ones((0, 8)), ValueError, r"X must have .*\(0, 8\)"),
        ],
    )
    def test_bad_input_is_refused_immediately_and_named(self, layer, X, error, says):
        with pytest.raises(error, match=says) as raised:
            comp_conv2d(layer, X)
        assert "\n" not in str(raised.value)
        assert lines(raised) < 12


def pairs(least, largest):
    numbers = st.integers(least, largest)
    return st.one_of(numbers, st.tuples(numbers, numbers))


class TestOutputShape:
    @pytest.mark.parametrize(
        ("arguments", "shape"),
        [
            (((3, 3), 2), (2, 2)),
            (((8, 8), 3, 1), (8, 8)),
            (((8, 8), (5, 3), (2, 1)), (8, 8)),
            (((8, 8), 3, 1, 2), (4, 4)),
            (((8, 8), (3, 5), (0, 1), (3, 4)), (2, 2)),
            (((3, 3), 2, 1, (3, 2)), (2, 2)),
            (((240, 240), 5), (236, 236)),
            (((2, 5), (4, 1), (1, 0)), (1, 5)),
            ((7, 7, 0, 100), (1, 1)),
        ],
    )
    def test_by_hand(self, arguments, shape):
        assert conv2d_output_shape(*arguments) == shape

    @settings(max_examples=100, deadline=None)
    @given(st.tuples(*[st.integers(1, 12)] * 2), pairs(1, 8), pairs(0, 4), pairs(1, 5), pairs(1, 3))
    def test_the_shape_equals_gluon_s_or_both_raise(self, n, k, p, s, d):
        layer = nn.Conv2D(1, kernel_size=k, padding=p, strides=s, dilation=d)
        try:
            expected = comp_conv2d(layer, np.ones(n)).shape
        except ValueError:
            with pytest.raises(ValueError, match=r"kernel_size must fit"):
                conv2d_output_shape(n, k, p, s, d)
        else:
            assert conv2d_output_shape(n, k, p, s, d) == expected

    @pytest.mark.parametrize("n", range(3, 13))
    @pytest.mark.parametrize(
        ("k", "p", "s"), [(3, 0, 2), (3, 1, 2), (2, 1, 3), (3, 1, 1), (2, 0, 4)]
    )
    def test_rounded_up_it_equals_gluon_s_pooling(self, n, k, p, s):
        pooled = nn.MaxPool2D(k, strides=s, padding=p, ceil_mode=True)(np.ones((1, 1, n, n + 1)))
        assert conv2d_output_shape((n, n + 1), k, p, s, ceil=True) == pooled.shape[2:]

    @pytest.mark.parametrize("s", [1, 2, 3, 5])
    @pytest.mark.parametrize("k", [1, 2, 4, (3, 6)])
    def test_same_gives_the_input_over_the_strides_rounded_up(self, k, s):
        for n in range(1, 12):
            for options in ({}, {"ceil": True}, {"dilation": 2}):
                shape = conv2d_output_shape((n, 7), k, "same", s, **options)
                assert shape == (-(-n // s), -(-7 // s))

    def test_padding_refuses_other_texts(self):
        with pytest.raises(TypeError, match=r"^padding must be .* or 'same', got 'valid'"):
            conv2d_output_shape(8, 3, "valid")

    def test_rounding_up_does_not_make_room_for_a_kernel(self):
        for strides in (1, 2, 9):
            with pytest.raises(ValueError, match="kernel_size must fit"):
                conv2d_output_shape(3, 4, 0, strides, ceil=True)

    def test_a_dilated_kernel_that_does_not_fit_is_refused(self):
        assert conv2d_output_shape(9, 3, dilation=4) == (1, 1)
        with pytest.raises(ValueError, match="got 3 for 8, padding 0 per side, dilation 4"):
            conv2d_output_shape(8, 3, dilation=4)

    @pytest.mark.parametrize("stride", [1, 2, 3])
    def test_a_kernel_one_too_large_is_refused_for_every_stride(self, stride):
        assert conv2d_output_shape((3, 9), 5, 1, stride)[0] == 1
        with pytest.raises(ValueError, match=r"\(6, 1\).*\(3, 9\).*1 per side"):
            conv2d_output_shape((3, 9), (6, 1), 1, stride)

    @pytest.mark.parametrize(
        "name", ["input_shape", "kernel_size", "padding", "strides", "dilation"]
    )
    @pytest.mark.parametrize(
        ("value", "error"),
        [(-1, ValueError), ((2, -1), ValueError), ((1, 1, 1), ValueError), ((), ValueError)]
        + [(value, TypeError) for value in (1.0, (1, 2.0), "2", None, True, numpy.ones(2))],
    )
    def test_errors_name_the_bad_argument(self, name, value, error):
        arguments = {"input_shape": (9, 9), "kernel_size": 2, name: value}
        with pytest.raises(error, match=f"^{name} must be"):
            conv2d_output_shape(**arguments)

    @pytest.mark.parametrize("name", ["input_shape", "kernel_size", "strides", "dilation"])
    def test_only_the_padding_may_be_zero(self, name):
        with pytest.raises(ValueError, match=rf"^{name} must be .* from 1, got 0"):
            conv2d_output_shape(**{"input_shape": (9, 9), "kernel_size": 2, name: 0})
