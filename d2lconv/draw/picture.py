"""Figures as pictures with alternative texts, still or moving, in a notebook and in files.

JupyterLab and myst-nb drop the alternative text of image outputs, so a picture here is HTML: an
`<img>` with its text and the image inside it.

The background is transparent, and an image has two pixels for each CSS pixel. Black words would
be invisible on a dark page. So the words outside the axes are drawn a second time, as a mask
filled with the page's text colour. In browsers without masks, the words in the image remain.
"""

from __future__ import annotations

import base64
import html
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis, Tick
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.text import Text
from PIL import Image

from d2lconv.draw.controls import script
from d2lconv.draw.style import grey_frame

SHARP = 2  # pixels of an image for each CSS pixel
PHOTOGRAPH = 10_000  # a panel with more cells is compressed with losses
WORDS = 24  # effort: from 25 on, WebP takes twice as long and saves nothing for words
FEW_CELLS = 20  # in all panels together; without a colour bar, they have few colours

# The script adds the controls, so that readers without scripts see only a still picture
PLAYER = Path(__file__).with_name("player.js")
STILL = "<figcaption>To play it, run this cell, or trust the notebook.</figcaption>"


class Picture:
    """Images with alternative texts, shown by a notebook as `<img alt="...">`.

    Several images make an animation with buttons and a slider; without scripts, only the first
    image is shown. As text, a picture is the alternative text of its first image.

    Parameters
    ----------
    images : list of bytes
        WebP files of one size, with two pixels for each CSS pixel.
    alts : list of str
        One alternative text for each image.
    words : list of bytes
        WebP files of the same size; their opaque pixels get the page's text colour.
    png : bytes, optional
        The first image for LaTeX, if it is known already.

    Raises
    ------
    ValueError
        If there is no image, or an image lacks its text or its file of words.
    """

    def __init__(
        self, images: list[bytes], alts: list[str], words: list[bytes], png: bytes | None = None
    ) -> None:
        if not images or not len(images) == len(alts) == len(words):
            raise ValueError(
                "alts and words must be one for each of at least one image, "
                f"got {len(alts)} and {len(words)} for {len(images)} images"
            )
        self.images, self.alts, self.words, self.png = images, alts, words, png

    def __repr__(self) -> str:
        """Return the alternative text of the first image."""
        return self.alts[0]

    def _repr_html_(self) -> str:
        images = [_address(data) for data in self.images]
        words = [f"url({_address(data)})" for data in self.words]
        rest = list(zip(images, self.alts, words))[1:]
        player = STILL + script(PLAYER, rest) if rest else ""
        width, _ = Image.open(io.BytesIO(self.images[0])).size
        mask = "var(--words) 0 0/100% 100%"
        return (
            " \n"  # JupyterLab shows the first line of a folded output, here a blank one
            '<figure style="margin:0">'
            '<span style="display:inline-block;position:relative;max-width:100%">'
            f'<img alt="{html.escape(self.alts[0])}" width="{width // SHARP}" '
            f'style="display:block;max-width:100%;height:auto" src="{images[0]}">'
            f'<span style="--words:{words[0]};-webkit-mask:{mask};mask:{mask};'
            'background:currentColor;position:absolute;inset:0;pointer-events:none"></span>'
            f"</span>{player}</figure>"
        )

    def _repr_png_(self) -> tuple[bytes, dict[str, str]] | None:
        """Return the first image for LaTeX and PDF; None where a photograph's JPEG is smaller."""
        if not self._lossless():
            return None
        return self.png or _png(_opened(self.images[0])), {"alt": self.alts[0]}

    def _repr_jpeg_(self) -> tuple[bytes, dict[str, str]] | None:
        """Return a photograph for LaTeX and PDF; None where a drawing's PNG is smaller."""
        if self._lossless():
            return None
        file = io.BytesIO()
        _on_white(_opened(self.images[0])).save(file, "jpeg", optimize=True, quality=60)
        return file.getvalue(), {"alt": self.alts[0]}

    def _lossless(self) -> bool:
        return b"VP8L" in self.images[0][:32]

    def save(self, path: str) -> None:
        """Write the picture to a file, on white; a `.gif` keeps the animation."""
        first, *others = [_on_white(_opened(data)) for data in self.images]
        if str(path).lower().endswith(".gif"):
            first.save(path, save_all=True, append_images=others, duration=900, loop=0)
        else:
            first.save(path)


