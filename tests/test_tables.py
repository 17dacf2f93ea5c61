"""Two tables for each notebook: natural edits of its cells, and wrong guesses at its questions.

`tables/edits-6.1.yaml` is a list. Each entry has
- `edit`: what a reader changes, in words;
- `replace`: code and its replacement; exactly one cell contains the code;
- `until`: the id of the last cell to run (by default the notebook's last);
- `again`: ids of cells to run once more after that, in this order;
- `holds`: expressions over the notebook's names that must be true at the end;
- `shows`: cell ids, and a text that the cell's output must contain;
- `raises`: instead of the last three, the start of the error that tells the reader why not.

`tables/guesses-6.1.yaml` has, for each question, a list of wrong guesses with a part of the reply.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest
import yaml

from d2lconv.course.questions import QUESTIONS, guess
from d2lconv.draw import picture
from tests.run_text import run
from tests.stored import NOTEBOOKS, code_cells, read

pytestmark = pytest.mark.slow
BLANK = numpy.zeros((2, 2, 4), numpy.uint8)
TABLES = Path(__file__).parent / "tables"
KEYS = {"edit", "replace", "until", "again", "holds", "shows", "raises"}


def rows(kind: str) -> Iterator[Any]:
    """Return the rows of all tables of a kind, each with the start of its notebook's name."""
    for path in sorted(TABLES.glob(f"{kind}-*.yaml")):
        table = yaml.safe_load(path.read_text("utf-8"))
        section = path.stem[len(kind) + 1 :]
        for row in table.items() if isinstance(table, dict) else table:
            name = row["edit"] if kind == "edits" else row[0]
            yield pytest.param(section, row, id=f"{section}: {name}")


def edited(section: str, replace: dict[str, str]) -> dict[str, str]:
    """Return a notebook's code cells by id, with some code replaced."""
    extra = "extra" in section
    (path,) = [
        p for p in NOTEBOOKS if p.name.startswith(f"{section}-") and ("extra" in p.name) == extra
    ]
    sources = {cell.id: cell.source for cell in code_cells(read(path))}
    for old, new in replace.items():
        found = [id_ for id_, source in sources.items() if old in source]
        assert len(found) == 1, f"{old!r} is in the cells {found}"
        sources[found[0]] = sources[found[0]].replace(old, new)
    return sources


@pytest.mark.parametrize(("section", "row"), rows("edits"))
def test_edit(section, row, monkeypatch):
    assert set(row) <= KEYS and {"holds", "shows", "raises"} & set(row)
    monkeypatch.chdir(NOTEBOOKS[0].parent)
    monkeypatch.setattr(picture, "_drawn", lambda figure: (BLANK, BLANK))  # only labels matter
    sources = edited(section, row.get("replace", {}))
    ids = list(sources)
    ids = ids[: ids.index(row.get("until", ids[-1])) + 1] + row.get("again", [])
    names: dict[str, Any] = {}
    shown: dict[str, str] = {}
    try:
        for id_ in ids:
            shown[id_] = run(sources[id_], names)
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
        assert message.startswith(row.get("raises", "no error at all")), f"{id_}: {message}"
        return
    assert "raises" not in row
    for expression in row.get("holds", []):
        assert bool(eval(expression, names)), expression
    for id_, text in row.get("shows", {}).items():
        assert text in shown[id_]


@pytest.mark.parametrize(("section", "row"), rows("guesses"))
def test_wrong_guesses(section, row):
    name, guesses = row
    assert name in QUESTIONS
    assert len(guesses) >= 8 and len({repr(wrong) for wrong, _ in guesses}) == len(guesses)
    for wrong, part in guesses:
        replied = guess(name, wrong)
        assert replied.verdict != "Right"
        assert part in replied.text, (wrong, replied.text)
