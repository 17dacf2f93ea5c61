"""The import path of earlier notebooks; the code is in `d2lconv.course.questions`."""

from __future__ import annotations

from d2lconv.course.questions import QUESTIONS, guess

__all__ = ["QUESTIONS", "guess"]
