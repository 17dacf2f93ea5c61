"""Which assignment a file is of, where an exercise is in two of them."""

from __future__ import annotations

import pytest

from tools.grader import course

ANSWERS = {"6.2": ["corr2d", "product", "kernels"], "own": ["product"], "own 2": ["kernels"]}


@pytest.mark.parametrize(
    ("ids", "name", "found"),
    [
        ({"product"}, "own.ipynb", "own"),
        ({"product"}, "6.2 (1).ipynb", "6.2"),
        ({"product"}, "Untitled.ipynb", "own"),
        ({"kernels"}, "my own 2.ipynb", "own 2"),
        ({"corr2d", "product"}, "own.ipynb", "6.2"),
        ({"elsewhere"}, "own.ipynb", None),
        (set(), "6.2.ipynb", None),
    ],
)
def test_the_most_answers_then_the_name_then_the_fewest_missing(monkeypatch, ids, name, found):
    def cells(section):
        return [{"id": answer, "nbgrader": {"solution": True}} for answer in ANSWERS[section]]

    monkeypatch.setattr(course, "SECTIONS", list(ANSWERS))
    monkeypatch.setattr(course, "notebook", lambda kind, section: section)
    monkeypatch.setattr(course, "cells", cells)
    assert course.closest(ids, name) == found
