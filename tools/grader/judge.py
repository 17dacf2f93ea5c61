"""Grade one notebook: the teacher's tests run here, the student's functions in a sandbox."""

from __future__ import annotations

import ast
import functools
import linecache
import math
import secrets
import time
import traceback
import zlib
from pathlib import Path
from typing import Any, Callable

import numpy
import psutil

from d2lconv import checks
from tools.grader import report
from tools.grader.course import cells
from tools.grader.limits import (
    MOST_NOTES,
    MOST_STARTS,
    MOST_WRITTEN,
    NOTE_LETTERS,
    NOTEBOOK_CALLS,
    REASON_LETTERS,
    WRITTEN_LETTERS,
    short,
)
from tools.grader.sandbox import Gone, Raised, Sandbox, Ungraded

CHATTY = 10**6  # characters printed


class AnswerError(Exception):
    """The student's function gave no result."""


class Student:
    """The code of one submitted notebook, running in a sandbox that is started when needed.

    A cell that blocks or ends the process is left out from then on; a function that does so is not
    called again. `notes` says what happened. The sandbox of the student's notebook before is taken
    if it was `kept`.
    """

    def __init__(
        self,
        code: list[tuple[str, str]],
        mode: str,
        seconds: float,
        alone: bool,
        deadline: float,
        kept: list[Sandbox],
    ) -> None:
        self.code, self.mode, self.seconds, self.alone = list(code), mode, seconds, alone
        self.deadline = min(deadline, time.monotonic() + NOTEBOOK_CALLS * seconds)
        self.kept = kept
        self.starts = 0
        self.ungraded: Ungraded | None = None
        self.sandbox: Sandbox | None = None
        self.lost: dict[str, str] = {}
        self.notes: list[str] = []
        # The last call: name, args, kwargs, and the result if there is one
        self.last: list[Any] = []

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def start(self) -> Sandbox:
        """Run the cells, and once more without the one that broke the process."""
        while not self.sandbox:
            self.remaining()
            if self.starts == MOST_STARTS:
                raise AnswerError(f"the process was ended {MOST_STARTS} times")
            self.starts += 1
            begun = time.monotonic()
            try:
                self.sandbox = (
                    self.kept.pop() if self.kept else Sandbox(self.mode, alone=self.alone)
                )
                self.deadline += time.monotonic() - begun  # which is the machine's time
            except (OSError, RuntimeError, psutil.Error) as error:
                raise Ungraded(str(error)) from error
            for cell in list(self.code):
                name, source = cell
                try:
                    self.sandbox.ask({"cell": source}, self.remaining())
                except Raised as error:
                    if not str(error).startswith("NotImplementedError"):
                        self.note(f"{name} raises {error}")
                except Gone as error:
                    self.note(f"{name} was left out: {error}")
                    self.code.remove(cell)
                    self.close()
                    break
        return self.sandbox

    def remaining(self) -> float:
        """Return the seconds for the next cell or call; AnswerError if there are none."""
        waited = self.sandbox.waited if self.sandbox else 0
        remaining = self.deadline + waited - time.monotonic()
        if remaining <= 0 and not self.alone:
            raise Ungraded("it used up the time for a notebook, perhaps because of others")
        if remaining <= 0:
            raise AnswerError("the time for this notebook is used up")
        return min(self.seconds, remaining)

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call the student's function `name`. Raises AnswerError if that gives no result."""
        if self.ungraded:
            raise self.ungraded
        if name in self.lost:
            raise AnswerError(self.lost[name])
        self.last = [name, args, kwargs]
        try:
            sandbox = self.start()
            result = sandbox.ask({"call": name}, self.remaining(), args, kwargs)
            self.last.append(result)
            return result
        except Raised as error:
            raise AnswerError(f"{name}: {error}") from None
        except Gone as error:
            self.lost[name] = f"{name}: {error}"
            self.close()
            raise AnswerError(self.lost[name]) from None
        except (Ungraded, OSError) as error:
            self.ungraded = Ungraded(str(error))  # a test can't hide it
            raise self.ungraded from error

    def close(self, keep: bool = False) -> None:
        """End what runs; the sandbox is kept for the next notebook if nothing is left in it."""
        sandbox, self.sandbox = self.sandbox, None
        if not sandbox:
            return
        self.deadline += sandbox.waited
        if sandbox.printed > CHATTY:
            self.note(f"it printed {sandbox.printed:,} characters; they were thrown away")
        if keep and sandbox.again():
            self.kept.append(sandbox)
        elif abandoned := sandbox.close():
            self.note(f"it left {abandoned} processes running; they were ended")


def why(error: Exception) -> str:
    """Say in a few lines why a test failed."""
    if str(error):
        return short(report.readable(str(error)), REASON_LETTERS)
    line = traceback.extract_tb(error.__traceback__)[-1].line
    return f"{type(error).__name__} in: {line}"


def differences(submitted: list[dict], release: list[dict]) -> list[str]:
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


