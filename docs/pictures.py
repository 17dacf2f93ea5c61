"""Draw the site's pictures: the front page's, the icon, and the picture for shared links."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy
from matplotlib import cbook
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from PIL import Image
from scipy import signal

from d2lconv.course.beach import crowd
from d2lconv.draw import window_diagram
from d2lconv.draw.picture import Picture, film
from d2lconv.draw.style import BLUE, DIVERGING, INK, ORANGE

X, K = numpy.arange(9).reshape(3, 3), numpy.arange(4).reshape(2, 2)


def figures() -> Iterator[Figure]:
    """Draw the example of Section 6.2.1 at every position, with the output up to there."""
    for position in numpy.ndindex(2, 2):
        figure = window_diagram(X, K, position=position)
        later = {f"Y[{i},{j}]" for i, j in numpy.ndindex(2, 2) if (i, j) > position}
        for text in figure.findobj(Text):
            if text.get_gid() in later:
                text.set_visible(False)
        yield figure


def filling() -> Picture:
    """Return an animation whose output fills in as it plays."""
    return film(figures())


def write(folder: Path) -> None:
    """Write the cards of the three sections, the icon, and the picture for shared links."""
    folder.mkdir(parents=True, exist_ok=True)
    _beach(folder / "card-6.1.webp")
    _edges(folder / "card-6.2.webp")
    _strides(folder / "card-6.3.webp")
    _icon(folder / "icon.png")
    _shared(folder / "shared.png")


def _save(picture: numpy.ndarray, path: Path) -> None:
    """Write an array of numbers from 0 to 1, of shape (320, 480) or (320, 480, 3)."""
    assert picture.shape[:2] == (320, 480)
    Image.fromarray((picture * 255).astype(numpy.uint8)).save(path, quality=75)


def _beach(path: Path) -> None:
    """Draw Waldo in a part of a crowd, but not the crowd of 6.1."""
    beach, (row, column) = crowd(seed=1)
    top, left = max(row - 90, 0), max(column - 80, 0)
    part = beach[top : top + 160, left : left + 240]
    _save(part.repeat(2, 0).repeat(2, 1), path)


def _edges(path: Path) -> None:
    """Draw a part of Section 6.2's photograph next to its vertical edges."""
    with cbook.get_sample_data("grace_hopper.jpg") as file:
        photo = numpy.asarray(Image.open(file).convert("L"))[10:330, 140:380] / 255
    edges = signal.correlate2d(photo, [[1, 0, -1]], mode="same", boundary="symm")
    colours = DIVERGING(0.5 + edges.clip(-0.6, 0.6) / 1.2)[..., :3]
    _save(numpy.concatenate([numpy.stack([photo] * 3, axis=2), colours], axis=1), path)


def _strides(path: Path) -> None:
    """Zoom in on the padded input of Section 6.3.2."""
    figure = window_diagram(X, K, padding=1, strides=(3, 2), position=(0, 1))
    (corner,) = [patch for patch in figure.findobj(Rectangle) if patch.get_gid() == "X[0,0]"]
    left, top = numpy.floor(corner.get_xy())
    figure.axes[0].set(xlim=(left - 1.7, left + 6.7), ylim=(top + 5.3, top - 0.3))
    figure.legends.clear()
    for artist in [*figure.findobj(Text), *figure.axes[0].findobj(Rectangle)]:
        artist.set_visible(str(artist.get_gid()).startswith("X"))
    for text in figure.findobj(Text):
        text.set_fontsize(22)
    figure.set_size_inches(4.8, 3.2)
    figure.savefig(path, dpi=100)


def _icon(path: Path) -> None:
    """Draw favicon.svg in pixels, for a phone's home screen."""
    figure = Figure(figsize=(1.8, 1.8))
    ax = figure.add_axes((0, 0, 1, 1), xlim=(-1, 13), ylim=(13, -1))
    ax.set_axis_off()
    ax.add_patch(Rectangle((0, 0), 12, 12, facecolor=BLUE))
    for at in (4, 8):
        ax.plot([at, at], [0, 12], [0, 12], [at, at], color="white", linewidth=9.3, zorder=1)
    ax.add_patch(Rectangle((0, 0), 8, 8, facecolor=ORANGE, edgecolor=INK, linewidth=18.5, zorder=2))
    figure.savefig(path, dpi=100)


def _shared(path: Path) -> None:
    """Draw the preview for shared links, 1200 by 630 pixels."""
    figure = window_diagram(X, K)
    width = figure.get_figwidth()
    figure.set_size_inches(width, width * 630 / 1200)
    figure.axes[0].set_position((0.05, 0.02, 0.9, 0.96))
    figure.savefig(path, dpi=1200 / width)
