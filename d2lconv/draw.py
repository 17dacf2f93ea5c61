"""Pictures of convolutions, drawn from the reader's own numbers (Sections 6.1 to 6.3).

The functions return Matplotlib figures (not shown, not known to pyplot) whose label is their
alternative text; `show(figure)` displays figure and text. Nothing is told by colour alone:
padding is dashed, what no window reaches is hatched, a window has a thick border. The colours
are those of Okabe and Ito, which colour-blind readers can tell apart.
"""

from __future__ import annotations

import textwrap

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from d2lconv import conv2d_output_shape
from d2lconv.picture import Picture, show

BLUE, ORANGE, PALE, WHITE = "#56B4E9", "#F0B84A", "#F2F2F2", "#FFFFFF"
GREY, INK = "#777777", "#111111"
LARGEST = 20  # rows or columns of a diagram: beyond, the numbers can't be read

# As light as its value is large, so that the sign survives a black and white print.
DIVERGING = LinearSegmentedColormap.from_list(
    "dark_zero_bright", ["#04204F", "#2F5D9C", "#9A9A9A", "#E9BC5B", "#FFF6C4"]
)


def window_diagram(
    X,
    K,
    padding: int | tuple[int, int] = 0,
    strides: int | tuple[int, int] = 1,
    position: tuple[int, int] = (0, 0),
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
    X, K = _matrix("X", X), _matrix("K", K)
    shape = conv2d_output_shape(X.shape, K.shape, padding, strides)
    n, p, s = X.shape, _pair(padding), _pair(strides)
    _check_size(n, p)
    position = tuple(np.ravel(position).tolist())
    if position not in set(np.ndindex(*shape)):
        raise ValueError(
            f"position={position!r}: expected a row and a column of the output, "
            f"whose shape is {shape}"
        )
    X = np.pad(X, [(side, side) for side in p])
    rows, width = max(X.shape[0], shape[0]), max(X.shape[1] + K.shape[1] + shape[1] + 3, 13)
    Y, sums = np.empty(shape), {}
    for i, j in np.ndindex(*shape):
        window = X[i * s[0] :, j * s[1] :][: K.shape[0], : K.shape[1]]
        Y[i, j] = (window * K).sum()
        sums[i, j] = textwrap.wrap(
            _sum(window, K, Y[i, j]), int(width * 4.7), break_on_hyphens=False
        )
    lines = max(map(len, sums.values()))  # of the longest sum: all positions get the same height
    plain = max(p) == 0 and max(s) == 1
    bottom = rows + 0.6 + 0.5 * lines + (0 if plain else 1)

    figure = Figure(figsize=(0.45 * width, 0.45 * (bottom + 1.2)))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(bottom, -1.2), aspect="equal")
    ax.set_axis_off()
    left = (width - X.shape[1] - K.shape[1] - shape[1] - 2) / 2
    left_K = left + X.shape[1] + 1
    left_Y = left_K + K.shape[1] + 1
    notes = _input(ax, left, (rows - X.shape[0]) / 2, n, K.shape, p, s, position, X)
    _grid(ax, left_K, (rows - K.shape[0]) / 2, "K", np.full(K.shape, ORANGE), K)
    _output(ax, left_Y, (rows - shape[0]) / 2, shape, position, Y)
    for x, sign in ((left_K, "*"), (left_Y, "=")):
        ax.text(x - 0.5, rows / 2, sign, ha="center", va="center", fontsize=16)
    title = (
        f"Input {_by(n)}, kernel {_by(K.shape)}"
        f"{'' if plain else f', padding {padding}, stride {strides}'}: output {_by(shape)}"
    )
    ax.text(width / 2, -0.6, title, ha="center", va="center", fontsize=11, gid="title")
    ax.text(
        width / 2,
        rows + 0.5,
        "\n".join(sums[position]),
        ha="center",
        va="top",
        fontsize=11,
        family="monospace",
        linespacing=1.3,
        gid="sum",
    )
    _legend(figure, notes)
    figure.set_label(f"{title}. Output element {position}: {' '.join(sums[position])}.")
    return figure


