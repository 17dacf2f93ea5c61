"""Grade one notebook: the teacher's tests run here, the student's functions in a sandbox."""

import ast
import functools
import json
import linecache
import time
import traceback
from pathlib import Path
from typing import Any

from assignments.grader.sandbox import Gone, Raised, Sandbox

LARGEST = 20 * 2**20  # bytes in a notebook
CHATTY = 10**6  # characters printed


class AnswerError(Exception):
    """The student's function gave no result."""


def cells(path: Path) -> "list[dict]":
    """Return a notebook's cells, each a dict with `type`, `source`, `id` and `nbgrader`.

    Raises ValueError or OSError if `path` is no readable notebook.
    """
    if path.resolve() != path or not path.is_file():
        raise ValueError("it is a link, or no file")
    if path.stat().st_size > LARGEST:
        raise ValueError(f"it is larger than {LARGEST // 2**20} MiB")
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


class Student:
    """The code of one submitted notebook, running in a sandbox that is started when needed.

    A cell that blocks or ends the process is left out from then on; a function that does so is not
    called again. `notes` says what happened.
    """

    def __init__(self, code: "list[tuple[str, str]]", mode: str, seconds: float) -> None:
        self.code, self.mode, self.seconds = list(code), mode, seconds
        self.end = time.monotonic() + 10 * seconds
        self.sandbox: Sandbox | None = None
        self.lost: dict[str, str] = {}
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def start(self) -> None:
        while not self.sandbox:
            self.sandbox = Sandbox(self.mode)
            for cell in list(self.code):
                name, source = cell
                try:
                    self.sandbox.ask({"cell": source}, self.left())
                except Raised as error:
                    if not str(error).startswith("NotImplementedError"):
                        self.note(f"{name} raises {error}")
                except Gone as error:
                    self.note(f"{name} was left out: {error}")
                    self.code.remove(cell)
                    self.close()
                    break

    def left(self) -> float:
        remaining = self.end - time.monotonic()
        if remaining <= 0:
            raise AnswerError("the time for this notebook is used up")
        return min(self.seconds, remaining)

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call the student's function `name`. Raises AnswerError if that gives no result."""
        if name in self.lost:
            raise AnswerError(self.lost[name])
        self.start()
        try:
            return self.sandbox.ask({"call": name}, self.left(), args, kwargs)
        except Raised as error:
            raise AnswerError(f"{name}: {error}") from None
        except Gone as error:
            self.lost[name] = f"{name}: {error}"
            self.close()
            raise AnswerError(self.lost[name]) from None

    def close(self) -> None:
        if self.sandbox:
            left = self.sandbox.close()
            if left:
                self.note(f"it left {left} processes running; they were ended")
            if self.sandbox.printed > CHATTY:
                self.note(f"it printed {self.sandbox.printed:,} characters; they were thrown away")
        self.sandbox = None


def why(error: Exception) -> str:
    """Say in a few lines why a test failed."""
    if str(error):
        return str(error)[:1500]
    line = traceback.extract_tb(error.__traceback__)[-1].line
    return f"{type(error).__name__} in: {line}"


def differences(submitted: "list[dict]", release: "list[dict]") -> "list[str]":
    """Say what was done to the cells that were not the student's to change."""
    notes = []
    for given in release:
        if given["id"] is None or given["nbgrader"].get("solution"):
            continue
        copies = [cell for cell in submitted if cell["id"] == given["id"]]
        found = [
            ("is missing", not copies),
            (f"is there {len(copies)} times", len(copies) > 1),
            ("was changed", any(c["source"].strip() != given["source"].strip() for c in copies)),
            ("has other metadata", any(c["nbgrader"] != given["nbgrader"] for c in copies)),
        ]
        notes += [f"the cell {given['id']} {what}; ours counts" for what, is_so in found if is_so]
    kernel = submitted[0]["kernel"] if submitted else "python3"
    if kernel != "python3":
        notes.append(f"it asks for the kernel {kernel!r}; it was run by Python all the same")
    return notes


def grade(path: Path, source: Path, release: Path, mode: str, seconds: float) -> dict:
    """Grade a submitted notebook.

    Parameters
    ----------
    path : the submission, which is read and never trusted.
    source, release : the teacher's notebook, and the students' version of it.
    mode : how the student's code is locked up, see `sandbox.DEFENDED`.
    seconds : how long a cell or a call may take; all together may take ten times that.

    Returns
    -------
    dict with `file`, `notes` (what happened), `tests` (each with `id`, `title`, `points`, `marks`
    and `why`) and `written` (the answers in words, each with `id` and `text`).
    """
    master, given = cells(source), cells(release)
    notes: list[str] = []
    try:
        submitted = cells(path)
        notes += differences(submitted, given)
    except (OSError, ValueError) as error:
        submitted = []
        notes.append(f"the notebook can't be read: {error}")

    ours = {cell["id"] for cell in master if cell["id"] and not cell["nbgrader"].get("solution")}
    same = {cell["source"] for cell in given if not cell["nbgrader"].get("solution")}
    setup = [cell["source"] for cell in master if cell["id"] == "setup"]
    code = [("the setup", text) for text in setup]
    for number, cell in enumerate(submitted, 1):
        mine = cell["id"] not in ours and cell["source"] not in same
        if cell["type"] == "code" and cell["source"].strip() and mine:
            code.append((f"cell {number} ({cell['id'] or 'of their own'})", cell["source"]))

    student = Student(code, mode, seconds)
    namespace: dict[str, Any] = {}
    for text in setup:
        exec(compile(text, "<setup>", "exec"), namespace)
    for cell in master:
        if cell["type"] == "code" and cell["nbgrader"].get("solution"):
            for node in ast.parse(cell["source"]).body:
                if isinstance(node, ast.FunctionDef):
                    namespace[node.name] = functools.partial(student.call, node.name)
                    if not submitted:
                        student.lost[node.name] = "there is no readable notebook"
    tests = []
    try:
        for cell in master:
            if cell["type"] == "code" and cell["nbgrader"].get("grade"):
                tests.append(_test(cell, namespace))
    finally:
        student.close()
    written = [
        {"id": cell["id"], "text": cell["source"]}
        for cell in submitted
        if cell["type"] == "markdown" and cell["nbgrader"].get("solution")
    ]
    return {
        "file": path.name,
        "notes": notes + student.notes,
        "tests": tests,
        "written": written,
    }


def _test(cell: dict, namespace: "dict[str, Any]") -> dict:
    text, points = cell["source"], cell["nbgrader"]["points"]
    name = f"<{cell['id']}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    reason = ""
    try:
        exec(compile(text, name, "exec"), namespace)
    except Exception as error:
        reason = why(error)
    title = text.partition("\n")[0].lstrip("# ")
    marks = 0 if reason else points
    return {"id": cell["id"], "title": title, "points": points, "marks": marks, "why": reason}
