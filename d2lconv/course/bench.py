"""A kernel bench: change nine weights and watch the output for a photograph (Section 6.2.3).

In JupyterLab and on the site, the same script computes and draws, without a Jupyter kernel. Python
passes it the images and the presets, and draws a still picture for readers without scripts.
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
from d2lconv.draw import heatmap, show
from d2lconv.draw.arguments import matrix
from d2lconv.draw.controls import script
from d2lconv.draw.picture import Picture
from d2lconv.draw.style import DIVERGING_COLOURS

SCRIPT = Path(__file__).with_name("bench.js")
MOST = 320  # pixels of an image along its longer side
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


class Bench:
    """The bench; without scripts, a picture of its first kernel's output."""

    def __init__(self, images: dict[str, numpy.ndarray], preset: str) -> None:
        self.images, self.preset = images, preset

    def __repr__(self) -> str:
        return f"bench(preset={self.preset!r}) with {', '.join(self.images)}"

    def _still(self) -> Picture:
        first = next(iter(self.images.values()))
        kernel = numpy.array(PRESETS[self.preset][0]) / PRESETS[self.preset][1]
        signed = bool(abs(kernel.sum()) < 1e-9)
        output = (sliding_window_view(first, (3, 3)) * kernel).sum((2, 3))
        panels = [first, kernel, output if signed else output.clip(0, 1)]
        titles = [*list(self.images)[:1], self.preset, "output"]
        limit = (round(float(abs(output).max() / 2), 1) or 1.0) if signed else None
        return show(heatmap(panels, titles, limit, photos=[0] if signed else [0, 2]))

    def _repr_jpeg_(self) -> tuple[bytes, dict[str, str]] | None:
        return self._still()._repr_jpeg_()

    def _repr_html_(self) -> str:
        data = {
            "images": {
                name: {
                    "shape": a.shape,
                    "hundredths": base64.b64encode(
                        (100 * a).round().astype("uint8").tobytes()
                    ).decode(),
                }
                for name, a in self.images.items()
            },
            "presets": {
                name: [*numpy.ravel(kernel).tolist(), divisor]
                for name, (kernel, divisor) in PRESETS.items()
            },
            "preset": self.preset,
            "colours": [[round(255 * c) for c in to_rgb(colour)] for colour in DIVERGING_COLOURS],
        }
        still = self._still()._repr_html_()
        return f'<div class="d2lconv-bench">{still}</div>\n{script(SCRIPT, data)}'


def bench(picture: ArrayLike | None = None, preset: str = "vertical edges") -> Bench:
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
    return Bench({name: _smaller(array).round(2), "flag": flag()}, preset)


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
