"""Which cells of a padded input the windows reach, by hand and by walking through them."""

from __future__ import annotations

import numpy
import pytest

from d2lconv import conv2d_output_shape
from d2lconv.geometry import reach

# The example of Section 6.3.2: 3 x 3, a kernel of 2 x 2, padding 1, strides 3 and 2
TEXT = {"n": (3, 3), "k": (2, 2), "padding": (1, 1), "strides": (3, 2)}


def drawn(cells):
    """Return an array of bool as lines of text."""
    return ["".join(".#"[cell] for cell in row) for row in cells.astype(int)]


def test_the_image_lies_inside_its_padding():
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


def test_strides_leave_a_row_and_a_column_that_no_window_reaches():
    assert drawn(reach(**TEXT).reached) == ["####.", "####.", ".....", "####.", "####."]
    assert drawn(reach(**TEXT).start) == ["#.#..", ".....", ".....", "#.#..", "....."]


@pytest.mark.parametrize("n", [(5, 7), (6, 4)])
@pytest.mark.parametrize("k", [(1, 1), (2, 3), (4, 1)])
@pytest.mark.parametrize("padding", [(0, 0), (1, 2)])
@pytest.mark.parametrize("strides", [(1, 1), (2, 3), (4, 2)])
def test_it_agrees_with_a_walk_through_all_windows(n, k, padding, strides):
    sides = [size + 2 * p for size, p in zip(n, padding)]
    reached, start = numpy.zeros(sides, bool), numpy.zeros(sides, bool)
    for position in numpy.ndindex(*conv2d_output_shape(n, k, padding, strides)):
        row, column = (i * s for i, s in zip(position, strides))
        window = numpy.zeros(sides, bool)
        window[row : row + k[0], column : column + k[1]] = True
        numpy.testing.assert_array_equal(reach(n, k, padding, strides, position).window, window)
        reached |= window
        start[row, column] = True
    numpy.testing.assert_array_equal(reach(n, k, padding, strides).reached, reached)
    numpy.testing.assert_array_equal(reach(n, k, padding, strides).start, start)
