"""The import path of earlier notebooks; the code is in `d2lconv.draw.picture`."""

from __future__ import annotations

from d2lconv.draw.picture import Picture, show, slides

__all__ = ["Picture", "show", "slides"]
