"""The import path that the notebooks use; the code is in `d2lconv.course.bench`."""

from __future__ import annotations

from d2lconv.course.bench import SLIDERS, explorer

__all__ = ["SLIDERS", "explorer"]
