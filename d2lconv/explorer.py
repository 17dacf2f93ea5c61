"""The import path of earlier notebooks; the code is in `d2lconv.course.explorer`."""

from __future__ import annotations

from d2lconv.course.explorer import explorer

__all__ = ["explorer"]
