"""Receptive fields under sliders (Section 6.3.2), in JupyterLab and on a site.

`autograd` finds the pixels that an output depends on; a script draws them without a Jupyter kernel.
"""

from __future__ import annotations

import html
import json
from itertools import product
from pathlib import Path

import numpy
from mxnet import autograd, np, npx

from d2lconv.draw import heatmap, show
from d2lconv.draw.controls import script
from d2lconv.draw.picture import Picture

SCRIPT = Path(__file__).with_name("field.js")
SIDE = 31  # of the image
# For each slider: its name, its meaning, the smallest, the largest and the first number
SLIDERS = [
    ("k", "kernel", 1, 5, 3),
    ("p", "padding per side", 0, 2, 1),
    ("s", "stride", 1, 2, 1),
    ("depth", "layers", 1, 4, 2),
]


def path_counts(n: int, k: int, p: int, s: int, depth: int) -> list[int]:
    """Count the paths from each pixel of a row to the middle output of a stack of layers.

    If all weights are 1, the count is the derivative of the output with respect to the pixel.

    Parameters
    ----------
    n, k, p, s, depth : int
        Input size, kernel size, padding per side and stride of each layer, number of layers.

    Returns
    -------
    list of int
        `n` numbers; an empty list if the layers leave no output.
    """
    X, weight, size = np.ones((1, 1, 1, n)), np.ones((1, 1, 1, k)), n
    layer = {"kernel": (1, k), "pad": (0, p), "stride": (1, s), "num_filter": 1, "no_bias": True}
    X.attach_grad()
    with autograd.record():
        Y = X
        for _ in range(depth):
            size = (size + 2 * p - k) // s + 1
            if size < 1:
                return []
            Y = npx.convolution(Y, weight, **layer)
        middle = Y[0, 0, 0, size // 2]
    middle.backward()
    return [int(number) for number in X.grad[0, 0, 0]]


class Fields(Picture):
    """Sliders that change a stack of layers, and the receptive field of its middle output.

    Readers without scripts see the first field as a picture.
    """

    def __init__(self) -> None:
        row = path_counts(SIDE, *[first for *_, first in SLIDERS])
        title = "paths from each pixel to the output"
        still = show(heatmap([numpy.outer(row, row)], [title], height=3.5))
        super().__init__(still.images, still.alts, still.words, still.png)

    def __repr__(self) -> str:
        return "receptive_fields()"

    def _repr_html_(self) -> str:
        ranges = [range(least, largest + 1) for _, _, least, largest, _ in SLIDERS]
        counts = {
            ",".join(map(str, setting)): path_counts(SIDE, *setting) for setting in product(*ranges)
        }
        data = html.escape(json.dumps({"sliders": SLIDERS, "paths": counts}, separators=(",", ":")))
        still = super()._repr_html_()
        return f'<div class="d2lconv-field" data-fields="{data}">{still}</div>\n{script(SCRIPT)}'


def receptive_fields() -> Fields:
    """Return sliders for kernel, padding, stride and depth, with a map of the receptive field.

    Raises
    ------
    RuntimeError
        If `npx.set_np()` hasn't been called.
    """
    if not npx.is_np_array():
        raise RuntimeError("receptive_fields needs MXNet's NumPy arrays: call npx.set_np() first")
    return Fields()
