"""The import path of earlier notebooks; the code is in `d2lconv.course.beach`."""

from __future__ import annotations

from d2lconv.course.beach import crowd, waldo

__all__ = ["crowd", "waldo"]
