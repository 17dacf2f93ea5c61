"""One axis of a padded input as a strip of cells, with one window (Section 6.3)."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from d2lconv.draw.style import BLUE, GREY, RED


def strip(n: int, k: int, p: int, start: int) -> Figure:
    """Draw `n` cells with `p` of padding on each side, and a window of `k` cells.

    The window starts at cell `start` and may extend beyond the end. For a long strip, draw only the
    part around the window.
    """
    size = n + 2 * p
    first, end = max(start - 12, 0), max(min(size, start + k + 3), start + k)
    figure = Figure(figsize=(0.4 * (end - first + 1), 0.8))
    ax = figure.add_axes((0, 0, 1, 1))
    for cell in range(first, min(size, end)):
        padding = not p <= cell < p + n
        ax.add_artist(
            Rectangle(
                (cell, 0),
                1,
                1,
                facecolor="none" if padding else BLUE,
                edgecolor=GREY,
                linestyle="--" if padding else "-",
                gid=f"cell {cell}",
            )
        )
    window = Rectangle((start, -0.1), k, 1.2, fill=False, linewidth=2.4, edgecolor=RED)
    window.set_gid("window")
    ax.add_artist(window)
    ax.set(xlim=(first - 0.5, end + 0.5), ylim=(-0.4, 1.4), aspect="equal")
    ax.set_axis_off()
    figure.set_label(
        f"A strip of {size} cells, and a window over the cells {start + 1} to {start + k}."
    )
    return figure
