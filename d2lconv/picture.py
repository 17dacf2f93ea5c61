"""Figures as pictures with alternative text, still or moving, in a notebook and in files.

JupyterLab drops the alternative text of image outputs (it reads width and height only) and
myst-nb does too, so a picture here is HTML: an `<img>` with its text and the image inside it.
"""

from __future__ import annotations

import base64
import html
import io
import json

import numpy
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

# The script makes the controls, so that where scripts do not run a still picture is all there is.
PLAYER = """<figcaption>To play it, run this cell, or trust the notebook.</figcaption>
<script>(() => {
  const figure = document.currentScript.parentElement, image = figure.querySelector('img');
  const frames = [[image.src, image.alt], ...REST];
  figure.querySelector('figcaption').remove();
  figure.insertAdjacentHTML('beforeend', `<figcaption style="font:14px sans-serif">
    <button type="button" aria-label="back one position">back</button>
    <button type="button" aria-label="play or pause">play</button>
    <button type="button" aria-label="next position">next</button>
    <input type="range" min="0" max="${frames.length - 1}" value="0" aria-label="position">
    <output>1</output> of ${frames.length}</figcaption>`);
  const [back, play, next] = figure.querySelectorAll('button');
  const slider = figure.querySelector('input'), number = figure.querySelector('output');
  /* JupyterLab would take their keys for itself */
  for (const e of [back, play, next, slider]) e.dataset.lmSuppressShortcuts = 'true';
  let timer = null;
  const go = (i) => {
    i = (i + frames.length) % frames.length;
    [image.src, image.alt] = frames[i];
    slider.value = i;
    number.textContent = i + 1;
  };
  const step = (by) => go(Number(slider.value) + by);
  const stop = () => { clearInterval(timer); timer = null; play.textContent = 'play'; };
  back.onclick = () => { stop(); step(-1); };
  next.onclick = () => { stop(); step(1); };
  slider.oninput = () => { stop(); go(Number(slider.value)); };
  play.onclick = () => {
    if (timer !== null) return stop();
    play.textContent = 'pause';
    timer = setInterval(() => figure.isConnected ? step(1) : stop(), 900);
  };
})();</script>"""


class Picture:
    """Images with alternative texts, shown by a notebook as `<img alt="...">`.

    Jupyter drops the alternative text of a plain image output, so this one is HTML. More than
    one image makes an animation with buttons and a slider; where scripts do not run, its first
    image stands still. The text form is the alternative text of the first image.

    Parameters
    ----------
    images : list of bytes
        PNG or JPEG files.
    alts : list of str
        One alternative text for each image.

    Raises
    ------
    ValueError
        If there is no image, or not one text for each.
    """

    def __init__(self, images: list[bytes], alts: list[str]) -> None:
        if not images or len(images) != len(alts):
            raise ValueError(
                "alts must be one text for each of at least one image, "
                f"got {len(alts)} texts for {len(images)} images"
            )
        self.images, self.alts = images, alts

    def __repr__(self) -> str:
        """Return the alternative text of the first image."""
        return self.alts[0]

    def _repr_html_(self) -> str:
        sources = [
            "data:image/"
            + ("png" if data.startswith(b"\x89PNG") else "jpeg")
            + ";base64,"
            + base64.b64encode(data).decode()
            for data in self.images
        ]
        rest = json.dumps(list(zip(sources, self.alts))[1:]).replace("<", r"\u003c")
        player = PLAYER.replace("REST", rest) if self.images[1:] else ""
        return (
            f'<figure style="margin:0"><img alt="{html.escape(self.alts[0])}" '
            f'style="max-width:100%" src="{sources[0]}">{player}</figure>'
        )

    def save(self, path: str) -> None:
        """Write the picture to a file; a name that ends in `.gif` keeps the animation."""
        first, *others = [Image.open(io.BytesIO(data)).convert("RGB") for data in self.images]
        if str(path).lower().endswith(".gif"):
            first.save(path, save_all=True, append_images=others, duration=900, loop=0)
        else:
            first.save(path)


def show(figure: Figure, alt: str | None = None, jpeg: bool = False) -> Picture:
    """Return `figure` as a picture with alternative text, for the last line of a cell.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        For instance one that a function of `d2lconv.draw` returned.
    alt : str, optional
        What a reader who can't see the picture should be told. By default the figure's label,
        which is such a text where `d2lconv.draw` made the figure.
    jpeg : bool
        A fifth of the size of a PNG for photographs, blurred for diagrams.

    Raises
    ------
    ValueError
        If there is no alternative text.
    """
    alt = alt or str(figure.get_label())
    if not alt:
        raise ValueError(f"alt must be a text that says what the picture shows, got {alt!r}")
    canvas, file = FigureCanvasAgg(figure), io.BytesIO()
    canvas.draw()
    image = Image.fromarray(numpy.asarray(canvas.buffer_rgba())).convert("RGB")
    if jpeg:
        image.save(file, "jpeg", quality=80)
    else:
        image.quantize(256).save(file, "png")  # half the size
    return Picture([file.getvalue()], [alt])
