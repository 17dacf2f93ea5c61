"""Make submissions for the tests by filling right or wrong answers into the release."""

from __future__ import annotations

import functools
import json
import os
import textwrap
from pathlib import Path

from tools.grader.assignments import assignment, notebook
from tools.grader.cells import parse
from tools.grader.handed import Handed, _open
from tools.grader.judge import Limits, grade
from tools.grader.results import Graded
from tools.grader.sandbox import Raised, Ungraded, describe_limits


@functools.cache
def best_mode() -> str:
    """Return the sandbox in the variable SANDBOX, or "bwrap" if that works here, or "none".

    Raises Ungraded if the named one does not work: no test is skipped for it.
    """
    named = os.environ.get("SANDBOX")
    try:
        describe_limits(named or "bwrap")
    except Ungraded:
        if named:
            raise
        return "none"
    return named or "bwrap"


THREE = ["6.1", "6.2", "6.3"]  # the course's own; a teacher's assignments may be shorter
PATIENCE = 60  # seconds for a statement or call of honest students on a busy machine


class Submission:
    """A section's release notebook, with every answer filled in by the model solution."""

    def __init__(self, section: str, solved: bool = True) -> None:
        self.section = section
        self.content = json.loads(notebook("release", section).read_text())
        self.cells = self.content["cells"]
        source = json.loads(notebook("source", section).read_text())["cells"]
        for ours, teachers in zip(self.cells, source):
            if solved and ours["metadata"].get("nbgrader", {}).get("solution"):
                ours["source"] = teachers["source"]

    def cell(self, grade_id: str) -> dict:
        (found,) = [
            cell
            for cell in self.cells
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
        ]
        return found

    def answer(self, grade_id: str, text: str) -> Submission:
        """Replace an answer with `text`."""
        self.cell(grade_id)["source"] = text
        return self

    def replace(self, grade_id: str, code: str) -> Submission:
        """Redefine functions below an answer's model solution."""
        solution = "".join(self.cell(grade_id)["source"])
        return self.answer(grade_id, f"{solution}\n\n\n{textwrap.dedent(code).strip()}")

    def append(self, text: str) -> Submission:
        """Append a student's cell."""
        extra = {"cell_type": "code", "metadata": {}, "source": text, "outputs": []}
        self.cells.append({**extra, "execution_count": None, "id": f"extra-{len(self.cells)}"})
        return self

    def write(self, path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.content))
        return path

    def grade(self, folder: Path, mode: str, seconds: float = PATIENCE, **options) -> Graded:
        """Grade it as the grader does, but with more patience."""
        path = self.write(folder / f"{self.section}.ipynb")
        return grade_file(path, self.section, mode, seconds, **options)


def read_one(path: Path) -> Handed:
    """Read a file as the grader does."""
    return _open(path, path.parent)[0]


def cells(path: Path) -> list:
    """Return the cells of a notebook."""
    return parse(path.read_bytes())


def grade_file(path: Path, section: str, mode: str, seconds: float = PATIENCE, **options) -> Graded:
    """Grade a file as the grader does, but with more patience."""
    limits = Limits(mode, seconds, **options)
    try:
        return grade(read_one(path), assignment(section), limits)
    finally:
        limits.close()


def lost(graded: Graded) -> set[str]:
    """Return the failed tests, and check that the others gave full marks."""
    for test in graded.tests:
        assert (test.marks == test.points) == (not test.why)
    return {test.id for test in graded.tests if test.why}


def all_tests(section: str) -> set[str]:
    """Return the names of a section's tests."""
    return {cell.id for tests in assignment(section).tests.values() for cell in tests}


def run(sandbox, code: str) -> list[str]:
    """Run a cell in a sandbox, and return the errors of its statements."""
    errors = []
    for text in sandbox.ask({"split": code}, PATIENCE):
        try:
            sandbox.ask({"run": text}, PATIENCE)
        except Raised as error:
            errors.append(str(error))
    return errors


def without_maxima(row: dict[str, str]) -> dict[str, str]:
    """Return a row of marks.csv with the titles 6.1 and total instead of 6.1 (21)."""
    return {title.partition(" (")[0]: cell for title, cell in row.items()}
