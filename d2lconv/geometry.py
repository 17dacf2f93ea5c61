"""Compute which pixels the windows of a convolution cover (Section 6.3)."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy

from d2lconv.conv import conv2d_output_shape

Pair = tuple[int, int]
Sides = tuple[Pair, Pair]  # padding: (above, below), (left, right)


def formula(n: int, k: int, p: int, s: int) -> str:
    """Return the formula of the output size along one axis, with numbers (Section 6.3.2)."""
    m, _ = conv2d_output_shape((n, n), (k, k), p, s)
    return f"⌊({n} + 2·{p} − {k}) / {s}⌋ + 1 = {m}"


def sides_of(padding: int | Pair | Sides) -> Sides:
    """Return the padding of each side as ((above, below), (left, right)).

    Parameters
    ----------
    padding : int, pair of int, or pair of pairs
        One number for all sides, Gluon's (height, width) per side, or ((above, below),
        (left, right)).

    Raises
    ------
    TypeError, ValueError
        If `padding` has another form, or a number is negative.
    """
    sides = tuple(_both(side) for side in _both(padding))
    shape = "an int, a pair of ints, or ((above, below), (left, right))"
    try:
        (above, below), (left, right) = (map(operator.index, side) for side in sides)
    except (TypeError, ValueError) as error:
        raise type(error)(f"padding must be {shape}, got {padding!r}") from None
    if min(above, below, left, right) < 0:
        raise ValueError(f"padding must be 0 or more on each side, got {padding!r}")
    return (above, below), (left, right)


def _both(value: Any) -> Any:
    return value if isinstance(value, (tuple, list)) else (value, value)


class Reach(NamedTuple):
    """The role of each cell of a padded input, as boolean arrays of its shape."""

    image: numpy.ndarray  # a pixel of the image; the others are padding
    window: numpy.ndarray  # in the window of the chosen output element
    reached: numpy.ndarray  # in at least one window
    start: numpy.ndarray  # the top left corner of a window


def reach(
    n: Pair, k: Pair, padding: int | Pair | Sides, strides: Pair, position: Pair = (0, 0)
) -> Reach:
    """Return how the windows of a convolution cover each cell of its padded input.

    Parameters
    ----------
    n, k, strides : pair of int
        Sizes of image and kernel, and the strides, (height, width).
    padding : int, pair of int, or pair of pairs
        See `sides_of`.
    position : pair of int
        Row and column of the chosen output element.

    Returns
    -------
    Reach
        Four arrays of the padded input's shape.
    """
    axes = [_reach_along(*axis) for axis in zip(n, k, sides_of(padding), strides, position)]
    rows, columns = axes
    return Reach(*(numpy.logical_and.outer(*both) for both in zip(rows, columns)))


def reads(n: int, k: int, padding: int = 0, stride: int = 1) -> numpy.ndarray:
    """Count the windows that read each pixel along one axis.

    Parameters
    ----------
    n, k, padding, stride : int
        Sizes of image and kernel, padding per side and stride.

    Returns
    -------
    numpy.ndarray of int, shape (n,)
        In an image, a pixel's count is its row's count times its column's count.
    """
    first = numpy.arange(0, n + 2 * padding - k + 1, stride) - padding
    pixel = numpy.arange(n)[:, None]
    return ((pixel >= first) & (pixel < first + k)).sum(1)


def paths(
    n: int, layers: Sequence[tuple[int, int, int]], output: int | None = None
) -> list[numpy.ndarray]:
    """Count the paths from each cell of a stack of layers to one output, along one axis.

    Parameters
    ----------
    n : int
        Size of the image.
    layers : sequence of (k, p, s)
        Kernel size, padding per side and stride of each layer, from the image upwards.
    output : int, optional
        Index of an output of the last layer; by default the middle one.

    Returns
    -------
    list of numpy.ndarray of int
        The counts for the image and for each layer's output. They include the padding that the
        next layer adds: the image has n + 2p counts.

    Raises
    ------
    ValueError
        If there is no layer, a layer doesn't fit, or there is no such output.
    """
    layers, sizes = list(layers), [n]
    if not layers or any(numpy.shape(layer) != (3,) for layer in layers):
        raise ValueError(f"layers must be at least one (k, p, s), got {layers!r}")
    for k, p, s in layers:
        sizes.append((sizes[-1] + 2 * p - k) // s + 1)
        if sizes[-1] < 1:
            raise ValueError(f"layers must leave an output of {n} pixels, got {layers!r}")
    output = sizes[-1] // 2 if output is None else output
    if output not in range(sizes[-1]):
        raise ValueError(f"output must be a number from 0 to {sizes[-1] - 1}, got {output!r}")
    counts = [(numpy.arange(sizes[-1]) == output).astype(int)]
    unpadded = counts[0]
    for (k, p, s), size in zip(layers[::-1], sizes[-2::-1]):
        below = numpy.zeros(size + 2 * p, int)
        for i, count in enumerate(unpadded):
            below[i * s : i * s + k] += count
        counts.append(below)
        unpadded = below[p : p + size]
    return counts[::-1]


def _reach_along(n: int, k: int, sides: Pair, stride: int, position: int) -> Reach:
    """Do the same along one axis. A cell has a property if its row and its column both do."""
    before, after = sides
    cell = numpy.arange(before + n + after)
    first = numpy.arange(0, len(cell) - k + 1, stride)  # of each window
    covers = (cell >= first[:, None]) & (cell < first[:, None] + k)  # window by cell
    return Reach(
        image=(cell >= before) & (cell < before + n),
        window=covers[position],
        reached=covers.any(0),
        start=numpy.isin(cell, first),
    )
