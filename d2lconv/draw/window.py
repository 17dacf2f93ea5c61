"""Input, kernel and output, and the window that gives one element (Sections 6.2.1 and 6.3)."""

from __future__ import annotations

from typing import Any

import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from d2lconv.conv import conv2d_output_shape
from d2lconv.draw.arguments import check_size, matrix, pair, position_of, shape_of
from d2lconv.draw.describe import format_number, format_shape, written_out
from d2lconv.draw.picture import Picture, film
from d2lconv.draw.style import BLUE, GREY, INK, MIDDLE, ORANGE, PALE, WHITE, border
from d2lconv.geometry import Pair, Reach, Sides, reach, sides_of

MOST_FRAMES = 64


def window_diagram(
    X: ArrayLike,
    K: ArrayLike,
    padding: int | Pair | Sides = 0,
    strides: int | Pair = 1,
    position: Pair = (0, 0),
) -> Figure:
    """Draw input, kernel and output, and the sum for one output element (Section 6.2.1).

    Parameters
    ----------
    X, K : array of shape (n_h, n_w) and (k_h, k_w)
        Input and kernel, MXNet or NumPy; the padded input has at most 20 rows and columns.
    padding, strides : int or pair of int
        As in Gluon: `padding` is per side. Unlike Gluon, `padding` can also be ((above, below),
        (left, right)).
    position : pair of int
        Row and column of the output element.

    Raises
    ------
    TypeError, ValueError
        If an argument doesn't fit; the message names it.
    """
    image, kernel = matrix("X", X), matrix("K", K)
    n, k = shape_of(image), shape_of(kernel)
    sides = sides_of(padding)
    padded = numpy.pad(image, sides)
    shape = _output_shape(n, k, sides, strides)
    s = pair(strides)
    check_size(shape_of(padded))
    position = position_of(position, shape)
    cells = reach(n, k, sides, s, position)
    title = f"Input {format_shape(n)}, kernel {format_shape(k)}"
    if padded.size > image.size or max(s) > 1:
        title += f", padding {_padding(sides)}, stride {strides}"
    return _diagram(f"{title}: output {format_shape(shape)}", padded, kernel, s, position, cells)


def _output_shape(n: Pair, k: Pair, sides: Sides, strides: int | Pair) -> Pair:
    (above, below), (left, right) = sides
    padded = above + n[0] + below, left + n[1] + right
    return conv2d_output_shape(padded, k, 0, strides)


def _padding(sides: Sides) -> str:
    """Return the padding as Gluon writes it, or all four sides if opposite sides differ."""
    (above, below), (left, right) = sides
    if above != below or left != right:
        return f"{above} above, {below} below, {left} left, {right} right"
    return str(above) if above == left else f"({above}, {left})"


def _diagram(
    title: str, X: numpy.ndarray, K: numpy.ndarray, s: Pair, position: Pair, cells: Reach
) -> Figure:
    windows = sliding_window_view(X, K.shape)[:: s[0], :: s[1]]
    Y = (windows * K).sum((2, 3))
    grids = X.shape, K.shape, Y.shape
    rows, width = max(X.shape[0], Y.shape[0]), max(sum(shape[1] for shape in grids) + 3, 13)
    sums = {i: written_out(windows[i], K, Y[i], int(width * 4.7)) for i in numpy.ndindex(Y.shape)}
    lines = max(map(len, sums.values()))  # of the longest sum, so that all frames have one height
    plain = cells.image.all() and max(s) == 1  # no legend below
    bottom = rows + 0.6 + 0.5 * lines + (0 if plain else 1)

    figure = Figure(figsize=(0.45 * width, 0.45 * (bottom + 1.2)))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(bottom, -1.2), aspect="equal")
    ax.set_axis_off()
    left = (width - sum(shape[1] for shape in grids) - 2) / 2
    left_K = left + X.shape[1] + 1
    left_Y = left_K + K.shape[1] + 1
    notes = _input(ax, left, (rows - X.shape[0]) / 2, cells, s, X)
    _grid(ax, left_K, (rows - K.shape[0]) / 2, "K", numpy.full(K.shape, ORANGE), K)
    _output(ax, left_Y, (rows - Y.shape[0]) / 2, position, Y)
    for x, sign in ((left_K, "⋆"), (left_Y, "=")):
        ax.text(x - 0.5, rows / 2, sign, **MIDDLE, fontsize=20)
    ax.text(width / 2, -0.6, title, **MIDDLE, fontsize=11, gid="title")
    font: dict[str, Any] = {"fontsize": 11, "family": "monospace", "linespacing": 1.3}
    words = "\n".join(sums[position])
    ax.text(width / 2, rows + 0.5, words, ha="center", va="top", **font, gid="sum")
    _legend(figure, notes)
    figure.set_label(f"{title}. Output element {position}: {' '.join(sums[position])}.")
    return figure


