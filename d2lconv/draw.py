"""Pictures of convolutions, drawn from the reader's own numbers (Sections 6.1 to 6.3).

The functions return Matplotlib figures (not shown, not known to pyplot) whose label is their
alternative text; `show(figure)` displays figure and text. Nothing is told by colour alone:
padding is dashed, what no window reaches is hatched, a window has a thick border. The colours
are those of Okabe and Ito, which colour-blind readers can tell apart.
"""

from __future__ import annotations

import textwrap
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
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from d2lconv import conv2d_output_shape
from d2lconv.geometry import Pair, Reach, reach
from d2lconv.picture import Picture, show

BLUE, ORANGE, PALE, WHITE = "#56B4E9", "#F0B84A", "#F2F2F2", "#FFFFFF"
GREY, INK = "#777777", "#111111"
MOST_CELLS = 20  # rows or columns of a diagram: beyond, the numbers can't be read
MOST_FRAMES = 64
STROKES, CURVES = ("-", "--", ":", "-."), ("#0072B2", "#D55E00", "#009E73", INK)
MIDDLE: dict[str, Any] = {"ha": "center", "va": "center"}

# As light as its value is large, so that the sign survives a black and white print.
DIVERGING = LinearSegmentedColormap.from_list(
    "dark_zero_bright", ["#04204F", "#2F5D9C", "#9A9A9A", "#E9BC5B", "#FFF6C4"]
)


def window_diagram(
    X: ArrayLike,
    K: ArrayLike,
    padding: int | Pair = 0,
    strides: int | Pair = 1,
    position: Pair = (0, 0),
) -> Figure:
    """Draw input, kernel and output, and how one output element comes about (Section 6.2.1).

    Parameters
    ----------
    X, K : array of shape (n_h, n_w) and (k_h, k_w)
        Input and kernel, MXNet or NumPy; the padded input has at most 20 rows and columns.
    padding, strides : int or pair of int
        As in Gluon: `padding` is per side.
    position : pair of int
        Row and column of the output element.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit; the message names it.
    """
    image, kernel = _matrix("X", X), _matrix("K", K)
    n, k = _shape(image), _shape(kernel)
    shape = conv2d_output_shape(n, k, padding, strides)
    p, s = _pair(padding), _pair(strides)
    _check_size(n, p)
    position = _position(position, shape)
    cells = reach(n, k, p, s, position)
    title = f"Input {_by(n)}, kernel {_by(k)}"
    if max(p) > 0 or max(s) > 1:
        title += f", padding {padding}, stride {strides}"
    return _diagram(f"{title}: output {_by(shape)}", image, kernel, p, s, position, cells)


def _diagram(
    title: str,
    X: numpy.ndarray,
    K: numpy.ndarray,
    p: Pair,
    s: Pair,
    position: Pair,
    cells: Reach,
) -> Figure:
    X = numpy.pad(X, [(side, side) for side in p])
    windows = sliding_window_view(X, K.shape)[:: s[0], :: s[1]]
    Y = (windows * K).sum((2, 3))
    grids = X.shape, K.shape, Y.shape
    rows, width = max(X.shape[0], Y.shape[0]), max(sum(shape[1] for shape in grids) + 3, 13)
    sums = {i: _sum(windows[i], K, Y[i], int(width * 4.7)) for i in numpy.ndindex(Y.shape)}
    lines = max(map(len, sums.values()))  # of the longest sum: all positions get the same height
    plain = max(p) == 0 and max(s) == 1  # no legend below
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
    for x, sign in ((left_K, "*"), (left_Y, "=")):
        ax.text(x - 0.5, rows / 2, sign, **MIDDLE, fontsize=16)
    ax.text(width / 2, -0.6, title, **MIDDLE, fontsize=11, gid="title")
    font: dict[str, Any] = {"fontsize": 11, "family": "monospace", "linespacing": 1.3}
    text = "\n".join(sums[position])
    ax.text(width / 2, rows + 0.5, text, ha="center", va="top", **font, gid="sum")
    _legend(figure, notes)
    figure.set_label(f"{title}. Output element {position}: {' '.join(sums[position])}.")
    return figure


def animate(
    X: ArrayLike, K: ArrayLike, padding: int | Pair = 0, strides: int | Pair = 1
) -> Picture:
    """Return the diagram at every position of the window, as an animation (Section 6.2.1).

    `animate(X, K).save('window.gif')` writes it to a file. Parameters and errors are those of
    `window_diagram`; more than 64 positions are an error too.
    """
    n, k = _shape(_matrix("X", X)), _shape(_matrix("K", K))
    height, width = conv2d_output_shape(n, k, padding, strides)
    if height * width > MOST_FRAMES:
        raise ValueError(
            f"X must have at most {MOST_FRAMES} window positions, got {height} by {width}"
        )
    positions = [(i, j) for i in range(height) for j in range(width)]
    frames = [show(window_diagram(X, K, padding, strides, position)) for position in positions]
    return Picture([frame.images[0] for frame in frames], [frame.alts[0] for frame in frames])