def slides(pictures: list[Picture]) -> Picture:
    """Combine still pictures of one size into an animation with buttons and a slider.

    Parameters
    ----------
    pictures : list of Picture
        The results of `show` for each figure.

    Raises
    ------
    ValueError
        If there is no picture.
    """
    if not pictures:
        raise ValueError("pictures must be at least one, got []")
    images, alts, words = zip(*[(p.images[0], p.alts[0], p.words[0]) for p in pictures])
    return Picture(list(images), list(alts), list(words), pictures[0].png)


def _address(data: bytes) -> str:
    return f"data:image/webp;base64,{base64.b64encode(data).decode()}"


def _opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGBA")


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    # Level 9 would save 1 % and take three times as long
    _on_white(image).quantize(16).save(file, "png", compress_level=8)
    return file.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    """Return an image on white, in a quarter of the pixels."""
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image)
    return ground.reduce(SHARP)


def show(figure: Figure, alt: str | None = None) -> Picture:
    """Return `figure` as a picture with alternative text, for the last line of a cell.

    Panels with many cells, such as photographs, are compressed with invisible losses. All others
    are stored exactly.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        For example from a function of `d2lconv.draw`. A figure without a layout engine gets one
        that cuts off no labels.
    alt : str, optional
        The text for readers who can't see the picture. By default the figure's label, which
        functions of `d2lconv.draw` set to such a text.

    Raises
    ------
    ValueError
        If there is no alternative text.
    """
    alt = alt or str(figure.get_label())
    if not alt:
        raise ValueError(f"alt must be a text that says what the picture shows, got {alt!r}")
    return film([figure], alt)


def film(figures: Iterable[Figure], alt: str | None = None) -> Picture:
    """Return figures as an animation, by default with their labels as alternative texts.

    A generator may yield one figure again and again, changed each time; see `Stage`.
    """
    frames, alts, png = [], [], None
    with ThreadPoolExecutor(2) as pool:  # encodes a frame while the next one is drawn
        for figure in figures:
            drawn, words = _on_transparent(figure)
            lossy, few = _content(figure)
            image = _shades(drawn) if few else Image.fromarray(drawn)
            files = (
                pool.submit(_file, image, lossy),
                pool.submit(_file, _shades(words), effort=WORDS),
            )
            frames.append(files)
            alts.append(alt or str(figure.get_label()))
            if not (png or lossy):
                png = _png(image)
    return Picture([i.result() for i, _ in frames], alts, [w.result() for _, w in frames], png)


class Stage(FigureCanvasAgg):
    """A figure's canvas that lays out and draws the axes only once.

    Later, it draws only the artists `moving`, in their order, above all others.
    """

    def __init__(self, figure: Figure, moving: Sequence[Artist]) -> None:
        super().__init__(figure)
        self.moving, self.still = moving, None  # what doesn't move, once drawn
        for artist in moving:
            artist.set_animated(True)

    def draw(self) -> None:
        if self.still is None:
            super().draw()
            self.still = self.copy_from_bbox(self.figure.bbox)
        else:
            self.restore_region(self.still)
        for artist in self.moving:
            self.figure.draw_artist(artist)


