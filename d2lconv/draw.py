"""Pictures of convolutions, drawn from the reader's own numbers (Sections 6.1 to 6.3).

The functions return Matplotlib figures (not shown, not known to pyplot) whose label is their
alternative text; `show(figure)` displays figure and text. Nothing is told by colour alone:
padding is dashed, what no window reaches is hatched, a window has a thick border. The colours
are those of Okabe and Ito, which colour-blind readers can tell apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy

try:
    from matplotlib.axes import Axes
except ModuleNotFoundError as error:
    if error.name != "matplotlib":
        raise
    raise ImportError("d2lconv.draw needs Matplotlib: pip install d2lconv[draw]") from None
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.textpath import TextPath
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from d2lconv import conv2d_output_shape
from d2lconv.geometry import Pair, Reach, reach
from d2lconv.picture import Picture, show, slides
from d2lconv.words import by, course, seen, text, written_out

BLUE, ORANGE, PALE, WHITE = "#56B4E9", "#F0B84A", "#F2F2F2", "#FFFFFF"
GREY, INK = "#777777", "#111111"
MOST_CELLS = 20  # rows or columns of a diagram: beyond, the numbers can't be read
MOST_FRAMES = 64
STROKES, CURVES = ("-", "--", ":", "-."), ("#0072B2", "#D55E00", "#009E73", INK)
Place = tuple[float, float, float, float]  # left, bottom, width, height, as parts of the figure
MIDDLE: dict[str, Any] = {"ha": "center", "va": "center"}

# As light as its value is large, so that the sign survives a black and white print.
DIVERGING = LinearSegmentedColormap.from_list(
    "dark_zero_bright", ["#04204F", "#2F5D9C", "#9A9A9A", "#E9BC5B", "#FFF6C4"]
)


def window_diagram(
    X: ArrayLike,
    K: ArrayLike,
    padding: int | Pair | tuple[Pair, Pair] = 0,
    strides: int | Pair = 1,
    position: Pair = (0, 0),
) -> Figure:
    """Draw input, kernel and output, and how one output element comes about (Section 6.2.1).

    Parameters
    ----------
    X, K : array of shape (n_h, n_w) and (k_h, k_w)
        Input and kernel, MXNet or NumPy; the padded input has at most 20 rows and columns.
    padding, strides : int or pair of int
        As in Gluon: `padding` is per side. What Gluon does not have: ((above, below),
        (left, right)).
    position : pair of int
        Row and column of the output element.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit; the message names it.
    """
    image, kernel = _matrix("X", X), _matrix("K", K)
    n, k = _shape(image), _shape(kernel)
    shape, sides = _sizes_of(n, k, padding, strides)
    s = _pair(strides)
    padded = numpy.pad(image, sides)
    _check_size(_shape(padded))
    position = _position(position, shape)
    cells = reach(_shape(padded), k, (0, 0), s, position)
    cells = cells._replace(image=numpy.pad(numpy.full(n, True), sides))
    title = f"Input {by(n)}, kernel {by(k)}"
    if padded.size > image.size or max(s) > 1:
        (above, below), (left, right) = sides
        uneven = f"{above} above, {below} below, {left} left, {right} right"
        title += f", padding {padding if _even(padding) else uneven}, stride {strides}"
    return _diagram(f"{title}: output {by(shape)}", padded, kernel, s, position, cells)


def _diagram(
    title: str, X: numpy.ndarray, K: numpy.ndarray, s: Pair, position: Pair, cells: Reach
) -> Figure:
    windows = sliding_window_view(X, K.shape)[:: s[0], :: s[1]]
    Y = (windows * K).sum((2, 3))
    grids = X.shape, K.shape, Y.shape
    rows, width = max(X.shape[0], Y.shape[0]), max(sum(shape[1] for shape in grids) + 3, 13)
    sums = {i: written_out(windows[i], K, Y[i], int(width * 4.7)) for i in numpy.ndindex(Y.shape)}
    lines = max(map(len, sums.values()))  # of the longest sum: all positions get the same height
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
    _output(ax, left_Y, (rows - Y.shape[0]) / 2, Y.shape, position, Y)
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
    padding: int | Pair | tuple[Pair, Pair] = 0,
    strides: int | Pair = 1,
) -> Picture:
    """Return the diagram at every position of the window, as an animation (Section 6.2.1).

    `animate(X, K).save('window.gif')` writes it to a file. Parameters and errors are those of
    `window_diagram`; more than 64 positions are an error too.
    """
    n, k = _shape(_matrix("X", X)), _shape(_matrix("K", K))
    (height, width), _ = _sizes_of(n, k, padding, strides)
    if height * width > MOST_FRAMES:
        raise ValueError(
            f"X must have at most {MOST_FRAMES} window positions, got {height} by {width}"
        )
    positions = [(i, j) for i in range(height) for j in range(width)]
    frames = [show(window_diagram(X, K, padding, strides, position)) for position in positions]
    return slides(frames)


def formula(n: int, k: int, p: int, s: int) -> str:
    """Return the output size of Section 6.3.2 with its numbers, for one dimension."""
    m, _ = conv2d_output_shape((n, n), (k, k), p, s)
    return f"⌊({n} + 2·{p} − {k}) / {s}⌋ + 1 = {m}"


def heatmap(
    arrays: Sequence[ArrayLike],
    titles: Sequence[str],
    vmax: float | None = None,
    photos: Sequence[int] = (),
    boxes: dict[int, Sequence[int]] | None = None,
    height: float = 3.4,
    rows: int = 1,
) -> Figure:
    """Draw arrays side by side as heat maps, dark below zero and bright above, with one colour bar.

    Cells have one size in all panels, but where a panel would be too small to be seen beside the
    others.

    Parameters
    ----------
    arrays : sequence of arrays of shape (n,), (h, w) or (h, w, 3)
        MXNet or NumPy. The last form is an RGB image with values from 0 to 1.
    titles : sequence of str
        One for each array.
    vmax : float, optional
        The colours run from -vmax to vmax; by default to the largest absolute value. Where they
        end before the values do, the colour bar says so.
    photos : sequence of int
        Which panels are images, drawn in grey from black (0) to white (1).
    boxes : dict, optional
        The number of a panel, and the (row, column, height, width) of a window to be framed there.
    height, rows : float and int
        Inches of each row of panels at most, and how many rows there are.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit; the message names it.
    """
    panels = [_panel(f"arrays[{i}]", array) for i, array in enumerate(arrays)]
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
    largest = max([abs(a).max() for a in numbers], default=0) or 1
    limit = float(largest if vmax is None else vmax)
    if not limit > 0:
        raise ValueError(f"vmax must be a positive number, got {vmax!r}")
    figure, places = _places(
        [(a.shape[0], a.shape[1]) for a in panels], titles, height, rows, bool(maps)
    )
    labels = []
    for i, (a, title, (place, cell)) in enumerate(zip(panels, titles, places)):
        ax = figure.add_axes(place, title=title, xticks=[], yticks=[])
        labels.append(f"{title} ({_colour(ax, a, limit if i in maps else None, cell)})")
        if i in boxes:
            row, column, *shape = boxes[i]
            _border(ax, column - 0.5, row - 0.5, shape, "box")
            labels[-1] += f" with a box of {by(shape)} at row {row}, column {column}"
    label = f"{'Side by side: ' if panels[1:] else ''}{'; '.join(labels)}."
    if maps:
        label += _colour_bar(figure, maps[0], limit, numbers)
    figure.set_label(label)
    return figure


def _places(
    shapes: list[Pair], titles: Sequence[str], height: float, rows: int, bar: bool
) -> tuple[Figure, list[tuple[Place, float]]]:
    """Return a figure, and for each panel its place there and the inches of its cells."""
    columns = len(shapes) // rows
    cell = min(0.55, (height - 0.5) / max(map(max, shapes)))
    # a kernel beside a photograph would be a dot
    cells = [1 / max(n) if cell < 0.1 and cell * max(n) < 0.4 else cell for n in shapes]
    sizes = numpy.array([[side * c for side in n] for n, c in zip(shapes, cells)])
    words = [TextPath((0, 0), title, size=12).get_extents().width / 72 for title in titles]
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


def _colour(ax: Axes, a: numpy.ndarray, vmax: float | None, cell: float) -> str:
    """Draw an array whose cells have so many inches; return what is to be seen."""
    norm = Normalize(0, 1) if vmax is None else Normalize(-vmax, vmax)
    # Matplotlib's own choice of where to interpolate differs between 3.9 and 3.10
    image = ax.imshow(
        a,
        cmap="gray" if vmax is None else DIVERGING,
        norm=norm,
        interpolation_stage="data",
        aspect="auto",
    )
    if a.ndim == 2 and a.size <= 400:
        _values(ax, a, image, 72 * cell)
    kind = "" if vmax else ", an image in colour" if a.ndim == 3 else ", an image, 0 black, 1 white"
    if vmax or (a.size <= 400 and a.ndim == 2):
        kind += f": {seen(a)}"
    return f"{a.shape[0]} by {a.shape[1]}{kind}"


def _colour_bar(figure: Figure, panel: int, vmax: float, arrays: list[numpy.ndarray]) -> str:
    """Draw the colour bar; say where its colours end before the values do."""
    width, height = figure.get_size_inches()
    place = 1 - 0.8 / width, 0.1, 0.16 / width, 0.8 - 0.2 / height
    below, above = any((a < -vmax).any() for a in arrays), any((a > vmax).any() for a in arrays)
    extend = "both" if below and above else "min" if below else "max" if above else "neither"
    image = figure.axes[panel].images[0]
    bar = figure.colorbar(image, cax=figure.add_axes(place), extend=extend)
    _grey_frame(bar.ax)
    if extend == "neither":
        return ""
    ends = [-vmax, -vmax / 2, 0, vmax / 2, vmax]
    names = [text(end).replace("-", "−") for end in ends]
    names[0], names[4] = "≤ " * below + names[0], "≥ " * above + names[4]
    bar.set_ticks(ends, labels=names)
    return f" The colours end at {text(-vmax)} and {text(vmax)}; beyond they stay as they are."


def _values(ax: Axes, a: numpy.ndarray, image: AxesImage, room: float) -> None:
    """Write each value into its cell, if they fit into cells of so many points."""
    size = min(12, 1.3 * room / (1 + max(len(text(value)) for value in a.flat)))
    if size < 6:
        return
    for (row, column), value in numpy.ndenumerate(a):
        dark = image.cmap(image.norm(value))[:3] @ numpy.array([0.3, 0.6, 0.1]) < 0.5
        colour = "white" if dark else INK
        ax.text(column, row, text(value), **MIDDLE, color=colour, fontsize=size)


def curves(x: Sequence[float], ys: dict[str, Sequence[Any]], xlabel: str, ylabel: str) -> Figure:
    """Draw curves over `x`, each with a name, a marker and a stroke of its own (Section 6.1.2).

    Parameters
    ----------
    x : sequence of float
        Where the values stand.
    ys : dict of str to sequences
        For each name the values, one for each `x`, or several such sequences, one for each try.
    xlabel, ylabel : str
        What the axes show.

    Raises
    ------
    ValueError
        If there is no curve, or a curve has not as many values as `x`.
    """
    tries = {name: numpy.atleast_2d(numpy.asarray(y, float)) for name, y in ys.items()}
    if not tries or any(y.shape[1] != len(x) for y in tries.values()):
        shapes = {name: y.shape for name, y in tries.items()}
        raise ValueError(f"ys must be curves of {len(x)} values, as many as x has, got {shapes}")
    figure = Figure(figsize=(6, 3.4), layout="constrained")
    ax = figure.subplots()
    for (name, y), marker, dashes, colour in zip(tries.items(), "os^D", STROKES, CURVES):
        style: dict[str, Any] = {
            "marker": marker,
            "linestyle": dashes,
            "color": colour,
            "markersize": 4,
        }
        lines = ax.plot(x, y.T, linewidth=1, **style)
        lines[0].set_label(name)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    _grey_frame(ax)
    figure.legend(loc="outside lower center", ncols=3, fontsize=9, frameon=False)
    ends = [f"{name} {course(x, y.mean(0))}" for name, y in tries.items()]
    figure.set_label(f"{ylabel} over {xlabel}, {text(x[0])} to {text(x[-1])}: {'; '.join(ends)}.")
    return figure


def descent(
    loss: Callable[[float, float], float],
    paths: dict[str, Sequence[Sequence[float]]],
    span: tuple[float, float] | None = None,
) -> Figure:
    """Draw the steps of gradient descent over the contours of a loss (Section 6.2.4).

    Parameters
    ----------
    loss : function of two floats
        The loss for two weights.
    paths : dict of str to sequences of (w_1, w_2)
        For each name the weights before the first step and after each.
    span : pair of float, optional
        From where to where both axes go; by default as far as the paths.

    Raises
    ------
    ValueError
        If there is no path, or a path is no sequence of pairs.
    """
    steps = {name: numpy.asarray(path, float) for name, path in paths.items()}
    if not steps or any(path.ndim != 2 or path.shape[1] != 2 for path in steps.values()):
        shapes = {name: path.shape for name, path in steps.items()}
        raise ValueError(f"paths must be sequences of (w_1, w_2), got {shapes}")
    figure = Figure(figsize=(3.4 * len(steps), 3.6), layout="constrained")
    axes = figure.subplots(1, len(steps), squeeze=False, sharex=True, sharey=True)[0]
    points = numpy.concatenate(list(steps.values()))
    low, high = points.min(0) - 0.3, points.max(0) + 0.3
    if span:
        low, high = (numpy.full(2, end) for end in span)
    w_1, w_2 = (numpy.linspace(*ends, 60) for ends in zip(low, high))
    heights = numpy.array([[loss(x, y) for x in w_1] for y in w_2])
    for ax, (name, path) in zip(axes, steps.items()):
        ax.contour(w_1, w_2, heights, levels=heights.max() * numpy.linspace(0.1, 1, 12) ** 2)
        ax.set(title=name, xlabel="$w_1$", xlim=(w_1[0], w_1[-1]), ylim=(w_2[0], w_2[-1]))
        _steps(ax, path)
    axes[0].set_ylabel("$w_2$")
    ends = [
        f"{name}: the loss goes from {text(loss(*path[0]))} to {text(loss(*path[-1]))}"
        for name, path in steps.items()
    ]
    figure.set_label(f"Steps over the contours of a loss. {'; '.join(ends)}.")
    return figure


def _steps(ax: Axes, path: numpy.ndarray) -> None:
    ax.plot(*path.T, "o-", color=INK, markersize=4, linewidth=1)
    ax.plot(*path[0], "s", color=INK, markersize=8, markerfacecolor=WHITE)
    _grey_frame(ax)


def _airy() -> ConstrainedLayoutEngine:
    """Return a layout with room between the titles of the figure and of its panels."""
    return ConstrainedLayoutEngine(h_pad=0.1)


def _grey_frame(ax: Axes) -> None:
    """Draw frame and ticks so that they are seen on a light page and on a dark one."""
    ax.spines[:].set_color(GREY)
    ax.tick_params(color=GREY)


def size_table(cases: Sequence[tuple[int, int, int, int]]) -> Figure:
    """Draw how size, kernel, padding and stride make the output's size (Section 6.3).

    Parameters
    ----------
    cases : sequence of (n, k, p, s)
        Input size, kernel size, padding per side and stride of square convolutions.

    Raises
    ------
    TypeError, ValueError
        If a case does not fit; the message names it.
    """
    cases = list(cases)
    if not cases or any(len(case) != 4 for case in cases):
        raise ValueError(f"cases must be at least one (n, k, p, s), got {cases!r}")
    columns = min(3, len(cases))
    rows = -(-len(cases) // columns)
    figure = Figure(figsize=(3.4 * columns, 2.5 * rows + 0.9), layout=_airy())
    figure.suptitle("Output size: ⌊(n + 2p − k) / s⌋ + 1", fontsize=12)
    titles, notes = [], set()
    for ax, case in zip(figure.subplots(rows, columns, squeeze=False).flat, cases):
        notes |= _sizes(ax, *case)
        titles.append(ax.get_title().replace("\n", ": "))
    width = max(numpy.ptp(ax.get_xlim()) for ax in figure.axes)
    height = max(max(ax.get_ylim()) for ax in figure.axes)
    for ax in figure.axes:  # one cell size for all
        middle = sum(ax.get_xlim()) / 2
        ax.set(xlim=(middle - width / 2, middle + width / 2), ylim=(height, -0.2))
        ax.set_axis_off()
    _legend(figure, notes)
    figure.set_label("Output sizes: " + "; ".join(titles) + ".")
    return figure


def _sizes(ax: Axes, n: int, k: int, p: int, s: int) -> set[str]:
    m, _ = conv2d_output_shape((n, n), (k, k), p, s)
    size = n + 2 * p
    _check_size((size, size))
    ax.set(xlim=(-0.2, size + m + 1.2), ylim=(size + 0.2, -0.2), aspect="equal")
    notes = _input(ax, 0, 0, reach((n, n), (k, k), (p, p), (s, s)), (s, s))
    _output(ax, size + 1, (size - m) / 2, (m, m), (0, 0))
    ax.set_title(f"n={n}, k={k}, p={p}, s={s}\n{formula(n, k, p, s)}, so {m}×{m}", fontsize=10)
    return notes


def shrinking(n: int = 240, k: int = 5, layers: int = 10) -> Figure:
    """Draw how layers without padding eat an image from its border (Section 6.3).

    Parameters
    ----------
    n, k, layers : int
        Height and width of the image, of the kernels, and the number of layers.

    Raises
    ------
    ValueError
        If nothing is left of the image, or a number is too small to shrink anything.
    """
    sizes = [n - i * (k - 1) for i in range(layers + 1)]
    if k < 2 or layers < 1 or sizes[-1] < 1:
        raise ValueError(
            "n must be more than layers times k - 1, k 2 or more and layers 1 or more, "
            f"got n={n!r}, k={k!r}, layers={layers!r}"
        )
    figure = Figure(figsize=(9, 4.9), layout=_airy())
    share, last = 1 - sizes[-1] ** 2 / n**2, f"{sizes[-1]}×{sizes[-1]}"
    title = f"{layers} layers of {k}×{k} kernels, no padding: {n}×{n} becomes {last}"
    title += f", {share:.0%} of the area is lost"
    figure.suptitle(title, fontsize=12)
    whole, corner = figure.subplots(1, 2)
    _nested(whole, sizes, n)
    whole.text(n / 2, n / 2, last, **MIDDLE, fontsize=14, color=INK)
    whole.set_title(f"To scale: {n}×{n}", fontsize=11)
    view = min(n, 0.85 * (n - sizes[-1]) + 1)
    _nested(corner, sizes, view)
    for size in sizes:
        corner.text(view * 1.02, (n - size) / 2, f"{size}", va="center", fontsize=9)
    corner.set_title("Its corner: the size after each layer", fontsize=11)
    figure.set_label(f"{title}. Nested squares of the sizes {', '.join(map(str, sizes))}.")
    return figure


def _nested(ax: Axes, sizes: list[int], view: float) -> None:
    """Draw squares of these sizes, the first the largest, as far as `view` from the corner."""
    n = sizes[0]
    ax.add_patch(Rectangle((0, 0), n, n, facecolor=ORANGE, hatch="///", edgecolor=GREY))
    for size in sizes:
        edge = (n - size) / 2
        colour = BLUE if size == sizes[-1] else "none"
        style: dict[str, Any] = {
            "facecolor": colour,
            "linewidth": 2 if size in (n, sizes[-1]) else 0.7,
        }
        square = Rectangle((edge, edge), size, size, edgecolor=INK, gid=f"size {size}", **style)
        ax.add_patch(square)
    ax.set(xlim=(-0.01 * view, view * 1.01), ylim=(view * 1.01, -0.01 * view), aspect="equal")
    ax.set_axis_off()


def _numbers(name: str, value: Any) -> numpy.ndarray:
    array = numpy.asarray(value.asnumpy() if hasattr(value, "asnumpy") else value)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be an array of numbers, got {value!r}")
    return array.astype(float)


def _matrix(name: str, value: Any) -> numpy.ndarray:
    array = _numbers(name, value)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"{name} must have a height and a width of 1 or more, got {array.shape}")
    return array


def _panel(name: str, value: Any) -> numpy.ndarray:
    array = _numbers(name, value)
    if array.size == 0 or (array.ndim not in (1, 2) and array.shape[2:] != (3,)):
        raise ValueError(f"{name} must have shape (n,), (h, w) or (h, w, 3), got {array.shape}")
    return array[None] if array.ndim == 1 else array


def _position(position: Any, shape: Pair) -> Pair:
    found = tuple(numpy.ravel(position).tolist())
    if found not in set(numpy.ndindex(*shape)):
        raise ValueError(
            "position must be a row and a column of the output, "
            f"whose shape is {shape}, got {found!r}"
        )
    return found


def _even(padding: Any) -> bool:
    """Whether there is as much padding on one side as on the other, as Gluon has it."""
    return not isinstance(padding, (tuple, list)) or not any(map(numpy.ndim, padding))


def _sizes_of(n: Pair, k: Pair, padding: Any, strides: Any) -> tuple[Pair, list[Pair]]:
    """Return the output's shape, and the padding as [(above, below), (left, right)]."""
    if _even(padding):
        shape = conv2d_output_shape(n, k, padding, strides)
        return shape, [(side, side) for side in _pair(padding)]
    sides = numpy.asarray(padding)
    if sides.shape != (2, 2) or sides.dtype.kind != "i" or sides.min() < 0:
        raise ValueError(
            f"padding must be ((above, below), (left, right)) of 0 or more, got {padding!r}"
        )
    height, width = numpy.add(n, sides.sum(1)).tolist()
    return conv2d_output_shape((height, width), k, 0, strides), sides.tolist()


