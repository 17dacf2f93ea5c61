"""Heat maps side by side, with one colour bar (Sections 6.1 to 6.3)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.textpath import TextPath
from numpy.typing import ArrayLike

from d2lconv.draw.arguments import panel
from d2lconv.draw.describe import describe_matrix, format_number, format_shape
from d2lconv.draw.style import DIVERGING, INK, MIDDLE, SEQUENTIAL, border, grey_frame
from d2lconv.geometry import Pair

Box = tuple[float, float, float, float]  # left, bottom, width, height, as shares of the figure


def heatmap(
    arrays: Sequence[ArrayLike],
    titles: Sequence[str],
    vmax: float | None = None,
    photos: Sequence[int] = (),
    boxes: dict[int, Sequence[int]] | None = None,
    height: float = 3.4,
    rows: int = 1,
) -> Figure:
    """Draw arrays side by side as heat maps with one colour bar.

    Where no value is negative, 0 is nearly white and large values are dark. Otherwise negative
    values are dark and positive ones bright.

    All panels share one cell size, except panels that would become too small to see.

    Parameters
    ----------
    arrays : sequence of arrays of shape (n,), (h, w) or (h, w, 3)
        MXNet or NumPy. The last form is an RGB image with values from 0 to 1.
    titles : sequence of str
        One for each array.
    vmax : float, optional
        The colours run from -vmax (or from 0) to vmax; by default to the largest absolute value.
        The colour bar shows when values exceed them.
    photos : sequence of int
        Indices of the panels that are images, drawn in grey from black (0) to white (1).
    boxes : dict, optional
        The index of a panel, and the (row, column, height, width) of a window to frame in it.
    height, rows : float and int
        The height of a row of panels in inches, at most, and the number of rows.

    Raises
    ------
    TypeError, ValueError
        If an argument doesn't fit; the message names it.
    """
    panels = [panel(f"arrays[{i}]", array) for i, array in enumerate(arrays)]
    return _panels(panels, titles, vmax, photos, boxes or {}, height, rows)


def _panels(
    panels: list[numpy.ndarray],
    titles: Sequence[str],
    vmax: float | None,
    photos: Sequence[int],
    boxes: dict[int, Sequence[int]],
    height: float,
    rows: int,
) -> Figure:
    if not panels or len(panels) != len(titles):
        raise ValueError(f"titles must be one for each of {len(panels)} arrays, got {titles!r}")
    if rows < 1 or len(panels) % rows:
        raise ValueError(f"rows must divide {len(panels)}, the number of arrays, got {rows!r}")
    maps = [i for i, a in enumerate(panels) if a.ndim == 2 and i not in photos]
    numbers = [panels[i] for i in maps]
    span = colour_span(numbers, vmax)
    figure, places = _places(
        [(a.shape[0], a.shape[1]) for a in panels], titles, height, rows, bool(maps)
    )
    labels = []
    for i, (a, title, (place, cell)) in enumerate(zip(panels, titles, places)):
        ax = figure.add_axes(place, title=title, xticks=[], yticks=[])
        labels.append(f"{title} ({_colour(ax, a, span if i in maps else None, cell)})")
        if i in boxes:
            row, column, *shape = boxes[i]
            border(ax, column - 0.5, row - 0.5, shape, "box")
            labels[-1] += f" with a box of {format_shape(shape)} at row {row}, column {column}"
    label = f"{'Side by side: ' if panels[1:] else ''}{'; '.join(labels)}."
    if maps:
        label += _colour_bar(figure, maps[0], span, numbers)
    figure.set_label(label)
    return figure


def colour_span(arrays: Sequence[numpy.ndarray], vmax: float | None = None) -> tuple[float, float]:
    """Return the ends of the colours: from 0 if no value is negative, otherwise symmetric."""
    largest = max([abs(a).max() for a in arrays], default=0) or 1
    limit = float(largest if vmax is None else vmax)
    if not limit > 0:
        raise ValueError(f"vmax must be a positive number, got {vmax!r}")
    return (-limit if any((a < 0).any() for a in arrays) else 0.0), limit


def _places(
    shapes: list[Pair], titles: Sequence[str], height: float, rows: int, bar: bool
) -> tuple[Figure, list[tuple[Box, float]]]:
    """Return a figure, and for each panel its position and the size of its cells in inches."""
    columns = len(shapes) // rows
    cell = min(0.55, (height - 0.5) / max(map(max, shapes)))
    # next to a photograph, a kernel would be a dot
    cells = [1 / max(n) if cell < 0.1 and cell * max(n) < 0.4 else cell for n in shapes]
    sizes = numpy.array([[side * c for side in n] for n, c in zip(shapes, cells)])
    words = [_width(title) for title in titles]
    widths = numpy.maximum(sizes[:, 1], words).reshape(rows, columns).max(0) + 0.25
    heights = sizes[:, 0].reshape(rows, columns).max(1) + 0.5
    whole = widths.sum() + (0.95 if bar else 0), max(heights.sum(), 1.6 if bar else 0)
    places = []
    for i, ((h, w), c) in enumerate(zip(sizes, cells)):
        row, column = divmod(i, columns)
        left = widths[:column].sum() + (widths[column] - w) / 2
        top = (whole[1] - heights.sum()) / 2 + heights[:row].sum() + 0.4
        bottom = whole[1] - top - (heights[row] - 0.5 + h) / 2
        places.append(((left / whole[0], bottom / whole[1], w / whole[0], h / whole[1]), c))
    return Figure(figsize=whole), places


def _width(title: str) -> float:
    """Return the width of a title in inches."""
    path = TextPath((0, 0), title, size=12)
    # Letters have points at their ends, so that there's no need to solve the curves' equations
    return float(numpy.ptp(path.vertices[path.codes != path.CLOSEPOLY, 0])) / 72


def _colour(ax: Axes, a: numpy.ndarray, span: tuple[float, float] | None, cell: float) -> str:
    """Draw an array with cells of that size in inches; return a description."""
    low, high = span or (0, 1)
    # Matplotlib 3.9 and 3.10 have different defaults
    image = ax.imshow(
        a,
        cmap="gray" if span is None else DIVERGING if low < 0 else SEQUENTIAL,
        norm=Normalize(low, high),
        interpolation_stage="data",
        aspect="auto",
    )
    if a.ndim == 2 and a.size <= 400:
        _values(ax, a, image, 72 * cell)
    kind = "" if span else ", an image in colour" if a.ndim == 3 else ", an image, 0 black, 1 white"
    if span or (a.size <= 400 and a.ndim == 2):
        kind += f": {describe_matrix(a)}"
    return f"{a.shape[0]} by {a.shape[1]}{kind}"


def _colour_bar(
    figure: Figure, panel: int, span: tuple[float, float], arrays: list[numpy.ndarray]
) -> str:
    """Draw the colour bar; return a sentence if values exceed its colours."""
    width, height = figure.get_size_inches()
    place = 1 - 0.8 / width, 0.1, 0.16 / width, 0.8 - 0.2 / height
    low, high = span
    below, above = any((a < low).any() for a in arrays), any((a > high).any() for a in arrays)
    extend = "both" if below and above else "min" if below else "max" if above else "neither"
    image = figure.axes[panel].images[0]
    bar = figure.colorbar(image, cax=figure.add_axes(place), extend=extend)
    grey_frame(bar.ax)
    if extend == "neither":
        return ""
    ends = numpy.linspace(low, high, 5).tolist()
    names = [format_number(end).replace("-", "−") for end in ends]
    names[0], names[4] = "≤ " * below + names[0], "≥ " * above + names[4]
    bar.set_ticks(ends, labels=names)
    first, last = format_number(low), format_number(high)
    return f" The colours end at {first} and {last}; values beyond take the nearer end's colour."


def _values(ax: Axes, a: numpy.ndarray, image: AxesImage, room: float) -> None:
    """Write each value into its cell, if they fit into cells of `room` points."""
    size = min(12, 1.3 * room / (1 + max(len(format_number(value)) for value in a.flat)))
    if size < 6:
        return
    for (row, column), value in numpy.ndenumerate(a):
        dark = image.cmap(image.norm(value))[:3] @ numpy.array([0.3, 0.6, 0.1]) < 0.5
        colour = "white" if dark else INK
        ax.text(column, row, format_number(value), **MIDDLE, color=colour, fontsize=size)
