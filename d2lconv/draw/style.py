"""Colours, strokes and frames that all figures share.

The colours are from Okabe and Ito, so that colour-blind readers can tell them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Rectangle

BLUE, ORANGE, PALE, WHITE = "#56B4E9", "#F0B84A", "#F2F2F2", "#FFFFFF"
GREY, INK = "#777777", "#111111"
STRONG_BLUE, RED, GREEN = "#0072B2", "#D55E00", "#009E73"  # dark enough for thin lines
CURVES, STROKES = (STRONG_BLUE, RED, GREEN, "#CC79A7"), ("-", "--", ":", "-.")
MIDDLE: dict[str, Any] = {"ha": "center", "va": "center"}

# Larger values are lighter, so that a black-and-white print shows the sign.
DIVERGING_COLOURS = ["#04204F", "#2F5D9C", "#9A9A9A", "#E9BC5B", "#FFF6C4"]
DIVERGING = LinearSegmentedColormap.from_list("dark_zero_bright", DIVERGING_COLOURS)

# For data that are never negative: the darker, the larger; 0 is nearly white
SEQUENTIAL = LinearSegmentedColormap.from_list("pale_to_dark", [PALE, BLUE, STRONG_BLUE, "#04204F"])


def grey_frame(ax: Axes) -> None:
    """Draw frame and ticks in a grey that shows on light and dark pages."""
    ax.spines[:].set_color(GREY)
    ax.tick_params(color=GREY)


def airy() -> ConstrainedLayoutEngine:
    """Return a layout with room between the titles of the figure and of its panels."""
    return ConstrainedLayoutEngine(h_pad=0.1)


def border(ax: Axes, left: float, top: float, shape: Sequence[int], gid: str) -> None:
    for thickness, colour in ((4, WHITE), (2.4, INK)):  # the white shows on a dark page
        style: dict[str, Any] = {"fill": False, "edgecolor": colour, "linewidth": thickness}
        ax.add_patch(Rectangle((left, top), shape[1], shape[0], **style, gid=gid))
