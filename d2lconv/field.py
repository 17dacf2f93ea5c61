"""The import path of earlier notebooks; the code is in `d2lconv.course.field`."""

from __future__ import annotations

from d2lconv.course.field import receptive_fields

__all__ = ["receptive_fields"]
