"""Pictures of sums of products: a reversed row that slides, or three channels (Section 6.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from d2lconv.draw.arguments import numbers, position_of
from d2lconv.draw.describe import format_number, format_shape
from d2lconv.draw.picture import Picture, film
from d2lconv.draw.style import BLUE, GREY, INK, MIDDLE, ORANGE, PALE, WHITE, border
from d2lconv.geometry import Pair

MOST = 8  # numbers in a sliding row, and rows of a kernel: more would be too small to read
CHANNELS = "red", "green", "blue"


def flip_and_slide(f: ArrayLike, g: ArrayLike) -> Picture:
    """Return a slider that moves the reversed g along f, with the convolution below.

    Parameters
    ----------
    f, g : array of shape (n,) and (m,)
        MXNet or NumPy, with at most 8 numbers each.

    Raises
    ------
    TypeError, ValueError
        If an argument doesn't fit; the message names it.
    """
    rows = [numbers(name, value) for name, value in (("f", f), ("g", g))]
    for name, row in zip("fg", rows):
        if row.ndim != 1 or not 1 <= len(row) <= MOST:
            raise ValueError(f"{name} must be a row of 1 to {MOST} numbers, got shape {row.shape}")
    first, second = rows
    return film(_slide(first, second, i) for i in range(len(first) + len(second) - 1))


def _slide(f: numpy.ndarray, g: numpy.ndarray, i: int) -> Figure:
    """Draw the reversed g at the position that gives element i of the convolution."""
    n, m = len(f), len(g)
    width = n + 2 * (m - 1)
    figure = Figure(figsize=(0.5 * (width + 1.8), 3.5))
    ax = figure.add_axes((0, 0, 1, 1), xlim=(-m - 0.8, n + m - 1), ylim=(6.6, -0.4), aspect="equal")
    ax.set_axis_off()
    met = [a for a in range(n) if 0 <= i - a < m]
    for row, name in ((0.5, "f"), (1.9, "g reversed"), (3.3, "products"), (5.9, "f ⊛ g")):
        ax.text(-m - 0.6, row - 0.62, name, va="center", fontsize=10)
    for a in range(n):
        _cell(ax, a, 0, f[a], BLUE if a in met else WHITE, f"f[{a}]")
    for b in range(m):  # g[b] is below f[i - b]
        _cell(ax, i - b, 1.4, g[b], ORANGE if i - b in met else PALE, f"g[{b}]")
    for a in met:
        _cell(ax, a, 2.8, f[a] * g[i - a], WHITE, f"product {a}")
    terms = " + ".join(f"{_factor(f[a])}·{_factor(g[i - a])}" for a in met)
    total = sum(f[a] * g[i - a] for a in met)
    ax.text(n / 2, 4.45, f"{terms} = {format_number(total)}", **MIDDLE, fontsize=11, gid="sum")
    result = numpy.convolve(f, g)
    for at in range(n + m - 1):
        known = result[at] if at <= i else None
        _cell(ax, at - (m - 1) / 2, 5.4, known, BLUE if at == i else WHITE, f"result {at}")
    border(ax, i - (m - 1) / 2, 5.4, (1, 1), "current")
    shifted = f"g reversed, shifted by {i}"
    element = f"element {i} of the convolution is {terms} = {format_number(total)}"
    figure.set_label(f"f = {_list(f)}; {shifted}: {element}.")
    return figure


def channel_sums(
    x: ArrayLike,
    V: ArrayLike,
    position: Pair = (0, 0),
    bias: float = 0,
    names: Sequence[str] = CHANNELS,
) -> Figure:
    """Write out one output of a kernel with channels: windows, products, partial sums, total.

    Parameters
    ----------
    x : array of shape (h, w, channels)
        Image, MXNet or NumPy.
    V : array of shape (k_h, k_w, channels)
        Kernel with at most 8 rows and columns.
    position : pair of int
        Row and column of the output, and of the window's upper left corner.
    bias : float
        Added to the sum of the products.
    names : sequence of str
        One for each channel.

    Raises
    ------
    TypeError, ValueError
        If an argument doesn't fit; the message names it.
    """
    image, kernel = numbers("x", x), numbers("V", V)
    for name, array in (("x", image), ("V", kernel)):
        if array.ndim != 3 or array.size == 0:
            raise ValueError(f"{name} must have three axes (h, w, channels), got {array.shape}")
    if kernel.shape[2] != image.shape[2] or len(names) != image.shape[2]:
        raise ValueError(
            f"V and names must have as many channels as x, {image.shape[2]}, "
            f"got {kernel.shape[2]} and {len(names)}"
        )
    height, width, channels = kernel.shape
    if max(height, width) > MOST:
        shape = format_shape((height, width))
        raise ValueError(f"V must have at most {MOST} rows and columns, got {shape}")
    if height > image.shape[0] or width > image.shape[1]:
        raise ValueError(f"V must fit into x, got V of {kernel.shape} and x of {image.shape}")
    places = image.shape[0] - height + 1, image.shape[1] - width + 1
    i, j = position_of(position, places)
    window = image[i : i + height, j : j + width]
    kernel = kernel + 0.0  # -0 becomes 0
    products = window * kernel + 0.0
    sums = products.sum((0, 1))
    total = sums.sum() + bias

    across, down = 3 * width + 6.2, channels * (height + 0.5) + 2.2
    figure = Figure(figsize=(0.42 * across, 0.42 * down))
    ax = figure.add_axes((0, 0, 1, 1), xlim=(-2, across - 2), ylim=(down - 1.1, -1.1))
    ax.set_axis_off()
    starts = 0.0, width + 1, 2 * width + 2
    for left, head in zip(starts, (f"x at ({i}, {j})", "V", "products")):
        ax.text(left + width / 2, -0.6, head, **MIDDLE, fontsize=11)
    ax.text(3 * width + 3.2, -0.6, "sum", **MIDDLE, fontsize=11)
    for c, name in enumerate(names):
        top = c * (height + 0.5)
        middle = top + height / 2
        ax.text(-0.25, middle, name, ha="right", va="center", fontsize=11)
        for left, array, face in zip(starts, (window, kernel, products), (BLUE, ORANGE, WHITE)):
            for (a, b), value in numpy.ndenumerate(array[..., c]):
                _cell(ax, left + b, top + a, value, face, f"{name} {left:g} [{a},{b}]")
        for at, sign in ((width + 0.5, "×"), (2 * width + 1.5, "="), (3 * width + 2.5, "→")):
            ax.text(at, middle, sign, **MIDDLE, fontsize=14)
        style: dict[str, Any] = {**MIDDLE, "fontsize": 13, "gid": f"sum {name}"}
        ax.text(3 * width + 3.2, middle, format_number(sums[c]), **style)
    terms = " + ".join(f"{_factor(s)}" for s in sums)
    said = f"{terms} + bias {_factor(bias)} = {format_number(total)}"
    ax.text(across - 2.4, down - 1.75, said, ha="right", va="center", fontsize=12, gid="total")
    parts = ", ".join(f"{name} {format_number(s)}" for name, s in zip(names, sums))
    figure.set_label(
        f"The window at ({i}, {j}) times the kernel, channel by channel: {parts}. {said}."
    )
    return figure


def _cell(ax: Axes, left: float, top: float, value: float | None, face: str, gid: str) -> None:
    style: dict[str, Any] = {"facecolor": face, "edgecolor": GREY, "linewidth": 0.9, "gid": gid}
    ax.add_artist(Rectangle((left, top), 1, 1, **style))
    if value is not None:
        size = min(12, 36 / max(len(format_number(value)), 1))
        style = {"color": INK, "fontsize": size, "gid": gid}
        ax.text(left + 0.5, top + 0.52, format_number(value), **MIDDLE, **style)


def _factor(value: float) -> str:
    return f"({format_number(value)})" if value < 0 else format_number(value)


def _list(values: Any) -> str:
    return ", ".join(map(format_number, values))