def formula(n: int, k: int, p: int, s: int) -> str:
    """Return the output size of Section 6.3.2 with its numbers, for one dimension."""
    m, _ = conv2d_output_shape((n, n), (k, k), p, s)
    return f"⌊({n} + 2·{p} − {k}) / {s}⌋ + 1 = {m}"


def heatmap(
    arrays: Sequence[ArrayLike],
    titles: Sequence[str],
    vmax: float | None = None,
    photos: Sequence[int] = (),
    marks: dict[int, Pair] | None = None,
    height: float = 3.4,
    rows: int = 1,
) -> Figure:
    """Draw arrays side by side as heat maps, dark below zero and bright above, with one colour bar.

    Parameters
    ----------
    arrays : sequence of arrays of shape (n,), (h, w) or (h, w, 3)
        MXNet or NumPy. The last form is an RGB photograph with values from 0 to 1.
    titles : sequence of str
        One for each array.
    vmax : float, optional
        The colours run from -vmax to vmax; by default to the largest absolute value.
    photos : sequence of int
        Which panels are photographs, drawn from black to white on a scale of their own.
    marks : dict, optional
        The number of a panel, and the (row, column) to be ringed there.
    height, rows : float and int
        Inches of each row of panels, and how many rows there are.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit; the message names it.
    """
    panels = [_panel(f"arrays[{i}]", array) for i, array in enumerate(arrays)]
    if not panels or len(panels) != len(titles):
        raise ValueError(f"titles must be one for each of {len(panels)} arrays, got {titles!r}")
    maps = [i for i, a in enumerate(panels) if a.ndim == 2 and i not in photos]
    largest = max([abs(panels[i]).max() for i in maps], default=0) or 1
    limit = float(largest if vmax is None else vmax)
    if not limit > 0:
        raise ValueError(f"vmax must be a positive number, got {vmax!r}")
    return _panels(panels, titles, limit, maps, marks or {}, height, rows)