def _check_size(size: Pair) -> None:
    if max(size) > MOST_CELLS:
        raise ValueError(
            f"the padded input must have at most {MOST_CELLS} rows and columns, or its cells are "
            f"too small to read, got {size}"
        )


def _shape(array: numpy.ndarray) -> Pair:
    height, width = array.shape
    return height, width


def _pair(value: int | Pair) -> Pair:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def _grid(
    ax: Axes,
    left: float,
    top: float,
    name: str,
    fill: numpy.ndarray,
    values: numpy.ndarray | None = None,
    dashed: bool | numpy.ndarray = False,
    hatched: bool | numpy.ndarray = False,
) -> None:
    """Draw cells of the colours `fill`; the other arguments are arrays of the same shape."""
    dashed, hatched = (numpy.broadcast_to(mask, fill.shape) for mask in (dashed, hatched))
    for (i, j), colour in numpy.ndenumerate(fill):
        gap = 0.07 * bool(dashed[i, j])  # between neighbours' dashes
        style: dict[str, Any] = {"linestyle": "--" if dashed[i, j] else "-"}
        style["hatch"] = "////" if hatched[i, j] else None
        corner, side = (left + j + gap, top + i + gap), 1 - 2 * gap
        style |= {"facecolor": colour, "edgecolor": GREY, "gid": f"{name}[{i},{j}]"}
        # unlike add_patch, add_artist does not fit the axes' limits each time
        ax.add_artist(Rectangle(corner, side, side, linewidth=0.9, **style))
    if values is None:
        return
    size = min(13, 48 / max(len(text(value)) for value in values.flat))
    for (i, j), value in numpy.ndenumerate(values):
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1} if hatched[i, j] else None
        style = {
            "gid": f"{name}[{i},{j}]",
            "color": INK,
            "fontsize": size,
            "bbox": box,
        }
        ax.text(left + j + 0.5, top + i + 0.52, text(value), **MIDDLE, **style)


