"""Draw convolutions of your own numbers (Sections 6.1 to 6.3).

The functions return Matplotlib figures. pyplot doesn't know them, so nothing is displayed until you
call `show(figure)`. A figure's label is its alternative text. No meaning depends on colour only:
padding is dashed, cells that no window covers are hatched, and a window has a thick border.
"""

from __future__ import annotations

try:
    import matplotlib  # noqa: F401 - tell readers what to install
except ModuleNotFoundError as error:
    if error.name != "matplotlib":
        raise
    raise ImportError("d2lconv.draw needs Matplotlib: pip install d2lconv[draw]") from None

from d2lconv.draw.heatmap import heatmap
from d2lconv.draw.learning import learning
from d2lconv.draw.picture import Picture, show, slides
from d2lconv.draw.pixels import pixel_use, seen_by, seen_by_each, windows
from d2lconv.draw.plots import curves, descent, descent_each
from d2lconv.draw.sums import channel_sums, flip_and_slide
from d2lconv.draw.weights import bars, before_and_after, wiring, wiring_each
from d2lconv.draw.window import animate, window_diagram
from d2lconv.geometry import formula

__all__ = [
    "Picture",
    "animate",
    "bars",
    "before_and_after",
    "channel_sums",
    "curves",
    "descent",
    "descent_each",
    "flip_and_slide",
    "formula",
    "heatmap",
    "learning",
    "pixel_use",
    "seen_by",
    "seen_by_each",
    "show",
    "slides",
    "window_diagram",
    "windows",
    "wiring",
    "wiring_each",
]
