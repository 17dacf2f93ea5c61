"""Pictures of a layer's weights: their number, their connections, shared or not (Section 6.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Patch, Rectangle
from matplotlib.text import Text
from numpy.typing import ArrayLike

from d2lconv.draw.arguments import matrix, numbers
from d2lconv.draw.describe import describe_matrix, format_number, format_shape
from d2lconv.draw.heatmap import _colour, _places, colour_span
from d2lconv.draw.picture import Picture, Stage, film
from d2lconv.draw.style import BLUE, GREY, INK, MIDDLE, ORANGE, PALE, RED, STRONG_BLUE, border

MOST_UNITS = 12  # in a row: the numbers of a longer row would be too small to read
WIDTH = 7.4  # of a wiring, in inches
FEW = (STRONG_BLUE, RED, "#009E73", "#CC79A7", ORANGE)  # colour-blind readers can tell them apart


def bars(counts: dict[str, int]) -> Figure:
    """Draw numbers of weights as bars on a logarithmic scale (Section 6.1).

    Parameters
    ----------
    counts : dict of str to int
        For each layer its number of weights, 1 or more.

    Raises
    ------
    TypeError, ValueError
        If there is no count, or a count isn't a whole number from 1.
    """
    if not counts:
        raise ValueError("counts must name at least one layer, got {}")
    for name, count in counts.items():
        if isinstance(count, bool) or not isinstance(count, (int, numpy.integer)):
            raise TypeError(f"counts[{name!r}] must be a whole number, got {count!r}")
        if count < 1:
            raise ValueError(f"counts[{name!r}] must be 1 or more, got {count}")
    figure = Figure(figsize=(6.4, 0.25 + 0.62 * len(counts)))
    ax = figure.add_axes((0, 0, 1, 1), xlim=(0, 1), ylim=(len(counts), 0))
    ax.set_axis_off()
    most = max(13, *(len(str(count)) for count in counts.values()))
    for i, (name, count) in enumerate(counts.items()):
        length = 0.74 * (numpy.log10(count) + 0.15) / most
        style: dict[str, Any] = {"facecolor": BLUE, "edgecolor": GREY, "gid": f"bar {name}"}
        ax.add_patch(Rectangle((0.004, i + 0.45), length, 0.42, **style))
        ax.text(0.004, i + 0.38, name, va="bottom", fontsize=10)
        ax.text(length + 0.02, i + 0.68, f"{count:,}", va="center", fontsize=11, gid=name)
    said = "; ".join(f"{name}: {count:,}" for name, count in counts.items())
    figure.set_label(f"Numbers of weights as bars, each tenfold step of the same length. {said}.")
    return figure


def wiring(layers: dict[str, ArrayLike], x: ArrayLike | None = None) -> Figure:
    """Draw layers from a row of inputs to a row of outputs, with arrows and as a matrix.

    Equal weights have the same colour. Weights of zero get no arrow.

    Parameters
    ----------
    layers : dict of str to array of shape (outputs, inputs)
        For each layer its matrix of weights, MXNet or NumPy, with at most 12 rows and columns.
    x : array of shape (inputs,), optional
        An input; the units then show its numbers and the outputs.

    Raises
    ------
    TypeError, ValueError
        If an argument doesn't fit; the message names it.
    """
    weights = _weights(layers)
    given = None if x is None else _fitting("x", x, weights)
    figure = _wires(weights)
    _feed(figure, weights, given)
    return figure


def wiring_each(layers: dict[str, ArrayLike], inputs: Sequence[ArrayLike]) -> Picture:
    """Return `wiring` for every input, as an animation.

    Parameters and errors are those of `wiring`, with a sequence of inputs.
    """
    weights = _weights(layers)
    given = [_fitting(f"inputs[{i}]", x, weights) for i, x in enumerate(inputs)]
    if not given:
        raise ValueError("inputs must be at least one, got []")
    figure = _wires(weights)
    Stage(figure, [part for ax in figure.axes for unit in _units(ax) for part in unit])

    def frames() -> Iterator[Figure]:
        for x in given:
            _feed(figure, weights, x)
            yield figure

    return film(frames())


def _weights(layers: dict[str, ArrayLike]) -> dict[str, numpy.ndarray]:
    if not layers:
        raise ValueError("layers must name at least one matrix, got {}")
    weights = {name: matrix(f"layers[{name!r}]", W) for name, W in layers.items()}
    for name, W in weights.items():
        if max(W.shape) > MOST_UNITS:
            raise ValueError(
                f"layers[{name!r}] must have at most {MOST_UNITS} rows and columns, or its numbers "
                f"are too small to read, got {W.shape}"
            )
    return weights


def _fitting(name: str, x: ArrayLike, weights: dict[str, numpy.ndarray]) -> numpy.ndarray:
    given = numbers(name, x)
    for W in weights.values():
        if given.shape != W.shape[1:]:
            raise ValueError(f"{name} must have shape {W.shape[1:]}, got {given.shape}")
    return given


def _wires(weights: dict[str, numpy.ndarray]) -> Figure:
    """Draw layers whose units show no numbers yet."""
    widest = max(max(W.shape) for W in weights.values())
    scale = WIDTH / (1.55 * widest + 0.8)
    figure = Figure(figsize=(WIDTH, scale * sum(0.5 * len(W) + 1.7 for W in weights.values())))
    whole, top = figure.get_size_inches()[1], 0.0
    for name, W in weights.items():
        height = scale * (0.5 * len(W) + 1.7)
        box = (0, 1 - (top + height) / whole, 1, height / whole)
        ax = figure.add_axes(box, xlim=(0, 1.55 * widest + 0.8), ylim=(0.5 * len(W) + 1.1, -0.6))
        ax.set_axis_off()
        _wire(ax, name, W, scale)
        top += height
    return figure


def _feed(figure: Figure, weights: dict[str, numpy.ndarray], x: numpy.ndarray | None) -> None:
    """Write an input and its outputs into the units, and describe the figure."""
    said = []
    for ax, (name, W) in zip(figure.axes, weights.items()):
        said.append(f"{_title(name, W)}; as a matrix: {describe_matrix(W)}.")
        if x is None:
            continue
        y = W @ x
        room = 22 * 2.2 * WIDTH / ax.get_xlim()[1]
        for (circle, text), value in zip(_units(ax), [*x, *y]):
            written = format_number(value)
            circle.set_facecolor(BLUE if value else PALE)
            text.set(text=written, fontsize=min(11, room / (1 + len(written))))
        said[-1] += f" The input {_list(x)} becomes {_list(y)}."
    figure.set_label(" ".join(said))


def _units(ax: Axes) -> list[tuple[Patch, Text]]:
    """Return the circles and texts of the inputs and then of the outputs."""
    circles = [patch for patch in ax.patches if isinstance(patch, Circle)]
    return list(zip(circles, ax.texts))


def _title(name: str, W: numpy.ndarray) -> str:
    values = numpy.unique(W[W != 0])
    return f"{name}: {numpy.count_nonzero(W)} arrows, {len(values)} different weights"


def _wire(ax: Axes, name: str, W: numpy.ndarray, scale: float) -> None:
    """Draw one layer."""
    outputs, inputs = W.shape
    values = numpy.unique(W[W != 0]).tolist()
    colours = dict(zip(values, _colours(len(values))))
    bottom = 0.5 * outputs + 0.4
    pairs = numpy.argwhere(W)
    ends = numpy.array([[(k + 0.5, 0.3), (i + 0.5, bottom)] for i, k in pairs])
    faces = [colours[W[i, k]] for i, k in pairs]
    if len(pairs):
        # Without antialiasing the file is half as large; the page smooths it when it scales it down
        style: dict[str, Any] = {"linewidths": 1.3, "antialiaseds": False, "zorder": 1}
        style["gid"] = "arrows"
        ax.add_collection(LineCollection(list(ends), colors=faces, **style), autolim=False)
        along = ends[:, 1] - ends[:, 0]
        tips = ends[:, 1] - 0.47 * along / numpy.hypot(*along.T)[:, None]  # beside the output
        ax.scatter(tips[:, 0], tips[:, 1], s=14, c=faces, marker="v", zorder=1)
    for row, count, kind in ((0.3, inputs, "input"), (bottom, outputs, "output")):
        for at in range(count):
            style = {"facecolor": PALE, "edgecolor": GREY, "zorder": 2, "gid": f"{kind} {at}"}
            ax.add_artist(Circle((at + 0.5, row), 0.36, **style))
            ax.text(at + 0.5, row, "", **MIDDLE, color=INK, gid=f"{kind} {at}")
    left, cell = max(inputs, outputs) + 0.8, 0.55 * max(inputs, outputs) / inputs
    cell = min(cell, 0.5)
    for (i, k), value in numpy.ndenumerate(W):
        face = colours.get(value, "#FFFFFF")
        style = {"facecolor": face, "edgecolor": GREY, "linewidth": 0.5, "gid": f"W[{i},{k}]"}
        ax.add_artist(Rectangle((left + k * cell, 0.35 + i * cell), cell, cell, **style))
        light = numpy.dot(to_rgb(face), (0.3, 0.6, 0.1)) > 0.5
        style = {"color": INK if light else "#FFFFFF", "fontsize": 24 * cell * scale}
        at_x, at_y = left + (k + 0.5) * cell, 0.35 + (i + 0.5) * cell
        ax.text(at_x, at_y, format_number(value), **MIDDLE, **style)
    ax.text(0.14, -0.3, _title(name, W), va="center", fontsize=11, gid="title")
    ax.text(left, -0.3, f"as a matrix, {format_shape(W.shape)}", va="center", fontsize=11)


def _colours(count: int) -> list[str]:
    if count <= len(FEW):
        return list(FEW[:count])
    return [to_hex(colour) for colour in colormaps["turbo"](numpy.linspace(0.1, 0.95, count))]


def _list(values: Any) -> str:
    return ", ".join(map(format_number, values))


def before_and_after(
    columns: dict[str, Sequence[ArrayLike]], shift: Sequence[int], height: float = 2.6
) -> Figure:
    """Draw images above the same images after a shift, and frame the parts to compare.

    Each column has its own colour scale, so that small numbers show next to large ones.

    Parameters
    ----------
    columns : dict of str to pair of arrays of shape (h, w)
        For each column the image before and after the shift, MXNet or NumPy.
    shift : pair of int
        The number of rows downwards and of columns to the right.
    height : float
        The height of each of the two rows in inches, at most.

    Raises
    ------
    TypeError, ValueError
        If an argument doesn't fit; the message names it.
    """
    pairs = {
        name: [matrix(f"columns[{name!r}]", a) for a in pair] for name, pair in columns.items()
    }
    if not pairs or any(
        len(pair) != 2 or pair[0].shape != pair[1].shape for pair in pairs.values()
    ):
        raise ValueError("columns must have two images of one shape each, before and after")
    panels = [pair[i] for i in (0, 1) for pair in pairs.values()]
    shapes = [(a.shape[0], a.shape[1]) for a in panels]
    same, titles, boxes = [], [*pairs], []
    for name, (before, after) in pairs.items():
        n = before.shape
        first = [slice(max(-s, 0), size - max(s, 0)) for s, size in zip(shift, n)]
        second = [slice(max(s, 0), size - max(-s, 0)) for s, size in zip(shift, n)]
        if any(part.start >= part.stop for part in first):
            size = format_shape(n)
            raise ValueError(f"shift must leave a part of the image of {size}, got {shift!r}")
        same.append(bool((before[tuple(first)] == after[tuple(second)]).all()))
        titles.append(f"{name}: {'same' if same[-1] else 'different'} numbers")
        boxes.append((first, second))
    figure, places = _places(shapes, titles, height, 2, False)
    for i, (a, title, (place, cell)) in enumerate(zip(panels, titles, places)):
        ax = figure.add_axes(place, xticks=[], yticks=[])
        ax.set_title(title, fontsize=11)
        _colour(ax, a, colour_span(panels[i % len(pairs) :: len(pairs)]), cell)
        rows, cols = boxes[i % len(pairs)][i // len(pairs)]
        frame = rows.stop - rows.start, cols.stop - cols.start
        border(ax, cols.start - 0.5, rows.start - 0.5, frame, "compared")
    ends = [
        f"{name} {'shifts along' if s else 'does not shift along'}" for name, s in zip(pairs, same)
    ]
    figure.set_label(f"Images before and after a shift by {tuple(shift)}: {'; '.join(ends)}.")
    return figure