def _input(
    ax: Axes,
    left: float,
    top: float,
    cells: Reach,
    s: Pair,
    values: numpy.ndarray | None = None,
) -> set[str]:
    """Draw the padded input and its window; return what a legend should explain."""
    fill = numpy.where(cells.window, BLUE, numpy.where(cells.image, WHITE, PALE))
    _grid(ax, left, top, "X", fill, values, dashed=~cells.image, hatched=~cells.reached)
    rows, columns = numpy.nonzero(cells.window)
    k = int(numpy.ptp(rows)) + 1, int(numpy.ptp(columns)) + 1
    if max(s) > 1:  # where windows start, and where they could without strides
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
    _border(ax, left + columns.min(), top + rows.min(), k, "X window")
    needed = {"padding": not cells.image.all(), "lost": not cells.reached.all()}
    needed["start"] = max(s) > 1
    return {note for note, is_needed in needed.items() if is_needed}


def _output(
    ax: Axes,
    left: float,
    top: float,
    shape: Pair,
    position: Pair,
    values: numpy.ndarray | None = None,
) -> None:
    fill = numpy.full(shape, WHITE)
    fill[position] = BLUE
    _grid(ax, left, top, "Y", fill, values)
    _border(ax, left + position[1], top + position[0], (1, 1), "Y window")


def _border(ax: Axes, left: float, top: float, shape: Sequence[int], gid: str) -> None:
    for thickness, colour in ((4, WHITE), (2.4, INK)):  # white, to be seen on a dark page
        style: dict[str, Any] = {"fill": False, "edgecolor": colour, "linewidth": thickness}
        ax.add_patch(Rectangle((left, top), shape[1], shape[0], **style, gid=gid))


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
        handles += [dot("a window starts here", INK), dot("skipped by the stride", "white")]
    if notes:
        place = "outside lower center" if figure.get_layout_engine() else "lower center"
        figure.legend(handles=handles, loc=place, ncols=3, fontsize=9, frameon=False)
