"""Descriptions for alternative texts: numbers, sums, matrices and curves."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy

LISTED = 12  # the most numbers in a list that a listener can follow


def format_number(value: float) -> str:
    """Return a number as a cell shows it."""
    value += 0  # -0.0 is 0
    return f"{value:.0f}" if float(value).is_integer() and abs(value) < 1e5 else f"{value:.3g}"


def format_shape(shape: Sequence[int]) -> str:
    """Return a shape, such as 3×2."""
    return "×".join(map(str, shape))


def written_out(window: numpy.ndarray, K: numpy.ndarray, total: float, width: int) -> list[str]:
    """Write a sum of products and its total, in lines of at most `width` letters."""

    def factor(value: float) -> str:
        return f"({format_number(value)})" if value < 0 else format_number(value)

    terms = " + ".join(f"{factor(x)}×{factor(k)}" for x, k in zip(window.flat, K.flat))
    shown = [*window.flat, *K.flat, total]
    rounded = [float(format_number(value)) for value in shown]
    exact = (numpy.array(shown, numpy.float32) == numpy.array(rounded, numpy.float32)).all()
    line = f"{terms} {'=' if exact else '≈'} {format_number(total)}"
    return textwrap.wrap(line, width, break_on_hyphens=False)


def describe_matrix(a: numpy.ndarray) -> str:
    """Describe a matrix: bands, edges, the peak, and where it is zero.

    Numbers below a millionth of the largest count as zero, because rounding errors differ between
    processors.
    """
    a = numpy.where(abs(a) < 1e-6 * abs(a).max(), 0, a)
    height, width = a.shape
    if a.min() == a.max():
        return f"{format_number(a.min())} everywhere"
    if a.size <= LISTED or height == 1:
        return "; ".join(map(_list, a))
    if width <= LISTED and (a == a[0]).all():
        return f"every row is {_list(a[0])}"
    if height <= LISTED and (a.T[0] == a.T).all():
        return f"every column is {_list(a[:, 0])}"
    rows, columns = a.nonzero()
    diagonals = len(set((columns - rows).tolist()))
    zero = ""
    if numpy.ptp(rows) + 1 < 0.7 * height or numpy.ptp(columns) + 1 < 0.7 * width:
        zero = f"0 outside {_span('row', rows)} and {_span('column', columns)}, "
    elif diagonals <= (height + width) // 4:
        zero = f"0 except on {diagonals} diagonal{'s' * (diagonals > 1)}, "
    elif a.size > 400:
        calm = (abs(a) < abs(a).max() / 10).mean()
        zero = f"{calm:.0%} of it near 0, "
    return f"{zero}smallest {_extreme(a, a.min())}, largest {_extreme(a, a.max())}"


def describe_curve(x: Sequence[float], y: numpy.ndarray) -> str:
    """Describe a curve: its ends, and the peak or the valley between them."""
    said = f"from {format_number(y[0])} to {format_number(y[-1])}"
    small = 1e-3 * numpy.ptp(y)
    if small == 0:
        return f"{format_number(y[0])} everywhere"
    arrived = int(numpy.argmax(abs(y - y[-1]) <= small))
    said += f", reached at {format_number(x[arrived])}" if 0 < arrived < len(y) - 1 else ""
    for name, place in ("highest", int(y.argmax())), ("lowest", int(y.argmin())):
        if abs(y[[0, -1]] - y[place]).min() > small:
            said += f", {name} {format_number(y[place])} at {format_number(x[place])}"
    return said


def _list(values: numpy.ndarray) -> str:
    more = ", ..." if len(values) > LISTED else ""
    return ", ".join(map(format_number, values[:LISTED])) + more


def _span(name: str, places: numpy.ndarray) -> str:
    first, last = places.min(), places.max()
    return f"{name} {first}" if first == last else f"{name}s {first} to {last}"


def _extreme(a: numpy.ndarray, value: float) -> str:
    """Return a value, and its position if no other element is nearly equal."""
    places = numpy.argwhere(abs(a - value) < 1e-4 * numpy.ptp(a))
    where = f" at row {places[0][0]}, column {places[0][1]}" if len(places) == 1 else ""
    return format_number(value) + where
