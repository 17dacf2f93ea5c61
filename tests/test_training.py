"""The start of the training loop, the largest rate, and the picture of learning."""

from __future__ import annotations

import numpy
import pytest
from mxnet import np, npx
from mxnet.gluon import nn

from d2lconv.course.training import largest_rate, repeat_the_text
from d2lconv.draw import learning
from d2lconv.draw.learning import learning_step

npx.set_np()
X = numpy.ones((6, 8), "float32")
X[:, 2:6] = 0
Y = X[:, :-1] - X[:, 1:]


def test_a_new_layer_starts_where_the_text_started(capsys):
    repeat_the_text(np.array(X), np.array(Y))
    assert capsys.readouterr().out == ""
    layer = nn.Conv2D(1, kernel_size=(1, 2))
    layer.initialize()
    layer(np.array(X).reshape(1, 1, 6, 8))
    start = layer.weight.data().reshape(2).asnumpy()
    assert start == pytest.approx([0.0301, 0.0482], abs=5e-5)
    # ten steps of the text's loop, with the curvatures 12 and 60, lead to the text's kernel
    windows = numpy.stack([X[:, :-1].ravel(), X[:, 1:].ravel()], axis=1).astype(float)
    for _ in range(10):
        start = start - 0.03 * 2 * windows.T @ (windows @ start - Y.ravel())
    assert start == pytest.approx([0.9925716, -0.9841616], abs=1e-6)


@pytest.mark.parametrize(
    ("image", "width", "said"),
    [
        (numpy.ones((12, 16)), 2, ["X.reshape(1, 1, 12, 16)", "Y.reshape(1, 1, 12, 15)"]),
        (X, 3, ["kernel_size=(1, 3)", "Y.reshape(1, 1, 6, 6)", ".reshape(1, 3)"]),
        (numpy.ones((6, 8)), 2, ["The rate 0.03 is too large", "below 0.012"]),
    ],
)
def test_another_image_gets_advice(image, width, said, capsys):
    repeat_the_text(image, image[:, width - 1 :])
    printed = capsys.readouterr().out
    assert all(words in printed for words in said), printed


def test_the_largest_rate_is_two_over_the_largest_curvature():
    assert largest_rate(X, (1, 2)) == pytest.approx(1 / 30)
    assert largest_rate(numpy.zeros((3, 3)), (2, 2)) == float("inf")


def test_errors_name_the_bad_array():
    with pytest.raises(ValueError, match=r"X must be two-dimensional, got shape \(1, 1, 6, 8\)"):
        repeat_the_text(X[None, None], Y)
    with pytest.raises(ValueError, match=r"Y must be no larger than X, got \(6, 8\) for \(6, 7\)"):
        repeat_the_text(Y, X)


KERNELS = [numpy.array([[0.25, 0.5]]), numpy.array([[0.75, -0.5]]), numpy.array([[1, -1]])]


def test_learning_shows_the_kernel_and_the_loss_of_each_step():
    for number, kernel in enumerate(KERNELS):
        figure = learning_step(KERNELS, [4, 2, 1], KERNELS[-1], number)
        learned, wanted, loss = figure.axes
        for ax, array in ((learned, kernel), (wanted, KERNELS[-1])):
            assert [text.get_text() for text in ax.texts] == [f"{v:.2f}" for v in array.flat]
        assert learned.get_title() == f"kernel before step {number + 1}"
        lines = {line.get_gid(): line.get_xydata().tolist() for line in loss.lines}
        assert lines == {"losses": [[1, 4], [2, 2], [3, 1]], "step": [[number + 1, 4 / 2**number]]}
        assert f"Step {number + 1} of 3" in figure.get_label()


def test_learning_works_without_a_goal():
    assert len(learning(KERNELS, [4, 2, 1], KERNELS[-1]).images) == 3
    assert len(learning_step(KERNELS, [4, 2, 1], None, 0).axes) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], []), "losses must be one for each kernel, and at least one, got 0 for 0"),
        ((KERNELS, [1, 2]), "got 2 for 3 kernels"),
        ((KERNELS, [1, 2, 0]), "losses must be positive"),
        ((KERNELS, [1, 2, float("nan")]), "losses must be positive"),
        ((KERNELS, [3, 2, 1], [[1], [-1]]), r"one shape, got \[\(1, 2\), \(2, 1\)\]"),
    ],
)
def test_learning_s_errors_name_the_argument(arguments, message):
    with pytest.raises(ValueError, match=message):
        learning(*arguments)
