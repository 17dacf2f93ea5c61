"""Files are matched with assignments, even if two assignments share an exercise."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tools.grader import handed
from tools.grader.cells import Cell

ANSWERS = {"6.2": ["corr2d", "product", "kernels"], "own": ["product"], "own 2": ["kernels"]}


@pytest.mark.parametrize(
    ("ids", "name", "found"),
    [
        ({"product"}, "own.ipynb", "own"),
        ({"product"}, "6.2 (1).ipynb", "6.2"),
        ({"product"}, "Untitled.ipynb", "own"),
        ({"kernels"}, "my own 2.ipynb", "own 2"),
        ({"corr2d", "product"}, "own.ipynb", "6.2"),
        ({"elsewhere"}, "Untitled.ipynb", None),
        (set(), "6.2.ipynb", "6.2"),
    ],
)
def test_the_most_answers_then_the_name_then_the_fewest_missing(monkeypatch, ids, name, found):
    def assignment(section):
        known = {"answers": {*ANSWERS[section]}, "texts": set(), "functions": {}}
        return SimpleNamespace(section=section, **known)

    monkeypatch.setattr(handed, "SECTIONS", list(ANSWERS))
    monkeypatch.setattr(handed, "assignment", assignment)
    cells = [Cell("code", "", answer, {"solution": True}) for answer in sorted(ids)]
    assert handed.section_of(SimpleNamespace(notebook=cells, name=name)) == found
