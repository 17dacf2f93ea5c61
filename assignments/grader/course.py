"""The course's assignments, and the notebooks that students hand in: found, named and read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
COURSE = ROOT / "assignments"
SECTIONS = sorted(path.name for path in (COURSE / "source").iterdir())
SECRET = [COURSE / "source", COURSE / "tests", ROOT / "tests", ROOT / ".git"]
MOST_NOTEBOOKS = 20  # of a student, that are looked at
NOTEBOOK_BYTES = 20 * 2**20


def notebook(kind: str, section: str) -> Path:
    """Return the path of a section's notebook; `kind` is "source" or "release"."""
    return COURSE / kind / section / f"{section}.ipynb"


def find(submissions: Path) -> dict[str, list[Path]]:
    """Return each student's notebooks: those in the folder of that name, or the one file."""
    students: dict[str, list[Path]] = {}
    for path in sorted(submissions.iterdir()):
        if path.is_dir() and not path.name.startswith("."):
            inside = sorted(path.rglob("*.ipynb"))
            students[path.name] = [p for p in inside if ".ipynb_checkpoints" not in p.parts]
        elif path.suffix == ".ipynb":
            students.setdefault(path.stem, []).append(path)
    return students


def looked_at(files: list[Path]) -> list[Path]:
    """Return the first `MOST_NOTEBOOKS`; a file with the right name comes before a copy of it."""
    return sorted(files, key=lambda path: path.stem not in SECTIONS)[:MOST_NOTEBOOKS]


def section_of(path: Path) -> str | None:
    """Say which assignment a file is: by its cells, else by its name."""
    try:
        ids = {cell["id"] for cell in cells(path) if cell["nbgrader"].get("solution")}
    except (OSError, ValueError):
        ids = set()
    best = closest(ids, path.name)
    return best or max((s for s in SECTIONS if s in path.name), key=len, default=None)


def closest(ids: set[str], name: str) -> str | None:
    """Return the assignment that has the most of these answers.

    Several have the same ones where an exercise was copied. Then the file's name decides, else
    which of them asks for the fewest others. None if no assignment has any of them.
    """
    answers = {
        section: {
            c["id"] for c in cells(notebook("source", section)) if c["nbgrader"].get("solution")
        }
        for section in SECTIONS
    }

    def likeness(section: str) -> tuple[int, int, int]:
        known = answers[section]
        return len(ids & known), len(section) if section in name else 0, -len(known - ids)

    best = max(SECTIONS, key=likeness)
    return best if ids & answers[best] else None


def cells(path: Path) -> list[dict[str, Any]]:
    """Return a notebook's cells, each a dict with `type`, `source`, `id`, `nbgrader` and `kernel`.

    Raises ValueError or OSError if `path` is no readable notebook.
    """
    if path.resolve() != path or not path.is_file():
        raise ValueError("it is a link, or no file")
    if path.stat().st_size > NOTEBOOK_BYTES:
        raise ValueError(f"it is larger than {NOTEBOOK_BYTES // 2**20} MiB")
    try:
        content = json.loads(path.read_text("utf-8"))
        found = [
            {
                "type": cell["cell_type"],
                "source": "".join(cell["source"]),
                "nbgrader": dict(cell.get("metadata", {}).get("nbgrader", {})),
            }
            for cell in content["cells"]
        ]
        kernel = content["metadata"].get("kernelspec", {}).get("name", "python3")
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is not JSON: {error}") from None
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is JSON, but no notebook: {error!r}") from None
    return [{**cell, "id": cell["nbgrader"].get("grade_id"), "kernel": kernel} for cell in found]


def marks(graded: dict[str, Any]) -> int:
    """Return the marks that a graded notebook got."""
    return sum(test["marks"] for test in graded["tests"])


def points(graded: dict[str, Any]) -> int:
    """Return the marks that a graded notebook could have got."""
    return sum(test["points"] for test in graded["tests"])
