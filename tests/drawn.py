"""The figures that have a baseline picture; `make pictures` redraws the baselines."""

from __future__ import annotations

from pathlib import Path

import numpy

from d2lconv import draw
from d2lconv.draw.picture import Picture

BASELINE = Path(__file__).parent / "baseline"
README_PICTURE = Path(__file__).parent.parent / "docs" / "window.gif"
X, K = numpy.arange(9).reshape(3, 3), numpy.arange(4).reshape(2, 2)
PATHS = {"short": [(1, 1), (0, 0)], "long": [(1, 1), (-1, 0.5), (0, 0)]}


def bowl(x: float, y: float) -> float:
    """Return a loss of two weights, steeper in the second."""
    return x**2 + 2 * y**2


FIGURES = {
    "diagram": lambda: draw.window_diagram(X, K),
    "padding": lambda: draw.window_diagram(X, K, padding=1, position=(1, 2)),
    "stride": lambda: draw.window_diagram(X, K, padding=1, strides=(3, 2), position=(0, 1)),
    "uneven": lambda: draw.window_diagram(X, numpy.ones((4, 4)), padding=((2, 1), (2, 1))),
    "heatmap": lambda: draw.heatmap([X - 4, K], ["input", "kernel"]),
    "edges": lambda: draw.heatmap(
        [[[1, 1, 0, 0, 1]] * 4, [1, -1], [[0, 1, 0, -1]] * 4],
        ["image", "kernel", "output"],
        vmax=0.5,
        photos=[0],
        boxes={0: (1, 1, 1, 2), 2: (1, 1, 1, 1)},
    ),
    "rows": lambda: draw.heatmap([X, K, K, X], ["first", "second", "third", "fourth"], rows=2),
    "curves": lambda: draw.curves(
        [1, 2, 4], {"one": [3, 2, 1], "two": [[0, 1, 2], [0, 3, 4]]}, "x", "the middle"
    ),
    "descent": lambda: draw.descent(bowl, PATHS),
}


def readme_picture() -> Picture:
    """Return README's animation."""
    return draw.animate(X, K, padding=1)