def _on_transparent(figure: Figure) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Draw the figure and its words, sharp and without the white grounds."""
    dpi = figure.dpi
    if figure.get_layout_engine() is None and any(ax.get_subplotspec() for ax in figure.axes):
        figure.set_layout_engine("constrained")
    figure.set_dpi(SHARP * dpi)
    grounds = [ground for ground in _grounds(figure) if ground.get_visible()]
    for ground in grounds:
        ground.set_visible(False)
    drawn = _drawn(figure)
    for ground in grounds:
        ground.set_visible(True)
    figure.set_dpi(dpi)
    return drawn


def _content(figure: Figure) -> tuple[bool, bool]:
    """Return whether the figure has a photograph, and whether it has few colours."""
    sizes = [math.prod(image.get_size()) for ax in figure.axes for image in ax.images]
    few = sum(sizes) <= FEW_CELLS and all(ax.get_label() != "<colorbar>" for ax in figure.axes)
    return max(sizes, default=0) > PHOTOGRAPH, few


def _drawn(figure: Figure) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Draw the whole figure, and separately only the words outside its axes."""
    canvas = figure.canvas  # what is drawn again keeps the sizes of its words
    canvas = canvas if isinstance(canvas, FigureCanvasAgg) else FigureCanvasAgg(figure)
    canvas.draw()
    drawn = numpy.array(canvas.buffer_rgba())
    renderer = canvas.get_renderer()
    renderer.clear()
    for text in _on_the_ground(figure):
        text.draw(renderer)
    return drawn, numpy.array(canvas.buffer_rgba())


def _grounds(figure: Figure) -> list[Patch]:
    """Return the backgrounds that would be white boxes on a dark page."""
    plots = [ax for ax in figure.axes if ax.axison and not ax.images]
    legends = [legend for legend in (ax.get_legend() for ax in figure.axes) if legend]
    for ax in plots:
        grey_frame(ax)
    frames = [legend.get_frame() for legend in [*legends, *figure.legends]]
    return [figure.patch, *(ax.patch for ax in plots), *frames]


def _on_the_ground(figure: Figure) -> list[Text]:
    """Return the black texts (the default colour) that have no image behind them."""
    panels = [ax.get_window_extent() for ax in figure.axes if ax.axison and ax.images]
    ticks = [tick for ax in figure.axes if ax.axison for tick in _ticks_out_of_sight(ax)]
    unseen = {id(label) for tick in ticks for label in (tick.label1, tick.label2)}

    def beside(text: Text) -> bool:
        (left, bottom), (right, top) = text.get_window_extent().get_points()
        middle = (left + right) / 2, (bottom + top) / 2
        return not any(panel.contains(*middle) for panel in panels)

    black = [text for text in _texts(figure) if to_rgb(text.get_color()) == (0, 0, 0)]
    return [text for text in black if text.get_text() and id(text) not in unseen and beside(text)]


def _texts(artist: Artist) -> Iterator[Text]:
    """Yield all texts but those of hidden axes, whose ticks Matplotlib would make only for this."""
    if isinstance(artist, Text):
        yield artist
    elif not isinstance(artist, Axis) or artist.axes.axison:
        for child in artist.get_children():
            yield from _texts(child)


def _ticks_out_of_sight(ax: Axes) -> list[Tick]:
    """Return the ticks beyond an axis' limits, which Matplotlib has made but doesn't draw."""
    ticks = []
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        crumb = 1e-6 * (high - low)
        ticks += [
            tick
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]
            if not low - crumb <= tick.get_loc() <= high + crumb
        ]
    return ticks


def _shades(pixels: numpy.ndarray) -> Image.Image:
    """Reduce a drawing to 128 colours: the file is half as large, with no visible change."""
    image = Image.fromarray(pixels).quantize(128, method=Image.Quantize.FASTOCTREE)
    return image.convert("RGBA")


def _file(image: Image.Image, lossy: bool = False, effort: int = 50) -> bytes:
    file = io.BytesIO()
    method = 4 if lossy else 2  # for lossless files, more effort takes longer and saves nothing
    image.save(file, "webp", lossless=not lossy, quality=effort, method=method)
    return file.getvalue()
