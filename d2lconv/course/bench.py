"""An input, a kernel and the output, which readers can change and point at (6.2.3 and 6.3).

In JupyterLab and on the site, the same script computes and draws, without a Jupyter kernel. Python
passes it the first settings and what readers can choose, and draws a still picture for readers
without scripts. `bench` is for photographs, and `explorer` for sizes, padding and strides.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy
from matplotlib import cbook, image
from matplotlib.colors import to_rgb
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from d2lconv.course.quiz import Reply
from d2lconv.draw import heatmap, show, window_diagram
from d2lconv.draw.arguments import matrix
from d2lconv.draw.controls import script
from d2lconv.draw.picture import Picture
from d2lconv.draw.style import DIVERGING_COLOURS
from d2lconv.geometry import Pair, formula

SCRIPT = Path(__file__).with_name("bench.js")
MOST = 300  # pixels of an image along its longer side
FORMULA = "⌊(n + 2p − k) / s⌋ + 1"
# For each slider: the letter, its meaning, the smallest and the largest number
SLIDERS = [
    ("n", "input", 1, 12),
    ("k", "kernel", 1, 5),
    ("p", "padding per side", 0, 2),
    ("s", "stride", 1, 4),
]
PRESET = "vertical edges"  # the first one
# For each preset, its nine weights and the divisor of the sum of products
PRESETS: dict[str, tuple[list[list[int]], int]] = {
    "identity": ([[0, 0, 0], [0, 1, 0], [0, 0, 0]], 1),
    "blur": ([[1, 1, 1], [1, 1, 1], [1, 1, 1]], 9),
    "sharpen": ([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], 1),
    "vertical edges": ([[1, 0, -1], [2, 0, -2], [1, 0, -1]], 1),
    "horizontal edges": ([[1, 2, 1], [0, 0, 0], [-1, -2, -1]], 1),
    "diagonal edges": ([[0, 1, 2], [-1, 0, 1], [-2, -1, 0]], 1),
    "second derivative": ([[0, 1, 0], [1, -4, 1], [0, 1, 0]], 1),
    "emboss": ([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]], 1),
}


class Bench(Picture):
    """A still picture, over which a script puts the controls.

    Parameters
    ----------
    call : str
        The call that makes this picture; shown as its text.
    still : Picture
        The picture for readers without scripts.
    images : dict of str to array
        The images that readers can choose.
    first : dict
        The first settings.
    sizes : str
        For readers without scripts: the explorer's formula.
    """

    def __init__(
        self,
        call: str,
        still: Picture,
        images: dict[str, numpy.ndarray],
        first: dict[str, Any],
        sizes: str = "",
    ) -> None:
        super().__init__(still.images, still.alts, still.words, still.png)
        self.call, self.sizes = call, sizes and f"<p>{sizes}</p>"
        self.data = {
            "images": {name: _hundredths(array) for name, array in images.items()},
            "presets": {name: {"rows": k, "divisor": d} for name, (k, d) in PRESETS.items()},
            "preset": PRESET,
            "colours": [[round(255 * c) for c in to_rgb(colour)] for colour in DIVERGING_COLOURS],
            "most": MOST,
            **first,
        }

    def __repr__(self) -> str:
        return self.call

    def _repr_html_(self) -> str:
        kind, still = "explorer" if self.sizes else "bench", super()._repr_html_()
        code = script(SCRIPT, self.data)
        return f'<div class="d2lconv-{kind}">{self.sizes}{still}</div>\n{code}'


def bench(picture: ArrayLike | None = None, preset: str = PRESET) -> Bench:
    """Return nine boxes for the weights of a kernel, beside a picture and the kernel's output.

    The output is that of `corr2d`, without padding. Pixels are rounded to hundredths, so that you
    can check the nine products and their sum by hand. You can choose any pixel.

    Parameters
    ----------
    picture : array of shape (h, w), optional
        MXNet or NumPy, from 0 (black) to 1 (white); by default the portrait. Large pictures are
        reduced. You can always switch to a drawn flag.
    preset : str
        The first kernel; the buttons show the names.

    Raises
    ------
    TypeError, ValueError
        If the picture isn't such an array or has fewer than 3 rows or columns, or if there is no
        such preset.
    """
    if preset not in PRESETS:
        raise ValueError(f"preset must be one of {', '.join(PRESETS)}, got {preset!r}")
    name = "photograph" if picture is None else "your picture"
    array = matrix("picture", portrait() if picture is None else picture)
    if min(array.shape) < 3:
        raise ValueError(f"picture must have at least 3 rows and columns, got {array.shape}")
    if array.min() < 0 or array.max() > 1:
        raise ValueError(
            f"picture must be from 0 to 1, got {array.min():g} to {array.max():g}: "
            "divide it by its largest value"
        )
    images = {name: _smaller(array).round(2), "flag": flag()}
    kernel = numpy.array(PRESETS[preset][0]) / PRESETS[preset][1]
    signed = bool(abs(kernel.sum()) < 1e-9)
    output = (sliding_window_view(images[name], (3, 3)) * kernel).sum((2, 3))
    panels = [images[name], kernel, output if signed else output.clip(0, 1)]
    limit = (round(float(abs(output).max() / 2), 1) or 1.0) if signed else None
    still = heatmap(panels, [name, preset, "output"], limit, photos=[0] if signed else [0, 2])
    first = {"sliders": _sliders(1, 3, 0, 1), "formula": "", "input": name, "kernel": preset}
    call = f"bench(preset={preset!r}) with {', '.join(images)}"
    return Bench(call, show(still), images, first)


def explorer(n: int | Pair = 3, k: int | Pair = 2, p: int | Pair = 1, s: int | Pair = 2) -> Bench:
    """Return sliders that redraw input, kernel and output, and the output size's formula.

    At first, input and kernel contain the numbers 0, 1, 2, ... as in Section 6.2.1. You can choose
    other numbers or an image, and a window to see its sum. A test compares the results to SciPy's.

    Parameters
    ----------
    n, k, p, s : int or pair of int
        The first settings: input and kernel size, padding per side, stride.

    Raises
    ------
    ValueError
        If a number is outside its slider's range, or the kernel doesn't fit.
    """
    sliders = _sliders(n, k, p, s)
    pairs = [slider[-1] for slider in sliders]
    height, width = (formula(*axis) for axis in zip(*pairs))  # ValueError if the kernel doesn't fit
    X, K = (numpy.arange(side * other).reshape(side, other) for side, other in pairs[:2])
    short = [pair[0] if pair[0] == pair[1] else pair for pair in pairs]
    still = show(window_diagram(X, K, *short[2:]))
    sizes = f"{FORMULA} = {height}" if height == width else f"height {height}, width {width}"
    start = "0, 1, 2, …"
    first = {"sliders": sliders, "formula": FORMULA, "input": start, "kernel": start}
    images = {"photograph": _smaller(portrait()).round(2)}
    call = "explorer(n={}, k={}, p={}, s={})".format(*short)
    return Bench(call, still, images, first, sizes)


def portrait() -> numpy.ndarray:
    """Return Rear Admiral Grace Hopper's portrait, which comes with Matplotlib.

    Returns
    -------
    array of float32 of shape (600, 512)
        The mean of the three colours, from 0 (black) to 1 (white).
    """
    path = str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    return (image.imread(path).mean(axis=2) / 255).astype("float32")


def flag() -> numpy.ndarray:
    """Return a drawn flag. Its only horizontal edges are those of its stripes.

    Returns
    -------
    array of float of shape (200, 256)
        From 0 to 1, in hundredths. Except at the stripes' edges, each row equals the row above.
    """
    height, width, pole, corner, top, stripe = 200, 256, (20, 30), 118, 22, 22
    columns = numpy.arange(width)
    fold = 0.88 + 0.12 * numpy.sin(columns / 14)
    picture = numpy.full((height, width), 0.7)
    for number in range(7):
        start = top + number * stripe
        picture[start : start + stripe, pole[1] : -12] = 0.95 if number % 2 else 0.4
    picture[top : top + 4 * stripe, pole[1] : corner] = 0.15
    flying = slice(top, top + 7 * stripe), slice(pole[1], -12)
    picture[flying] *= fold[flying[1]]
    picture[:, slice(*pole)] = 0.25
    return picture.round(2)


def only_the_stripes(kernel: Any) -> Reply:
    """Reply to a kernel that should show only the edges of the flag's stripes.

    Parameters
    ----------
    kernel : array of shape (k_h, k_w), or nested lists
        At most 9 rows and columns.

    Raises
    ------
    TypeError, ValueError
        If `kernel` isn't such an array.
    """
    weights, picture = matrix("kernel", kernel), flag()
    if max(weights.shape) > 9:
        raise ValueError(f"kernel must have at most 9 rows and columns, got {weights.shape}")
    windows = sliding_window_view(picture, weights.shape)
    output = (windows * weights).sum((2, 3))
    figure = heatmap([picture, output], ["the flag", "the output of your kernel"], photos=[0])
    hint = _stripes_hint(weights, windows, abs(output) > 0.02 * abs(weights).sum())
    right = (
        "Only the stripes are left. Each column of your kernel adds up to 0, so it gives 0 "
        "wherever the rows of the window are the same."
    )
    return Reply("Not yet", hint, figure) if hint else Reply("Right", right, figure)


def _stripes_hint(weights: numpy.ndarray, windows: numpy.ndarray, shown: numpy.ndarray) -> str:
    """Return a hint for a kernel whose output isn't 0 where `shown`, or "" if it is right."""
    plain = numpy.ptp(windows, axis=(2, 3)) == 0
    same_rows = (windows == windows[:, :, :1]).all((2, 3))
    if not weights.any():
        return "All weights are 0, so nothing shows."
    if shown[plain].any():
        return (
            f"The plain areas show too. Your weights add up to {weights.sum():g}. What must they "
            "add up to, so that a plain area gives 0?"
        )
    if shown[same_rows].any():
        return (
            "The pole shows too. Down the pole, all rows are the same, so only the sum of each "
            "column of your kernel matters. What must these sums be?"
        )
    if same_rows.all() or shown[~same_rows].mean() < 0.1:
        return (
            "Nothing disturbs any more, but the stripes don't show either. The rows differ across "
            "the edge of a stripe. So compare rows."
        )
    return ""


def _smaller(picture: numpy.ndarray) -> numpy.ndarray:
    """Average blocks of pixels, as small as possible, to reduce the picture to MOST pixels."""
    side = -(-max(picture.shape) // MOST)
    height, width = (n // side for n in picture.shape)
    if min(height, width) < 3:
        return picture[:MOST, :MOST]
    blocks = picture[: height * side, : width * side].reshape(height, side, width, side)
    return blocks.mean((1, 3))


def _hundredths(image: numpy.ndarray) -> dict[str, Any]:
    data = (100 * image).round().astype("uint8").tobytes()
    return {"shape": image.shape, "hundredths": base64.b64encode(data).decode()}


def _sliders(*values: Any) -> list[tuple[Any, ...]]:
    """Return the sliders, each with the two numbers that it shows first."""
    sliders = []
    for (name, meaning, least, largest), value in zip(SLIDERS, values):
        pair = value if isinstance(value, tuple) else (value, value)
        if len(pair) != 2 or not all(number in range(least, largest + 1) for number in pair):
            raise ValueError(
                f"{name} must be an integer from {least} to {largest} or two of them, got {value!r}"
            )
        sliders.append((name, meaning, least, largest, (int(pair[0]), int(pair[1]))))
    return sliders