def animate(
    X, K, padding: int | tuple[int, int] = 0, strides: int | tuple[int, int] = 1
) -> Picture:
    """Return the diagram at every position of the window, as an animation (Section 6.2.1).

    `animate(X, K).save('window.gif')` writes it to a file. Parameters and errors are those of
    `window_diagram`; more than 64 positions are an error too.
    """
    shape = conv2d_output_shape(_matrix("X", X).shape, _matrix("K", K).shape, padding, strides)
    if np.prod(shape) > 64:
        raise ValueError(f"X has {shape[0]} by {shape[1]} window positions: expected at most 64")
    frames = [show(window_diagram(X, K, padding, strides, i)) for i in np.ndindex(*shape)]
    return Picture([frame.images[0] for frame in frames], [frame.alts[0] for frame in frames])


def formula(n: int, k: int, p: int, s: int) -> str:
    """Return the output size of Section 6.3.2 with its numbers, for one dimension."""
    m, _ = conv2d_output_shape((n, n), (k, k), p, s)
    return f"⌊({n} + 2·{p} − {k}) / {s}⌋ + 1 = {m}"


def heatmap(
    arrays, titles, vmax: float | None = None, photos=(), marks=None, height: float = 3.4
) -> Figure:
    """Draw arrays side by side as heat maps with zero in the middle of the colours.

    Dark blue is negative, grey zero, bright yellow positive; one colour bar serves all panels.
    Values are written in where they fit.

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
        Panel number to the (row, column) to be ringed there.
    height : float
        Of the figure, in inches.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit; the message names it.
    """
    arrays = [_numbers(f"arrays[{i}]", a) for i, a in enumerate(arrays)]
    arrays = [a[None] if a.ndim == 1 else a for a in arrays]
    for i, a in enumerate(arrays):
        if a.size == 0 or (a.ndim != 2 and a.shape[2:] != (3,)):
            raise ValueError(f"arrays[{i}] has shape {a.shape}: expected (n,), (h, w) or (h, w, 3)")
    if not arrays or len(arrays) != len(titles):
        raise ValueError(
            f"titles={titles!r}: expected one title for each of the arrays (here {len(arrays)})"
        )
    maps = [i for i, a in enumerate(arrays) if a.ndim == 2 and i not in photos]
    if vmax is None:
        vmax = max([np.abs(arrays[i]).max() for i in maps], default=0) or 1
    if not vmax > 0:
        raise ValueError(f"vmax={vmax!r}: expected a positive number")

    width = (height - 0.2) * len(arrays) + (0.9 if maps else 0)
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(1, len(arrays), squeeze=False)[0]
    for i, (ax, a, title) in enumerate(zip(axes, arrays, titles)):
        colours = (
            {"cmap": DIVERGING, "norm": Normalize(-vmax, vmax)} if i in maps else {"cmap": "gray"}
        )
        # Matplotlib's own choice of where to interpolate differs between 3.9 and 3.10
        image = ax.imshow(a, interpolation_stage="data", **colours)
        ax.set_title(title, fontsize=12)
        ax.set(xticks=[], yticks=[])
        digits = max(len(_text(value)) for value in a.flat) if a.size <= 400 else np.inf
        size = min(12, 125 * height / max(a.shape) / (3 + digits))
        if i in maps and size >= 6:
            for (row, column), value in np.ndenumerate(a):
                dark = DIVERGING(image.norm(value))[:3] @ np.array([0.3, 0.6, 0.1]) < 0.5
                ax.text(
                    column,
                    row,
                    _text(value),
                    ha="center",
                    va="center",
                    color="white" if dark else "black",
                    fontsize=size,
                )
        if marks and i in marks:
            for thickness, colour in ((5, "white"), (2, INK)):
                ax.plot(
                    *marks[i][::-1],
                    "o",
                    markersize=22,
                    markerfacecolor="none",
                    markeredgecolor=colour,
                    markeredgewidth=thickness,
                    gid="mark",
                )
    if maps:
        figure.colorbar(axes[maps[0]].images[0], ax=axes, shrink=0.8)
    figure.set_label(
        "Side by side: "
        + "; ".join(
            f"{title} ({' by '.join(map(str, a.shape[:2]))}"
            + (
                f", values from {_text(a.min())} to {_text(a.max())})"
                if i in maps
                else ", photograph)"
            )
            for i, (a, title) in enumerate(zip(arrays, titles))
        )
        + "."
    )
    return figure


