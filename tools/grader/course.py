"""The course's assignments, and the notebooks that students hand in: found, named and read."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import Any

import nbformat

from tools.grader.limits import (
    ID_LETTERS,
    MOST_ENTRIES,
    MOST_FOLDERS,
    MOST_NOTEBOOKS,
    NOTEBOOK_BYTES,
    loads,
)
from tools.grader.walls import ROOT

COURSE = ROOT / "assignments"
SECTIONS = sorted(path.name for path in (COURSE / "source").iterdir())
SECRET = [COURSE / "source", COURSE / "tests", ROOT / "tests", ROOT / ".git"]
# What computers add of themselves
NOT_HANDED_IN = {".ipynb_checkpoints", "__MACOSX"}


def notebook(kind: str, section: str) -> Path:
    """Return the path of a section's notebook; `kind` is "source" or "release"."""
    return COURSE / kind / section / f"{section}.ipynb"


def _entries(folder: Path) -> list[tuple[Path, int]]:
    """Return what is in a folder, each with its kind, which is that of a link for a link."""
    entries = []
    for name in sorted(os.listdir(folder)):
        if name not in NOT_HANDED_IN and not name.startswith("._"):
            with contextlib.suppress(OSError):
                entries.append((folder / name, stat.S_IFMT(os.lstat(folder / name).st_mode)))
    return entries


def _is_notebook(path: Path) -> bool:
    return path.suffix.lower() == ".ipynb"


def _inside(folder: Path) -> list[Path]:
    """Return the notebooks in a folder, and the folders that can't be looked into."""
    found, waiting, seen = [], [folder], 0
    for path in waiting:  # which grows: the upper ones first
        try:
            entries = _entries(path)
        except OSError:
            found.append(path)
            continue
        seen += len(entries)
        too_deep = len(path.relative_to(folder).parts) >= MOST_FOLDERS
        for entry, kind in entries:
            if kind != stat.S_IFDIR:
                found += [entry] if _is_notebook(entry) else []
            elif too_deep or seen > MOST_ENTRIES:
                found.append(entry)
            else:
                waiting.append(entry)
    return sorted(found)


def find(submissions: Path) -> dict[str, list[Path]]:
    """Return each student's notebooks: those in the folder of that name, or the one file.

    No link is followed, and nothing that is there raises: what can't be looked into is in the
    list, for `read` to say so.
    """
    students: dict[str, list[Path]] = {}
    for path, kind in _entries(submissions):
        if kind == stat.S_IFDIR:
            if not path.name.startswith("."):
                students.setdefault(path.name, []).extend(_inside(path))
        elif _is_notebook(path):
            students.setdefault(path.stem, []).append(path)
        elif kind == stat.S_IFLNK and not path.name.startswith("."):
            students.setdefault(path.name, []).append(path)  # to a folder, or to nothing
    return students


def looked_at(files: list[Path]) -> list[Path]:
    """Return the first `MOST_NOTEBOOKS`; a file with the right name comes before a copy of it."""
    return sorted(files, key=lambda path: path.stem not in SECTIONS)[:MOST_NOTEBOOKS]


def read(path: Path) -> bytes:
    """Return what a submitted file holds. Nothing that it can be keeps this from returning.

    Raises ValueError if it is a link, no file, too large, or can't be read.
    """
    try:
        kind = stat.S_IFMT(os.lstat(path).st_mode)
        if kind == stat.S_IFDIR:
            raise ValueError("it is a folder that can't be looked into, or holds too much")
        if kind != stat.S_IFREG:
            raise ValueError("it is a link, or no file")
        # Should it be another file by now: no link is followed, no pipe waited for
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with open(os.open(path, flags), "rb") as file:
            data = file.read(NOTEBOOK_BYTES + 1)
    except OSError as error:
        raise ValueError(error.strerror) from None
    if len(data) > NOTEBOOK_BYTES:
        raise ValueError(f"it is larger than {NOTEBOOK_BYTES // 2**20} MiB")
    return data


def section_of(path: Path) -> str | None:
    """Say which assignment a file is: by its cells, else by its name."""
    try:
        ids = {cell["id"] for cell in cells(path) if cell["nbgrader"].get("solution")}
    except ValueError:
        ids = set()
    ids.discard(None)
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


def answered(path: Path, section: str) -> int:
    """Return how many of a section's answers are others than the release's; -1 if unreadable."""
    given = {c["id"]: c["source"] for c in cells(notebook("release", section))}
    try:
        return len(
            {
                cell["id"]
                for cell in cells(path)
                if cell["nbgrader"].get("solution") and cell["source"].strip()
                if cell["source"] != given.get(cell["id"], cell["source"])
            }
        )
    except ValueError:
        return -1


def _dict(value: Any) -> dict:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    parts = value if isinstance(value, list) else [value]
    return "".join(part for part in parts if isinstance(part, str))


def _today(content: dict) -> dict:
    """Return the notebook in version 4 of the format, if it is older."""
    if isinstance(content.get("cells"), list):
        return content
    try:
        converted = nbformat.convert(nbformat.from_dict(content), 4)
        if isinstance(converted["cells"], list):
            return converted
        raise TypeError("its cells are no list")
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"[:200]
        raise ValueError(f"it is JSON, but no notebook: {reason}") from None


def cells(path: Path) -> list[dict[str, Any]]:
    """Return a notebook's cells, each a dict with `type`, `source`, `id`, `nbgrader` and `kernel`.

    What is odd about a cell is left out: other cells are none the worse for it. Raises ValueError
    if `path` is no readable notebook.
    """
    data = read(path)
    try:
        content = loads(data)
    except ValueError as error:
        raise ValueError(f"it is not JSON: {error}"[:300]) from None
    if not isinstance(content, dict):
        raise ValueError(f"it is JSON, but no notebook: a {type(content).__name__}")
    content = _today(content)
    kernel = _dict(_dict(content.get("metadata")).get("kernelspec")).get("name")
    found = []
    for cell in map(_dict, content["cells"]):
        known = _dict(_dict(cell.get("metadata")).get("nbgrader"))
        name = known.get("grade_id")
        found.append(
            {
                "type": _text(cell.get("cell_type")),
                "source": _text(cell.get("source")),
                "nbgrader": dict(known),
                "id": name if isinstance(name, str) and 0 < len(name) <= ID_LETTERS else None,
                "kernel": kernel if isinstance(kernel, str) else "python3",
            }
        )
    return found


def marks(graded: dict[str, Any]) -> int:
    """Return the marks that a graded notebook got."""
    return sum(test["marks"] for test in graded["tests"])


def points(graded: dict[str, Any]) -> int:
    """Return the marks that a graded notebook could have got."""
    return sum(test["points"] for test in graded["tests"])