def grade(
    path: Path,
    source: Path,
    release: Path,
    mode: str,
    seconds: float,
    seed: int | None = None,
    alone: bool = True,
    deadline: float = math.inf,
    kept: list[Sandbox] | None = None,
) -> dict[str, Any]:
    """Grade a submitted notebook.

    Parameters
    ----------
    path : Path
        The submission, which is read and never trusted.
    source, release : Path
        The teacher's notebook, and the students' version of it.
    mode : str
        How the student's code is locked up, see `sandbox.DEFENDED`.
    seconds : float
        How long a cell or a call may take; all together may take ten times that.
    seed : int, optional
        What the tests' inputs are drawn from, to run a failure again; else it is drawn itself.
    alone : bool
        Nothing else is graded at the same time, see `sandbox.Sandbox`.
    deadline : float
        When all has to be done, on the clock of `time.monotonic`.
    kept : list of Sandbox, optional
        One that was kept from the same student's notebook before, or none. It is left there for
        the next one, and is the caller's to close.

    Returns
    -------
    dict
        `file`, `readable`, `seed`, `notes` (what happened), `tests` (each with `id`, `title`,
        `points`, `marks`, `why`, `kind` of failure, `call`: the last one before it, whether it is
        `hidden`, and the `answer` that it is about), `code` (the student's, for each answer), `own`
        (the code of cells that the student has added) and `written` (the answers in words, each
        with `id` and `text`).

    Raises
    ------
    Ungraded
        If the sandbox failed, or was ended from outside.
    """
    teachers, given = cells(source), cells(release)
    readable, notes = _read(path, given)
    submitted = readable or []
    setup = [cell["source"] for cell in teachers if cell["id"] == "setup"]
    code = [("the setup", text) for text in setup] + _helpers(given)
    code += _students_code(submitted, teachers, given)
    student = Student(code, mode, seconds, alone, deadline, [] if kept is None else kept)
    stand_ins = _stand_ins(teachers, student)
    if not submitted:
        student.lost = dict.fromkeys(stand_ins, "there is no readable notebook")
    namespace: dict[str, Any] = {}
    for text in setup:
        exec(compile(text, "<setup>", "exec"), namespace)
    namespace.update(stand_ins)
    seed = secrets.randbits(32) if seed is None else seed
    about = report.answers_of(teachers)
    try:
        tests = [
            {**_test(cell, namespace, student, seed), "answer": about[cell["id"]]}
            for cell in teachers
            if _is_test(cell)
        ]
        student.close(keep=kept is not None)
    finally:
        student.close()
    if student.ungraded:
        raise student.ungraded
    written = [
        {"id": cell["id"], "text": short(cell["source"], WRITTEN_LETTERS)}
        for cell in submitted
        if cell["type"] == "markdown" and cell["nbgrader"].get("solution")
    ]
    return {
        "file": path.name,
        "readable": readable is not None,
        "seed": seed,
        "notes": [short(note, NOTE_LETTERS) for note in (notes + student.notes)[:MOST_NOTES]],
        "tests": tests,
        "code": report.code_of(submitted, teachers),
        "own": report.own_code_of(submitted, teachers, given),
        "written": written[:MOST_WRITTEN],
    }


def _read(path: Path, given: list[dict]) -> tuple[list[dict] | None, list[str]]:
    """Return the cells of a submission, and notes about them; None if it can't be read."""
    try:
        submitted = cells(path)
    except ValueError as error:
        return None, [f"the notebook can't be read: {error}"]
    return submitted, differences(submitted, given)


def _helpers(given: list[dict]) -> list[tuple[str, str]]:
    """Return the functions that visible tests define: answers may use them, as in the notebook.

    Of each cell that is what it defines and imports, and none of its calls.
    """
    kinds = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    found = []
    for cell in filter(_is_test, given):
        nodes = [node for node in ast.parse(cell["source"]).body if isinstance(node, kinds)]
        if nodes:
            found.append((f"the test {cell['id']}", "\n\n".join(map(ast.unparse, nodes))))
    return found


def _students_code(
    submitted: list[dict], teachers: list[dict], given: list[dict]
) -> list[tuple[str, str]]:
    """Return the code that the student has written: what is neither ours nor as it was given."""
    ours = {cell["id"] for cell in teachers if cell["id"] and not cell["nbgrader"].get("solution")}
    as_given = {cell["source"] for cell in given if not cell["nbgrader"].get("solution")}
    return [
        (f"cell {number} ({cell['id'] or 'of their own'})", cell["source"])
        for number, cell in enumerate(submitted, 1)
        if cell["type"] == "code" and cell["source"].strip()
        if cell["id"] not in ours and cell["source"] not in as_given
    ]


def _stand_ins(teachers: list[dict], student: Student) -> dict[str, Callable]:
    """Return, for each function that is to be written, one that calls the student's."""
    answers = [c for c in teachers if c["type"] == "code" and c["nbgrader"].get("solution")]
    return {
        node.name: functools.partial(student.call, node.name)
        for cell in answers
        for node in ast.parse(cell["source"]).body
        if isinstance(node, ast.FunctionDef)
    }


def _is_test(cell: dict) -> bool:
    return cell["type"] == "code" and bool(cell["nbgrader"].get("grade"))


def _test(cell: dict, namespace: dict[str, Any], student: Student, seed: int) -> dict:
    text, points = cell["source"], cell["nbgrader"]["points"]
    name = f"<{cell['id']}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    reason = kind = made = ""
    drawn = numpy.random.default_rng([seed, zlib.crc32(cell["id"].encode())])
    checks.rng.bit_generator.state = drawn.bit_generator.state
    student.last = []
    try:
        exec(compile(text, name, "exec"), namespace)
    except Exception as error:
        reason = why(error)
        kind = "no answer" if isinstance(error, AnswerError) else "a wrong answer"
        if student.last:
            made = report.call(*student.last)
        if student.last[3:]:
            reason = report.told_apart(reason, student.last[3])
    title = text.partition("\n")[0].lstrip("# ")
    marks = 0 if reason else points
    hidden = "### BEGIN HIDDEN TESTS" in text
    found = {"id": cell["id"], "title": title, "points": points, "marks": marks, "why": reason}
    return {**found, "kind": kind, "call": made, "hidden": hidden}
