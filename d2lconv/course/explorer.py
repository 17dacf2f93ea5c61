"""Sliders for size, kernel, padding and stride (Section 6.3), in JupyterLab and on a site.

The same script draws in both, without a Jupyter kernel; Python passes it the settings.
"""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import numpy

from d2lconv.draw import show, window_diagram
from d2lconv.draw.controls import script
from d2lconv.draw.picture import Picture
from d2lconv.geometry import Pair, formula

SCRIPT = Path(__file__).with_name("explorer.js")
FORMULA = "⌊(n + 2p − k) / s⌋ + 1"
# For each slider: the letter, its meaning, the smallest and the largest number
SLIDERS = [
    ("n", "input", 1, 12),
    ("k", "kernel", 1, 5),
    ("p", "padding per side", 0, 2),
    ("s", "stride", 1, 4),
]


class Explorer:
    """Sliders above a diagram; without scripts, only the first diagram."""

    def __init__(self, n: Pair, k: Pair, p: Pair, s: Pair) -> None:
        self.numbers = n, k, p, s

    def __repr__(self) -> str:
        return "explorer(n={}, k={}, p={}, s={})".format(*map(_short, self.numbers))

    def _still(self) -> Picture:
        n, k, p, s = self.numbers
        X, K = (numpy.arange(height * width).reshape(height, width) for height, width in (n, k))
        return show(window_diagram(X, K, _short(p), _short(s)))

    def _repr_png_(self) -> tuple[bytes, dict[str, str]] | None:
        return self._still()._repr_png_()

    def _repr_html_(self) -> str:
        height, width = (formula(*axis) for axis in zip(*self.numbers))
        sizes = f"{FORMULA} = {height}" if height == width else f"height {height}, width {width}"
        sliders = [[*slider, pair] for slider, pair in zip(SLIDERS, self.numbers)]
        return (
            f'<div class="d2lconv-explorer" data-formula="{FORMULA}" '
            f'data-sliders="{html.escape(json.dumps(sliders))}">'
            f"<p>{sizes}</p>{self._still()._repr_html_()}</div>"
            f"\n{script(SCRIPT)}"
        )


def explorer(
    n: int | Pair = 3, k: int | Pair = 2, p: int | Pair = 1, s: int | Pair = 2
) -> Explorer:
    """Return sliders that redraw input, kernel and output, and the output size's formula.

    Input and kernel contain the numbers 0, 1, 2, ... as in Section 6.2.1. You can choose any window
    and see its sum. A test compares the script's results with SciPy.

    Parameters
    ----------
    n, k, p, s : int or pair of int
        The first settings: input and kernel size, padding per side, stride.

    Raises
    ------
    ValueError
        If a number is outside its slider's range, or the kernel doesn't fit.
    """
    pairs = [_pair(*slider, value) for slider, value in zip(SLIDERS, (n, k, p, s))]
    for axis in zip(*pairs):
        formula(*axis)  # raises if there is no output
    return Explorer(*pairs)


def _pair(name: str, _: str, least: int, largest: int, value: Any) -> Pair:
    pair = value if isinstance(value, tuple) else (value, value)
    if len(pair) != 2 or not all(number in range(least, largest + 1) for number in pair):
        raise ValueError(
            f"{name} must be an integer from {least} to {largest} or two of them, got {value!r}"
        )
    return int(pair[0]), int(pair[1])


def _short(pair: Pair) -> int | Pair:
    return pair[0] if pair[0] == pair[1] else pair
