"""Windows cover the right cells of a padded input, by hand and by a loop over all windows."""

from __future__ import annotations

import numpy
import pytest

from d2lconv import conv2d_output_shape
from d2lconv.geometry import reach, sides_of

# The example of Section 6.3.2: 3 x 3, a kernel of 2 x 2, padding 1, strides 3 and 2
TEXT = {"n": (3, 3), "k": (2, 2), "padding": (1, 1), "strides": (3, 2)}


def drawn(cells):
    """Return an array of bool as lines of text."""
    return ["".join(".#"[cell] for cell in row) for row in cells.astype(int)]


def test_the_padding_surrounds_the_image():
    assert drawn(reach(**TEXT).image) == [".....", ".###.", ".###.", ".###.", "....."]


@pytest.mark.parametrize(
    ("position", "window"),
    [
        ((0, 0), ["##...", "##...", ".....", ".....", "....."]),
        ((0, 1), ["..##.", "..##.", ".....", ".....", "....."]),
        ((1, 0), [".....", ".....", ".....", "##...", "##..."]),
    ],
)
def test_the_window_moves_by_the_strides(position, window):
    assert drawn(reach(**TEXT, position=position).window) == window


def test_strides_can_leave_a_row_and_a_column_uncovered():
    assert drawn(reach(**TEXT).reached) == ["####.", "####.", ".....", "####.", "####."]
    assert drawn(reach(**TEXT).start) == ["#.#..", ".....", ".....", "#.#..", "....."]


@pytest.mark.parametrize(
    ("padding", "sides"),
    [
        (1, ((1, 1), (1, 1))),
        ((1, 2), ((1, 1), (2, 2))),
        (((2, 1), (0, 3)), ((2, 1), (0, 3))),
        ([numpy.int64(1), (0, 2)], ((1, 1), (0, 2))),
    ],
)
def test_padding_takes_one_number_two_or_four(padding, sides):
    assert sides_of(padding) == sides


@pytest.mark.parametrize(
    ("padding", "error"),
    [(1.5, TypeError), ("1", TypeError), ((1, 2, 3), ValueError), (((1, 2), (3,)), ValueError)]
    + [((1, -1), ValueError), (None, TypeError)],
)
def test_malformed_padding_is_refused(padding, error):
    with pytest.raises(error, match=r"padding must be .*got"):
        sides_of(padding)


@pytest.mark.parametrize("n", [(5, 7), (6, 4)])
@pytest.mark.parametrize("k", [(1, 1), (2, 3), (4, 1)])
@pytest.mark.parametrize("padding", [0, (1, 2), ((2, 1), (0, 3))])
@pytest.mark.parametrize("strides", [(1, 1), (2, 3), (4, 2)])
def test_reach_agrees_with_a_loop_over_all_windows(n, k, padding, strides):
    sides = sides_of(padding)
    shape = tuple(size + sum(side) for size, side in zip(n, sides))
    image = numpy.pad(numpy.ones(n, bool), sides)
    reached, start = numpy.zeros(shape, bool), numpy.zeros(shape, bool)
    for position in numpy.ndindex(*conv2d_output_shape(shape, k, 0, strides)):
        row, column = (i * s for i, s in zip(position, strides))
        window = numpy.zeros(shape, bool)
        window[row : row + k[0], column : column + k[1]] = True
        numpy.testing.assert_array_equal(reach(n, k, padding, strides, position).window, window)
        reached |= window
        start[row, column] = True
    found = reach(n, k, padding, strides)
    for name, expected in {"image": image, "reached": reached, "start": start}.items():
        numpy.testing.assert_array_equal(getattr(found, name), expected, name)