def size_table(cases) -> Figure:
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
    cases = [tuple(case) for case in cases]
    if not cases or any(len(case) != 4 for case in cases):
        raise ValueError(f"cases={cases!r}: expected at least one (n, k, p, s)")
    columns = min(3, len(cases))
    rows = -(-len(cases) // columns)
    figure = Figure(figsize=(3.4 * columns, 2.5 * rows + 0.9), layout="constrained")
    figure.suptitle("Output size: ⌊(n + 2p − k) / s⌋ + 1", fontsize=12)
    axes = figure.subplots(rows, columns, squeeze=False).flat
    titles, notes = [], set()
    for ax, (n, k, p, s) in zip(axes, cases):
        m, _ = conv2d_output_shape((n, n), (k, k), p, s)
        _check_size((n, n), (p, p))
        size = n + 2 * p
        ax.set(xlim=(-0.2, size + m + 1.2), ylim=(size + 0.2, -0.2), aspect="equal")
        notes |= _input(ax, 0, 0, (n, n), (k, k), (p, p), (s, s), (0, 0))
        _output(ax, size + 1, (size - m) / 2, (m, m), (0, 0))
        titles.append(f"n={n}, k={k}, p={p}, s={s}\n{formula(n, k, p, s)}, so {m}×{m}")
        ax.set_title(titles[-1], fontsize=10)
    for ax in figure.axes:
        ax.set_axis_off()
    _legend(figure, notes)
    figure.set_label("Output sizes: " + "; ".join(t.replace("\n", ": ") for t in titles) + ".")
    return figure


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
            f"n={n!r}, k={k!r}, layers={layers!r}: expected k of at least 2, one "
            f"layer or more, and that something is left of n (here {sizes[-1:]})"
        )
    figure = Figure(figsize=(9, 4.7), layout="constrained")
    share = 1 - sizes[-1] ** 2 / n**2
    title = (
        f"{layers} layers of {k}×{k} kernels, no padding: {n}×{n} becomes "
        f"{sizes[-1]}×{sizes[-1]}, {share:.0%} of the pixels are gone"
    )
    figure.suptitle(title, fontsize=12)
    whole, corner = figure.subplots(1, 2)
    for ax, view in ((whole, n), (corner, min(n, 0.85 * (n - sizes[-1]) + 1))):
        ax.add_patch(Rectangle((0, 0), n, n, facecolor=ORANGE, hatch="///", edgecolor=GREY))
        for i, size in enumerate(sizes):
            edge = (n - size) / 2
            ax.add_patch(
                Rectangle(
                    (edge, edge),
                    size,
                    size,
                    edgecolor=INK,
                    gid=f"size {size}",
                    facecolor=BLUE if i == layers else "none",
                    linewidth=2 if i in (0, layers) else 0.7,
                )
            )
            if ax is corner:
                ax.text(view * 1.02, edge, f"{size}", va="center", fontsize=9)
        ax.set(xlim=(-0.01 * view, view * 1.01), ylim=(view * 1.01, -0.01 * view), aspect="equal")
        ax.set_axis_off()
    whole.text(n / 2, n / 2, f"{sizes[-1]}×{sizes[-1]}", ha="center", va="center", fontsize=14)
    whole.set_title(f"To scale: {n}×{n}", fontsize=11)
    corner.set_title("Its corner: the size after each layer", fontsize=11)
    figure.set_label(f"{title}. Nested squares of the sizes {', '.join(map(str, sizes))}.")
    return figure


def _numbers(name, value):
    array = np.asarray(value.asnumpy() if hasattr(value, "asnumpy") else value)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name}={value!r}: expected an array of numbers")
    return array.astype(float)


def _matrix(name, value):
    array = _numbers(name, value)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(
            f"{name} has shape {array.shape}: expected (height, width), at least 1 by 1"
        )
    return array


def _check_size(n, p):
    size = n[0] + 2 * p[0], n[1] + 2 * p[1]
    if max(size) > LARGEST:
        raise ValueError(
            f"the padded input has shape {size}: expected at most {LARGEST} rows and "
            "columns, cells of a larger one are too small to read"
        )


def _pair(value):
    return (value, value) if np.ndim(value) == 0 else tuple(value)


def _by(shape):
    return "×".join(map(str, shape))


def _text(value):
    return f"{value:.0f}" if float(value).is_integer() and abs(value) < 1e5 else f"{value:.3g}"


def _sum(window, K, total):
    def factor(value):
        return f"({_text(value)})" if value < 0 else _text(value)

    terms = " + ".join(f"{factor(x)}*{factor(k)}" for x, k in zip(window.flat, K.flat))
    shown = [*window.flat, *K.flat, total]
    sign = "=" if np.array_equal(np.float32(shown), np.float32([_text(v) for v in shown])) else "≈"
    return f"{terms} {sign} {_text(total)}"


