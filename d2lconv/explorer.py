"""Sliders for size, kernel, padding and stride (Section 6.3); needs ipywidgets."""

from __future__ import annotations

import html

import numpy as np
from ipywidgets import HTML, IntSlider, VBox

from d2lconv import conv2d_output_shape
from d2lconv.draw import formula, show, window_diagram

RANGES = {"n (input)": (1, 8), "k (kernel)": (1, 5), "p (padding)": (0, 2), "s (stride)": (1, 4)}


class Explorer(VBox):
    """Sliders over the diagram; the saved notebook holds the diagram that they show at first."""

    def _repr_mimebundle_(self, **kwargs):
        *sliders, page = self.children
        # the course's site makes sliders of its own from these numbers
        numbers = "".join(f' data-{slider.description[0]}="{slider.value}"' for slider in sliders)
        return {
            **super()._repr_mimebundle_(**kwargs),
            "text/plain": "sliders: run this cell",
            "text/html": f'<div class="d2lconv-explorer"{numbers}>{page.value}'
            "<p><small>Run this cell to get the sliders.</small></p></div>",
        }


def explorer(n: int = 3, k: int = 2, p: int = 1, s: int = 2) -> Explorer:
    """Return sliders that redraw `window_diagram` and the output size's formula.

    The input holds the numbers 0, 1, 2, ... and so does the kernel, as in Section 6.2.1.

    Parameters
    ----------
    n, k, p, s : int
        Where the sliders stand at first: input and kernel size, padding per side, stride.

    Raises
    ------
    ValueError
        If a number is outside its slider's range.
    """
    for (name, (low, high)), value in zip(RANGES.items(), (n, k, p, s)):
        if value not in range(low, high + 1):
            raise ValueError(f"{name[0]}={value!r}: expected an integer from {low} to {high}")
    sliders = [
        IntSlider(value, low, high, description=name)
        for (name, (low, high)), value in zip(RANGES.items(), (n, k, p, s))
    ]
    page = HTML()

    def redraw(change=None):
        n, k, p, s = (slider.value for slider in sliders)
        try:
            m, _ = conv2d_output_shape((n, n), (k, k), p, s)
            picture = show(
                window_diagram(
                    np.arange(n * n).reshape(n, n),
                    np.arange(k * k).reshape(k, k),
                    p,
                    s,
                    (m // 2, m // 2),
                )
            )
            page.value = (
                f"<p>⌊(n + 2p − k) / s⌋ + 1 = {formula(n, k, p, s)}</p>" + picture._repr_html_()
            )
        except ValueError as error:
            page.value = f'<p role="alert">{html.escape(str(error))}</p>'

    for slider in sliders:
        slider.observe(redraw, "value")
    redraw()
    return Explorer([*sliders, page])
