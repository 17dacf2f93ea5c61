"""Pictures of what windows read: all pixels of an image, one axis, several layers (Section 6.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from d2lconv.conv import conv2d_output_shape
from d2lconv.draw.arguments import check_size
from d2lconv.draw.picture import Picture, film
from d2lconv.draw.style import BLUE, GREY, INK, MIDDLE, ORANGE, PALE, WHITE
from d2lconv.geometry import formula, paths, reads

STOREY = 2.2  # the distance between the layers of `seen_by`
OFTEN = LinearSegmentedColormap.from_list("often", [WHITE, "#CBE6F6", BLUE, "#0B5C93"])


def pixel_use(cases: Sequence[tuple[int, int, int, int]]) -> Figure:
    """Draw how many windows read each pixel of a square image (Section 6.3).

    The stronger a pixel's colour, the closer its count is to the largest in the panel.

    Parameters
    ----------
    cases : sequence of (n, k, p, s)
        Input size, kernel size, padding per side and stride, one panel for each.

    Raises
    ------
    TypeError, ValueError
        If a case doesn't fit; the message names it.
    """
    cases = list(cases)
    if not cases or any(len(case) != 4 for case in cases):
        raise ValueError(f"cases must be at least one (n, k, p, s), got {cases!r}")
    for n, k, p, s in cases:
        conv2d_output_shape(n, k, p, s)
        check_size((n + 2 * p, n + 2 * p))
    side = max(n + 2 * p for n, _, p, _ in cases) + 0.6
    inches = max(0.3 * side, 2.4)
    figure = Figure(figsize=(inches * len(cases), inches + 0.5))
    labels = []
    for i, case in enumerate(cases):
        ax = figure.add_axes((i / len(cases), 0, 1 / len(cases), inches / (inches + 0.5)))
        low, high = (case[0] - side) / 2, (case[0] + side) / 2
        ax.set(xlim=(low, high), ylim=(high, low), aspect="equal")
        ax.set_axis_off()
        labels.append(_use(ax, *case))
    figure.set_label(
        "How many windows read each pixel, its row's number times its column's. "
        f"{'; '.join(labels)}."
    )
    return figure


def _use(ax: Axes, n: int, k: int, p: int, s: int) -> str:
    """Draw one panel of `pixel_use` and return what it shows."""
    title = f"kernel {k}×{k}, padding {p}, stride {s}"
    ax.set_title(title, fontsize=10, y=1)  # without y, Matplotlib would make the hidden ticks
    along = reads(n, k, p, s)
    count = numpy.outer(along, along)
    for row, column in numpy.ndindex(n + 2 * p, n + 2 * p):
        row, column = row - p, column - p
        gid = f"X[{row},{column}]"
        if min(row, column) >= 0 and max(row, column) < n:
            times = int(count[row, column])
            fill = to_hex(OFTEN(times / max(count.max(), 1)))
            _cell(ax, column, row, gid, str(times), fill, hatched=not times)
        else:
            _cell(ax, column, row, gid, "", PALE, dashed=True)
    return f"{title}: {', '.join(map(str, along))}"


def windows(n: int, k: int, p: int = 0, s: int = 1) -> Figure:
    """Draw every window along one axis, and the first that doesn't fit (Section 6.3.2).

    Parameters
    ----------
    n, k, p, s : int
        Input size, kernel size, padding per side and stride; at most 20 cells with the padding.

    Raises
    ------
    TypeError, ValueError
        If the numbers don't fit together; the message names the one that doesn't.
    """
    count, _ = conv2d_output_shape(n, k, p, s)
    size = n + 2 * p
    check_size((size, size))
    read = reads(size, k, 0, s) > 0
    end = max(size, count * s + k)
    figure, ax = _canvas((-0.2, end + 0.2), 1.8 + 0.6 * count)
    for cell in range(size):
        image = p <= cell < p + n
        fill, name = (WHITE, str(cell - p)) if image else (PALE, "")
        _cell(ax, cell, 0, f"x{cell}", name, fill, dashed=not image, hatched=not read[cell])
    for i in range(count + 1):
        fits, top = i < count, 1.2 + 0.6 * i
        style: dict[str, Any] = {"facecolor": BLUE if fits else "none", "gid": f"window {i}"}
        style |= {"edgecolor": INK if fits else GREY, "linestyle": "-" if fits else "--"}
        ax.add_artist(Rectangle((i * s, top), k, 0.5, **style))
        words: dict[str, Any] = {"color": INK} if fits else {}
        said = f"window {i}" if k > 2 else str(i)
        ax.text(i * s + k / 2, top + 0.26, said if fits else "no room", **MIDDLE, **words)
    title = f"{formula(n, k, p, s)} windows"
    ax.set_title(title, fontsize=11, y=1)
    unread = [str(cell - p) for cell in numpy.flatnonzero(~read)]
    said = f"No window reads {', '.join(unread)}" if unread else "Every cell is read"
    figure.set_label(f"{title}. A row of {size} cells, windows of {k}, {s} apart. {said}.")
    return figure


def seen_by(n: int, layers: Sequence[tuple[int, int, int]], output: int | None = None) -> Figure:
    """Draw the pixels that one output of several layers depends on, along one axis (Section 6.3.2).

    The number in a pixel counts the paths from the pixel to the output.

    Parameters
    ----------
    n : int
        Size of the image, at most 20 with its padding.
    layers : sequence of (k, p, s)
        Kernel size, padding per side and stride of each layer, from the image upwards.
    output : int, optional
        Index of an output of the last layer; by default the middle one.

    Raises
    ------
    TypeError, ValueError
        If a layer doesn't fit, or there is no such output.
    """
    layers = list(layers)
    counts = paths(n, layers, output)
    check_size((len(counts[0]), 1))
    pads = [p for _, p, _ in layers] + [0]  # the padding of each storey
    first, apart, spread = 0.5, 1, []  # the centre of a storey's cell 0, and the cells' distance
    for k, p, s in [*layers, (1, 0, 1)]:
        spread.append((first, apart))
        first, apart = first + ((k - 1) / 2 - p) * apart, apart * s
    sees_padding = any(
        count[cell] for count, p in zip(counts, pads) for cell in [*range(p), *range(-p, 0)]
    )
    lowest = STOREY * len(layers)
    margin = 0.3 + max(p * apart for p, (_, apart) in zip(pads, spread))
    figure, ax = _canvas((-margin - 3, n + margin), lowest + 1.1)
    for storey, (count, p, (start, step)) in enumerate(zip(counts, pads, spread)):
        top = lowest - STOREY * storey
        name = f"layer {storey}" if storey else "image"
        ax.text(-margin - 0.2, top + 0.5, name, ha="right", va="center")
        for cell, times in enumerate(count):
            x, padding = start + (cell - p) * step, not p <= cell < len(count) - p
            fill = PALE if padding else WHITE
            fill = (BLUE if not storey else ORANGE) if times else fill
            said = str(times) if times and not storey and not padding else ""
            _cell(ax, x - 0.5, top, f"{storey}[{cell - p}]", said, fill, dashed=padding)
            if times and storey and not padding:
                k, _, s = layers[storey - 1]
                below, under = spread[storey - 1]
                for tap in range(k):
                    to = below + ((cell - p) * s - pads[storey - 1] + tap) * under
                    ends = [top + 1, top + STOREY]
                    ax.plot([x, to], ends, color=GREY, linewidth=0.9, gid="path")
    place = numpy.flatnonzero(counts[0]) - pads[0]
    inside = place[(place >= 0) & (place < n)]
    title = f"Output {numpy.flatnonzero(counts[-1])[0]} sees "
    width = inside[-1] - inside[0] + 1 if len(inside) else 0
    title += f"{width} pixels: {inside[0]} to {inside[-1]}" if width > 1 else ""
    title += f"1 pixel: {inside[0]}" if width == 1 else "no pixel" if not width else ""
    title += ", and padding" if sees_padding else ""
    ax.set_title(title, fontsize=11, y=1)
    said = ", ".join(map(str, counts[0]))
    figure.set_label(
        f"{title}, for layers (kernel, padding, stride) {', '.join(map(str, layers))}. "
        f"Paths from each pixel, with the padding: {said}."
    )
    return figure


def seen_by_each(n: int, layers: Sequence[tuple[int, int, int]]) -> Picture:
    """Return `seen_by` for every output, as an animation (Section 6.3.2).

    Parameters and errors are those of `seen_by`.
    """
    outputs = range(len(paths(n, layers)[-1]))
    return film(seen_by(n, layers, output) for output in outputs)


def _canvas(span: tuple[float, float], height: float) -> tuple[Figure, Axes]:
    """Return a figure with room for a title, and axes whose y goes down from 0 to `height`."""
    width = max(span[1] - span[0], 11)
    middle = sum(span) / 2
    figure = Figure(figsize=(0.42 * width, 0.42 * (height + 1.2)))
    ax = figure.add_axes((0, 0, 1, height / (height + 1.2)))
    ax.set(xlim=(middle - width / 2, middle + width / 2), ylim=(height, -0.2), aspect="equal")
    ax.set_axis_off()
    return figure, ax


def _cell(
    ax: Axes,
    left: float,
    top: float,
    gid: str,
    said: str,
    fill: Any,
    dashed: bool = False,
    hatched: bool = False,
) -> None:
    gap = 0.07 * dashed
    style: dict[str, Any] = {"facecolor": fill, "edgecolor": GREY, "linewidth": 0.9, "gid": gid}
    style |= {"linestyle": "--" if dashed else "-", "hatch": "////" if hatched else None}
    ax.add_artist(Rectangle((left + gap, top + gap), 1 - 2 * gap, 1 - 2 * gap, **style))
    dark = numpy.dot(to_rgb(fill), (0.3, 0.6, 0.1)) < 0.5
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1} if hatched else None
    style = {"color": WHITE if dark else INK, "fontsize": 10, "bbox": box, "gid": gid}
    if said:
        ax.text(left + 0.5, top + 0.52, said, **MIDDLE, **style)