def _grid(ax, left, top, name, fill, values=None, dashed=False, hatched=False):
    """Draw cells of the colours `fill`; the other arguments are arrays of the same shape."""
    dashed, hatched = (np.broadcast_to(mask, fill.shape) for mask in (dashed, hatched))
    size = values is not None and min(13, 48 / max(len(_text(v)) for v in values.flat))
    for (i, j), colour in np.ndenumerate(fill):
        gid, gap = f"{name}[{i},{j}]", 0.07 * dashed[i, j]  # a gap between neighbours' dashes
        ax.add_artist(
            Rectangle(  # unlike add_patch, it does not fit the axes' limits each time
                (left + j + gap, top + i + gap),
                1 - 2 * gap,
                1 - 2 * gap,
                gid=gid,
                facecolor=colour,
                edgecolor=GREY,
                linewidth=0.9,
                linestyle="--" if dashed[i, j] else "-",
                hatch="////" if hatched[i, j] else None,
            )
        )
        if values is not None:
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1} if hatched[i, j] else None
            ax.text(
                left + j + 0.5,
                top + i + 0.52,
                _text(values[i, j]),
                gid=gid,
                color=INK,
                ha="center",
                va="center",
                fontsize=size,
                bbox=box,
            )


def _input(ax, left, top, n, k, p, s, position, values=None):
    """Draw the padded input and its window; return what a legend should explain."""
    inside, chosen, reached, start = [], [], [], []
    for a in (0, 1):  # rows, then columns
        cell = np.arange(n[a] + 2 * p[a])
        first = np.arange(0, len(cell) - k[a] + 1, s[a])
        covered = (cell[:, None] >= first) & (cell[:, None] < first + k[a])  # cell by window
        inside.append((cell >= p[a]) & (cell < p[a] + n[a]))
        chosen.append(covered[:, position[a]])
        reached.append(covered.any(1))
        start.append(np.isin(cell[: len(cell) - k[a] + 1], first))
    inside, chosen, reached, start = (
        np.logical_and.outer(*both) for both in (inside, chosen, reached, start)
    )
    _grid(
        ax,
        left,
        top,
        "X",
        np.where(chosen, BLUE, np.where(inside, WHITE, PALE)),
        values,
        dashed=~inside,
        hatched=~reached,
    )
    if max(s) > 1:
        for (i, j), taken in np.ndenumerate(start):
            ax.plot(
                left + j + 0.18,
                top + i + 0.18,
                "o",
                color=INK,
                markersize=3.5,
                mew=0.8,
                markerfacecolor=INK if taken else WHITE,
                gid=f"start[{i},{j}] {taken}",
            )
    _border(ax, left + position[1] * s[1], top + position[0] * s[0], k, "X window")
    return {
        note
        for note, needed in (
            ("padding", not inside.all()),
            ("lost", not reached.all()),
            ("start", max(s) > 1),
        )
        if needed
    }


def _output(ax, left, top, shape, position, values=None):
    fill = np.full(shape, WHITE)
    fill[position] = BLUE
    _grid(ax, left, top, "Y", fill, values)
    _border(ax, left + position[1], top + position[0], (1, 1), "Y window")


def _border(ax, left, top, shape, gid):
    ax.add_patch(
        Rectangle(
            (left, top), shape[1], shape[0], fill=False, edgecolor=INK, linewidth=2.4, gid=gid
        )
    )


def _legend(figure, notes):
    def dot(label, inner):
        return Line2D(
            [],
            [],
            linestyle="",
            marker="o",
            markersize=5,
            color=INK,
            markerfacecolor=inner,
            label=label,
        )

    handles = [Patch(facecolor=BLUE, edgecolor=INK, linewidth=2, label="window, and its output")]
    if "padding" in notes:
        handles.append(Patch(facecolor=PALE, edgecolor=GREY, linestyle="--", label="padding"))
    if "lost" in notes:
        handles.append(
            Patch(facecolor="white", edgecolor=GREY, hatch="////", label="no window reaches it")
        )
    if "start" in notes:
        handles += [dot("a window starts here", INK), dot("skipped by the stride", "white")]
    if notes:
        place = "outside lower center" if figure.get_layout_engine() else "lower center"
        figure.legend(handles=handles, loc=place, ncols=3, fontsize=9, frameon=False)
