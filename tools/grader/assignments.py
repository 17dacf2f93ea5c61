"""Find the assignments, and their answers and tests."""

import ast
import functools
from dataclasses import dataclass
from pathlib import Path

from tools.grader.cells import Cell, Notebook, parse
from tools.isolation import ROOT

ASSIGNMENTS = ROOT / "assignments"
# Students who try the grader have only the release
KIND = "source" if (ASSIGNMENTS / "source").is_dir() else "release"
SECTIONS = sorted(path.name for path in (ASSIGNMENTS / KIND).iterdir())


def notebook(kind: str, section: str) -> Path:
    """Return the path of a section's notebook; `kind` is "source" or "release"."""
    return ASSIGNMENTS / kind / section / f"{section}.ipynb"


@dataclass(frozen=True)
class Assignment:
    """A section's notebook from the teacher, and the release for students."""

    section: str
    teachers: Notebook
    given: Notebook

    @functools.cached_property
    def setup(self) -> str:
        """The code of the setup cell, which every answer may use."""
        return "\n".join(c.source for c in self.teachers if c.is_code and c.id == "setup")

    @functools.cached_property
    def answers(self) -> set[str]:
        """The ids of all answers, in code and in words."""
        return {cell.id for cell in self.teachers if cell.is_answer and cell.id}

    @functools.cached_property
    def functions(self) -> dict[str, str]:
        """The functions to write, each with its exercise's id."""
        code = [cell for cell in self.teachers if cell.is_code and cell.is_answer]
        nodes = [(node, cell.id) for cell in code for node in ast.parse(cell.source).body]
        return {node.name: name for node, name in nodes if isinstance(node, ast.FunctionDef)}

    @functools.cached_property
    def tests(self) -> dict[str, list[Cell]]:
        """The tests of each exercise: those below its answer. The release has no hidden ones."""
        found: dict[str, list[Cell]] = {}
        answer = ""
        for cell in self.teachers:
            if cell.is_code and cell.is_answer:
                answer = cell.id
            elif cell.is_test and ast.parse(cell.source).body:
                found.setdefault(answer, []).append(cell)
        return found

    @functools.cached_property
    def texts(self) -> set[str]:
        """The sources of cells that aren't answers, in our notebook or the release."""
        ours = [cell for cell in self.teachers if not cell.is_answer]
        return {cell.source for cell in [*self.given, *ours]}


@functools.cache
def assignment(section: str, kind: str = KIND) -> Assignment:
    """Return an assignment; `kind` "release" has no hidden tests or solutions."""
    both = (parse(notebook(each, section).read_bytes()) for each in (kind, "release"))
    return Assignment(section, *both)
