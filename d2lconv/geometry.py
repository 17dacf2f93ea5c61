"""Which pixels the windows of a convolution reach (Section 6.3); nothing is drawn here."""

from __future__ import annotations

from typing import NamedTuple

import numpy

from d2lconv.conv import conv2d_output_shape

Pair = tuple[int, int]


def formula(n: int, k: int, p: int, s: int) -> str:
    """Return the formula of the output size along one axis, with its numbers (Section 6.3.2)."""
    m, _ = conv2d_output_shape((n, n), (k, k), p, s)
    return f"⌊({n} + 2·{p} − {k}) / {s}⌋ + 1 = {m}"


class Reach(NamedTuple):
    """What becomes of each cell of a padded input, as arrays of bool of its shape."""

    image: numpy.ndarray  # a pixel of the image; the others are padding
    window: numpy.ndarray  # in the window of the chosen output element
    reached: numpy.ndarray  # in some window
    start: numpy.ndarray  # the top left corner of a window


def reach(n: Pair, k: Pair, padding: Pair, strides: Pair, position: Pair = (0, 0)) -> Reach:
    """Say what the windows of a convolution do with each cell of its padded input.

    Parameters
    ----------
    n, k, padding, strides : pair of int
        Of the image, the kernel, the padding per side and the strides, (height, width).
    position : pair of int
        Row and column of the chosen output element.

    Returns
    -------
    Reach
        Four arrays of shape (n_h + 2 * padding_h, n_w + 2 * padding_w).
    """
    axes = [_reach_along(*axis) for axis in zip(n, k, padding, strides, position)]
    rows, columns = axes
    return Reach(*(numpy.logical_and.outer(*both) for both in zip(rows, columns)))


def _reach_along(n: int, k: int, padding: int, stride: int, position: int) -> Reach:
    """Say the same along one axis: a cell is what its row and its column both are."""
    cell = numpy.arange(n + 2 * padding)
    first = numpy.arange(0, len(cell) - k + 1, stride)  # of each window
    covers = (cell >= first[:, None]) & (cell < first[:, None] + k)  # window by cell
    return Reach(
        image=(cell >= padding) & (cell < padding + n),
        window=covers[position],
        reached=covers.any(0),
        start=numpy.isin(cell, first),
    )
