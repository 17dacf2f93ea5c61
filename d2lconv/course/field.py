"""Receptive fields under sliders (Section 6.3.2), in JupyterLab and on a site.

`autograd` finds the pixels that an output depends on; a script draws them without a Jupyter kernel.
"""

from __future__ import annotations

import html
import json
from pathlib import Path

from mxnet import autograd, np, npx
from mxnet.gluon import nn

from d2lconv.draw.controls import script

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
    X, net, size = np.ones((1, 1, 1, n)), nn.Sequential(), n
    for _ in range(depth):
        net.add(nn.Conv2D(1, kernel_size=(1, k), padding=(0, p), strides=(1, s)))
        size = (size + 2 * p - k) // s + 1
        if size < 1:
            return []
    net.initialize("ones")
    X.attach_grad()
    with autograd.record():
        middle = net(X)[0, 0, 0, size // 2]
    middle.backward()
    return [int(number) for number in X.grad[0, 0, 0]]


class Fields:
    """Sliders over the receptive field of the middle output of a stack of layers."""

    def __repr__(self) -> str:
        return "receptive_fields()"

    def _repr_html_(self) -> str:
        ranges = [range(least, largest + 1) for _, _, least, largest, _ in SLIDERS]
        settings = [
            (k, p, s, depth)
            for k in ranges[0]
            for p in ranges[1]
            for s in ranges[2]
            for depth in ranges[3]
        ]
        counts = {",".join(map(str, setting)): path_counts(SIDE, *setting) for setting in settings}
        data = html.escape(json.dumps({"sliders": SLIDERS, "paths": counts}, separators=(",", ":")))
        return (
            f'<div class="d2lconv-field" data-fields="{data}"><p>Run this cell, and there are '
            f"sliders here.</p></div>\n{script(SCRIPT)}"
        )


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