def animate(
    X: ArrayLike,
    K: ArrayLike,
    padding: int | Pair | Sides = 0,
    strides: int | Pair = 1,
) -> Picture:
    """Return the diagram at every position of the window, as an animation (Section 6.2.1).

    `animate(X, K).save('window.gif')` writes it to a file. Parameters and errors are those of
    `window_diagram`; more than 64 positions are an error too.
    """
    n, k = shape_of(matrix("X", X)), shape_of(matrix("K", K))
    height, width = _output_shape(n, k, sides_of(padding), strides)
    if height * width > MOST_FRAMES:
        raise ValueError(
            f"X must have at most {MOST_FRAMES} window positions, got {height} by {width}"
        )
    positions = [(i, j) for i in range(height) for j in range(width)]
    return film(window_diagram(X, K, padding, strides, position) for position in positions)


def _grid(
    ax: Axes,
    left: float,
    top: float,
    name: str,
    fill: numpy.ndarray,
    values: numpy.ndarray,
    dashed: bool | numpy.ndarray = False,
    hatched: bool | numpy.ndarray = False,
) -> None:
    """Draw cells of the colours `fill`; the other arguments are arrays of the same shape."""
    dashed, hatched = (numpy.broadcast_to(mask, fill.shape) for mask in (dashed, hatched))
    for (i, j), colour in numpy.ndenumerate(fill):
        gap = 0.07 * bool(dashed[i, j])  # keep neighbouring dashes apart
        style: dict[str, Any] = {"linestyle": "--" if dashed[i, j] else "-"}
        style["hatch"] = "////" if hatched[i, j] else None
        corner, side = (left + j + gap, top + i + gap), 1 - 2 * gap
        style |= {"facecolor": colour, "edgecolor": GREY, "gid": f"{name}[{i},{j}]"}
        # add_patch would recompute the axes' limits each time
        ax.add_artist(Rectangle(corner, side, side, linewidth=0.9, **style))
    size = min(13, 48 / max(len(format_number(value)) for value in values.flat))
    for (i, j), value in numpy.ndenumerate(values):
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1} if hatched[i, j] else None
        style = {
            "gid": f"{name}[{i},{j}]",
            "color": INK,
            "fontsize": size,
            "bbox": box,
        }
        ax.text(left + j + 0.5, top + i + 0.52, format_number(value), **MIDDLE, **style)


def _input(
    ax: Axes,
    left: float,
    top: float,
    cells: Reach,
    s: Pair,
    values: numpy.ndarray,
) -> set[str]:
    """Draw the padded input and its window; return the marks that need a legend."""
    fill = numpy.where(cells.window, BLUE, numpy.where(cells.image, WHITE, PALE))
    _grid(ax, left, top, "X", fill, values, dashed=~cells.image, hatched=~cells.reached)
    rows, columns = numpy.nonzero(cells.window)
    k = int(numpy.ptp(rows)) + 1, int(numpy.ptp(columns)) + 1
    if max(s) > 1:  # mark where windows start, and where they would without strides
        starts = cells.start[: len(fill) - k[0] + 1, : fill.shape[1] - k[1] + 1]
        for (i, j), taken in numpy.ndenumerate(starts):
            place, inner = (left + j + 0.18, top + i + 0.18), INK if taken else WHITE
            style: dict[str, Any] = {
                "color": INK,
                "markersize": 3.5,
                "mew": 0.8,
                "markerfacecolor": inner,
            }
            ax.plot(*place, "o", **style, gid=f"start[{i},{j}] {taken}")
    border(ax, left + columns.min(), top + rows.min(), k, "X window")
    needed = {"padding": not cells.image.all(), "lost": not cells.reached.all()}
    needed["start"] = max(s) > 1
    return {note for note, is_needed in needed.items() if is_needed}


def _output(
    ax: Axes,
    left: float,
    top: float,
    position: Pair,
    values: numpy.ndarray,
) -> None:
    fill = numpy.full(values.shape, WHITE)
    fill[position] = BLUE
    _grid(ax, left, top, "Y", fill, values)
    border(ax, left + position[1], top + position[0], (1, 1), "Y window")


def _legend(figure: Figure, notes: set[str]) -> None:
    def dot(label: str, inner: str) -> Line2D:
        style: dict[str, Any] = {"markersize": 6, "color": GREY, "markerfacecolor": inner}
        return Line2D([], [], linestyle="", marker="o", label=label, **style)

    handles: list[Any] = [
        Patch(facecolor=BLUE, edgecolor=INK, linewidth=2, label="window, and its output")
    ]
    if "padding" in notes:
        handles.append(Patch(facecolor=PALE, edgecolor=GREY, linestyle="--", label="padding"))
    if "lost" in notes:
        style: dict[str, Any] = {"facecolor": "white", "edgecolor": GREY, "hatch": "////"}
        handles.append(Patch(**style, label="no window reaches it"))
    if "start" in notes:
        # On any ground, grey looks full and "none" hollow, as black and white do on the cells
        handles += [dot("a window starts here", GREY), dot("skipped by the stride", "none")]
    if notes:
        place = "outside lower center" if figure.get_layout_engine() else "lower center"
        figure.legend(handles=handles, loc=place, ncols=3, fontsize=9, frameon=False)
