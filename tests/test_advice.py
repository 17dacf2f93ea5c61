"""The advice in an error message works for the argument that caused it."""

from __future__ import annotations

import re

import mxnet
import numpy
import pandas as pd
import pytest
from mxnet import np, npx
from mxnet.gluon import nn

import d2lconv

npx.set_np()
K = np.ones((2, 2))
SQUARE = numpy.arange(9, dtype="float32").reshape(3, 3)


@pytest.mark.parametrize(
    "X",
    [
        mxnet.nd.array(SQUARE),
        mxnet.nd.array(SQUARE).tostype("csr"),
        mxnet.nd.array(SQUARE).tostype("row_sparse"),
        SQUARE.tolist(),
        SQUARE,
        SQUARE.astype(int),
        pd.DataFrame(SQUARE),
    ],
    ids=["nd", "csr", "row_sparse", "list", "numpy", "whole numbers", "pandas"],
)
@pytest.mark.parametrize("helper", ["corr2d", "comp_conv2d"])
def test_the_advice_in_the_message_works(helper, X):
    def call(value):
        if helper == "corr2d":
            return d2lconv.corr2d(value, K)
        return d2lconv.comp_conv2d(nn.Conv2D(1, 2, weight_initializer="ones"), value)

    with pytest.raises(TypeError, match="X must be an array of mxnet") as raised:
        call(X)
    advice = re.match(r"X must be an array of mxnet.np, (.*), got", str(raised.value))[1]
    made = eval(advice, {"X": X, "mxnet": mxnet})
    if made.dtype != "float32":  # the next message says so
        with pytest.raises((TypeError, ValueError), match=r"float32|dtype"):
            call(made)
        made = made.astype("float32")
    assert call(made).tolist() == [[8, 12], [20, 24]]


@pytest.mark.parametrize("kind", [numpy.int64, numpy.int32, numpy.uint8])
def test_numpys_integers_are_integers(kind):
    assert d2lconv.conv2d_output_shape((kind(8), 8), kind(3)) == (6, 6)
    shape = d2lconv.conv2d_output_shape(kind(9), (kind(3), 2), kind(1), kind(2), kind(2))
    assert shape == d2lconv.conv2d_output_shape(9, (3, 2), 1, 2, 2)
    assert {type(size) for size in shape} == {int}
    assert repr(d2lconv.Conv2D(kind(3))) == "Conv2D(kernel_size=(3, 3))"
    assert d2lconv.Conv2D((kind(3), 2)).weight.shape == (3, 2)


@pytest.mark.parametrize("value", [True, numpy.True_, 3.0, numpy.float32(3), "3"])
def test_other_types_are_not_integers(value):
    for call in (d2lconv.Conv2D, lambda size: d2lconv.conv2d_output_shape(9, (2, size))):
        with pytest.raises(TypeError, match="must be an int or a pair of ints"):
            call(value if value is not True else (True, 2))