def _panels(
    panels: list[numpy.ndarray],
    titles: Sequence[str],
    vmax: float,
    maps: list[int],
    marks: dict[int, Pair],
    height: float,
    rows: int,
) -> Figure:
    if rows < 1 or len(panels) % rows:
        raise ValueError(f"rows must divide {len(panels)}, the number of arrays, got {rows!r}")
    width = (height - 0.2) * len(panels) / rows + (0.9 if maps else 0)
    figure = Figure(figsize=(width, height * rows), layout="constrained")
    axes = figure.subplots(rows, len(panels) // rows, squeeze=False).ravel()
    labels = []
    for i, (ax, a, title) in enumerate(zip(axes, panels, titles)):
        colours: dict[str, Any] = {"cmap": "gray"}
        content = "photograph"
        if i in maps:
            colours = {"cmap": DIVERGING, "norm": Normalize(-vmax, vmax)}
            content = f"values from {_text(a.min())} to {_text(a.max())}"
        # Matplotlib's own choice of where to interpolate differs between 3.9 and 3.10
        image = ax.imshow(a, interpolation_stage="data", **colours)
        ax.set_title(title, fontsize=12)
        ax.set(xticks=[], yticks=[])
        if i in maps and a.size <= 400:
            _values(ax, a, image, 125 * height / max(a.shape))
        if i in marks:
            _ring(ax, *marks[i])
        labels.append(f"{title} ({' by '.join(map(str, a.shape[:2]))}, {content})")
    if maps:
        figure.colorbar(axes[maps[0]].images[0], ax=axes, shrink=0.8)
    figure.set_label(f"Side by side: {'; '.join(labels)}.")
    return figure


def _values(ax: Axes, a: numpy.ndarray, image: AxesImage, room: float) -> None:
    """Write each value into its cell, if they fit into cells of that size."""
    size = min(12, room / (3 + max(len(_text(value)) for value in a.flat)))
    if size < 6:
        return
    for (row, column), value in numpy.ndenumerate(a):
        dark = DIVERGING(image.norm(value))[:3] @ numpy.array([0.3, 0.6, 0.1]) < 0.5
        colour = "white" if dark else "black"
        ax.text(column, row, _text(value), **MIDDLE, color=colour, fontsize=size)


def _ring(ax: Axes, row: int, column: int) -> None:
    for thickness, colour in ((5, "white"), (2, INK)):
        ax.plot(
            column,
            row,
            "o",
            markersize=22,
            markerfacecolor="none",
            markeredgecolor=colour,
            markeredgewidth=thickness,
            gid="mark",
        )


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
    figure.legend(loc="outside lower center", ncols=3, fontsize=9, frameon=False)
    ends = [
        f"{name} from {_text(y[:, 0].mean())} to {_text(y[:, -1].mean())}"
        for name, y in tries.items()
    ]
    figure.set_label(f"{ylabel} over {xlabel}, {_text(x[0])} to {_text(x[-1])}: {'; '.join(ends)}.")
    return figure


def descent(
    loss: Callable[[float, float], float], paths: dict[str, Sequence[Sequence[float]]]
) -> Figure:
    """Draw the steps of gradient descent over the contours of a loss (Section 6.2.4).

    Parameters
    ----------
    loss : function of two floats
        The loss for two weights.
    paths : dict of str to sequences of (w_1, w_2)
        For each name the weights before the first step and after each.

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
    w_1, w_2 = (numpy.linspace(*ends, 60) for ends in zip(low, high))
    heights = numpy.array([[loss(x, y) for x in w_1] for y in w_2])
    for ax, (name, path) in zip(axes, steps.items()):
        ax.contour(w_1, w_2, heights, levels=heights.max() * numpy.linspace(0.01, 1, 12) ** 2)
        ax.plot(*path.T, "o-", color=INK, markersize=4, linewidth=1)
        ax.plot(*path[0], "s", color=INK, markersize=8, markerfacecolor=WHITE)
        ax.set(title=name, xlabel="$w_1$")
    axes[0].set_ylabel("$w_2$")
    ends = [
        f"{name}: the loss goes from {_text(loss(*path[0]))} to {_text(loss(*path[-1]))}"
        for name, path in steps.items()
    ]
    figure.set_label(f"Steps over the contours of a loss. {'; '.join(ends)}.")
    return figure


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
    figure = Figure(figsize=(3.4 * columns, 2.5 * rows + 0.9), layout="constrained")
    figure.suptitle("Output size: ⌊(n + 2p − k) / s⌋ + 1", fontsize=12)
    titles, notes = [], set()
    for ax, case in zip(figure.subplots(rows, columns, squeeze=False).flat, cases):
        notes |= _sizes(ax, *case)
        titles.append(ax.get_title().replace("\n", ": "))
    for ax in figure.axes:
        ax.set_axis_off()
    _legend(figure, notes)
    figure.set_label("Output sizes: " + "; ".join(titles) + ".")
    return figure


def _sizes(ax: Axes, n: int, k: int, p: int, s: int) -> set[str]:
    m, _ = conv2d_output_shape((n, n), (k, k), p, s)
    _check_size((n, n), (p, p))
    size = n + 2 * p
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
    figure = Figure(figsize=(9, 4.7), layout="constrained")
    share, last = 1 - sizes[-1] ** 2 / n**2, f"{sizes[-1]}×{sizes[-1]}"
    title = f"{layers} layers of {k}×{k} kernels, no padding: {n}×{n} becomes {last}"
    title += f", {share:.0%} of the pixels are gone"
    figure.suptitle(title, fontsize=12)
    whole, corner = figure.subplots(1, 2)
    _nested(whole, sizes, n)
    whole.text(n / 2, n / 2, last, **MIDDLE, fontsize=14)
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


def _check_size(n: Pair, p: Pair) -> None:
    size = n[0] + 2 * p[0], n[1] + 2 * p[1]
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


def _by(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


def _text(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() and abs(value) < 1e5 else f"{value:.3g}"


def _sum(window: numpy.ndarray, K: numpy.ndarray, total: float, width: int) -> list[str]:
    """Write a sum of products and its total, in lines of at most `width` letters."""

    def factor(value: float) -> str:
        return f"({_text(value)})" if value < 0 else _text(value)

    terms = " + ".join(f"{factor(x)}*{factor(k)}" for x, k in zip(window.flat, K.flat))
    shown = [*window.flat, *K.flat, total]
    rounded = [float(_text(value)) for value in shown]
    exact = (numpy.array(shown, numpy.float32) == numpy.array(rounded, numpy.float32)).all()
    text = f"{terms} {'=' if exact else '≈'} {_text(total)}"
    return textwrap.wrap(text, width, break_on_hyphens=False)


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
    size = min(13, 48 / max(len(_text(value)) for value in values.flat))
    for (i, j), value in numpy.ndenumerate(values):
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1} if hatched[i, j] else None
        style = {
            "gid": f"{name}[{i},{j}]",
            "color": INK,
            "fontsize": size,
            "bbox": box,
        }
        ax.text(left + j + 0.5, top + i + 0.52, _text(value), **MIDDLE, **style)


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


def _border(ax: Axes, left: float, top: float, shape: Pair, gid: str) -> None:
    style: dict[str, Any] = {"fill": False, "edgecolor": INK, "linewidth": 2.4, "gid": gid}
    ax.add_patch(Rectangle((left, top), shape[1], shape[0], **style))


def _legend(figure: Figure, notes: set[str]) -> None:
    def dot(label: str, inner: str) -> Line2D:
        style: dict[str, Any] = {
            "markersize": 5,
            "color": INK,
            "markerfacecolor": inner,
            "label": label,
        }
        return Line2D([], [], linestyle="", marker="o", **style)

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
