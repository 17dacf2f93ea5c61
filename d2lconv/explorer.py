"""Sliders for size, kernel, padding and stride (Section 6.3), in JupyterLab and on a site.

One script draws in both places, without a kernel. What it has to know comes from here.
"""

from __future__ import annotations

import html
import json
from pathlib import Path

import numpy

from d2lconv.draw import formula, show, window_diagram

SCRIPT = Path(__file__).with_name("explorer.js").read_text("utf-8")
SCRIPT = SCRIPT.replace("\n\n", "\n")  # an empty line would end the HTML inside of Markdown
FORMULA = "⌊(n + 2p − k) / s⌋ + 1"
# Of each slider: the letter, what it means, the least and the largest number
SLIDERS = [
    ("n", "input", 1, 8),
    ("k", "kernel", 1, 5),
    ("p", "padding per side", 0, 2),
    ("s", "stride", 1, 4),
]


class Explorer:
    """Sliders over a diagram; where scripts do not run, the diagram that they show at first."""

    def __init__(self, n: int, k: int, p: int, s: int) -> None:
        self.numbers = n, k, p, s

    def __repr__(self) -> str:
        n, k, p, s = self.numbers
        return f"explorer(n={n}, k={k}, p={p}, s={s})"

    def _repr_html_(self) -> str:
        n, k, p, s = self.numbers
        X, K = (numpy.arange(side * side).reshape(side, side) for side in (n, k))
        picture = show(window_diagram(X, K, p, s))
        sliders = [[*slider, number] for slider, number in zip(SLIDERS, self.numbers)]
        return (
            f'<div class="d2lconv-explorer" data-formula="{FORMULA}" '
            f'data-sliders="{html.escape(json.dumps(sliders))}">'
            f"<p>{FORMULA} = {formula(n, k, p, s)}</p>{picture._repr_html_()}</div>"
            f"\n<script>\n{SCRIPT}</script>"
        )


def explorer(n: int = 3, k: int = 2, p: int = 1, s: int = 2) -> Explorer:
    """Return sliders that redraw input, kernel and output, and the output size's formula.

    The input holds the numbers 0, 1, 2, ... and so does the kernel, as in Section 6.2.1. A
    test compares what the script computes with SciPy at every setting of the sliders.

    Parameters
    ----------
    n, k, p, s : int
        Where the sliders stand at first: input and kernel size, padding per side, stride.

    Raises
    ------
    ValueError
        If a number is outside its slider's range, or the kernel does not fit.
    """
    for (name, _, least, largest), value in zip(SLIDERS, (n, k, p, s)):
        if value not in range(least, largest + 1):
            raise ValueError(f"{name} must be an integer from {least} to {largest}, got {value!r}")
    formula(n, k, p, s)  # raises where there is no output
    return Explorer(n, k, p, s)
