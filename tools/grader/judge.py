"""Grade one notebook: run the teacher's tests here, and the student's functions in a sandbox."""

from __future__ import annotations

import base64
import functools
import linecache
import re
import secrets
import traceback
import zlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy
import psutil

from d2lconv import checks
from tools.grader import limits as limit
from tools.grader import messages
from tools.grader.assignments import Assignment
from tools.grader.cells import TRIAL, Cell, Notebook, parsed, stubs
from tools.grader.handed import Handed
from tools.grader.results import Graded, Test
from tools.grader.sandbox import Ended, Gone, Raised, Sandbox, Ungraded


class AnswerError(Exception):
    """The student's function returned no result."""


@dataclass
class Limits:
    """How to run a student's code; the caller closes it."""

    mode: str
    seconds: float  # of CPU time for a statement or a call
    alone: bool = True  # as in `sandbox.Sandbox`
    kept: list[Sandbox] = field(default_factory=list)  # at most one, from the previous notebook
    asked: bool = False  # by a hidden test; the code may still know the arguments

    def __post_init__(self) -> None:
        self.left = limit.STUDENT_CALLS * self.seconds  # for all of a student's notebooks

    def close(self) -> None:
        """Close the kept sandbox."""
        while self.kept:
            self.kept.pop().close()


@dataclass(frozen=True)
class Piece:
    """A cell of a submission to run."""

    number: int  # counted from 1
    cell: Cell
    source: str
    own: bool = False  # the student wrote or changed it
    answers: dict[str, str] = field(default_factory=dict)  # the exercise of each function

    @property
    def name(self) -> str:
        return f"cell {self.number} ({self.cell.id or 'no id'})"


def pieces(submitted: Notebook, asked: Assignment) -> list[Piece]:
    """Return the code of a submission, and decide which cells are the student's and answer what.

    A cell is the student's if it differs from all given cells. Code in a cell of another type
    counts if it defines a function that no code cell defines.
    """
    found = []
    for number, cell in enumerate(submitted, 1):
        own = cell.source not in asked.texts
        names = cell.defines({*asked.functions}) if own else ()
        answers = {name: asked.functions[name] for name in names}
        found.append(Piece(number, cell, cell.code(), own, answers))
    known = {name for piece in found if piece.cell.is_code for name in piece.answers}
    found = [piece for piece in found if piece.cell.is_code or {*piece.answers} - known]
    return [piece for piece in found if TRIAL not in piece.cell.source]


class Student:
    """The code of one submitted notebook, running in a sandbox that is started when needed.

    A statement or function that blocks or ends the process isn't run again. Once a hidden test has
    `asked`, notes are only for the teacher, because they may contain the test's arguments.
    """

    def __init__(self, setup: str, code: list[Piece], limits: Limits, extras: dict) -> None:
        self.limits, self.extras = limits, extras
        self.setup = Piece(0, Cell("code", setup), setup)
        self.left = limit.NOTEBOOK_CALLS * limits.seconds
        # A stub doesn't replace a function from another cell
        self.written = {name for piece in code for name in piece.answers}
        self.state: list[Piece] = []
        self.starts = 0
        self.sandbox: Sandbox | None = None
        self.lost: dict[str, str] = {}
        self.called: set[str] = set()  # functions, in the sandbox that runs
        self.skipped: set[tuple[int, int]] = set()  # the numbers of a cell and a statement
        self.notes: dict[str, bool] = {}  # whether a hidden test had asked before
        self.asked = False
        self.last: list[Any] = []  # the last call: name, args, kwargs, and the result, if any

    def note(self, text: str) -> None:
        self.notes.setdefault(limit.shorten(text, limit.NOTE_LETTERS), self.asked)

    def enter(self, state: list[Piece]) -> None:
        """Set the cells to run, in this order, before the next call."""
        if state != self.state:
            self.close(keep=True)
            self.state = state

    def start(self) -> None:
        """Run the cells; if a statement ends the process, run them again without it."""
        while not self.sandbox:
            if self.starts == limit.MOST_STARTS:
                raise AnswerError(f"the process was ended {limit.MOST_STARTS} times")
            self.starts += 1
            kept, mode, alone = self.limits.kept, self.limits.mode, self.limits.alone
            self.sandbox = kept.pop() if kept else Sandbox(mode, alone=alone)
            for name, data in self.extras.items():
                self.ask({"write": name, "data": base64.b64encode(data).decode()})
            if not all(map(self.run, [self.setup, *self.state])):
                self.close()

    def run(self, piece: Piece) -> bool:
        """Run the statements of a cell, and return whether the process has survived."""
        number = 0
        try:
            texts = self.ask({"split": piece.source})
            for number, text in enumerate(texts if isinstance(texts, list) else []):
                if (piece.number, number) in self.skipped or stubs(str(text)) & self.written:
                    continue
                try:
                    self.ask({"run": text})
                except Raised as error:
                    if piece.own:
                        self.note(f"{piece.name} raises {error}")
        except Gone as error:
            self.skipped.add((piece.number, number))
            self.note(f"{piece.name}: statement {number + 1} was skipped: {error}")
            return False
        return True

    def ask(self, request: dict, given: Any = ((), ())) -> Any:
        """Ask the sandbox, and subtract the time. Raises AnswerError if no time is left."""
        assert self.sandbox
        seconds = min(self.limits.seconds, self.left, self.limits.left)
        if seconds <= 0:
            raise AnswerError("this notebook has used up its time")
        try:
            return self.sandbox.ask(request, seconds, given)
        finally:
            self.left -= self.sandbox.spent
            self.limits.left -= self.sandbox.spent

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call the student's function `name`. Raises AnswerError if it returns no result."""
        if name in self.lost:
            raise AnswerError(self.lost[name])
        self.last = [name, args, kwargs]
        try:
            self.start()
            self.called.add(name)
            result = self.ask({"call": name}, [args, [*kwargs.items()]])
            self.last.append(result)
            return result
        except Raised as error:
            raise AnswerError(f"{name}: {error}") from None
        except Gone as error:
            called = self.called - {name}
            self.close()
            if called and isinstance(error, Ended):  # an earlier call may have caused this
                return self.call(name, *args, **kwargs)
            self.lost[name] = f"{name}: {error}"
            raise AnswerError(self.lost[name]) from None
        except (OSError, psutil.Error) as error:
            raise Ungraded(str(error)) from error

    def close(self, keep: bool = False) -> None:
        """End the processes; keep the sandbox for the next cells if it is clean."""
        sandbox, self.sandbox, self.called = self.sandbox, None, set()
        if not sandbox:
            return
        if keep and sandbox.recycle():
            self.limits.kept.append(sandbox)
        elif abandoned := sandbox.close():
            self.note(f"it left {abandoned} processes running; they were ended")


def why(error: Exception) -> str:
    """Explain in a few lines why a test failed."""
    if str(error):
        return limit.shorten(messages.strip_places(str(error)), limit.REASON_LETTERS)
    line = traceback.extract_tb(error.__traceback__)[-1].line
    return f"{type(error).__name__} in: {line}"


def differences(submitted: Notebook, given: Notebook) -> list[str]:
    """Note which cells differ that the student should not have changed."""
    theirs = defaultdict(list)
    for cell in submitted:
        theirs[cell.id].append((cell.source, cell.known))
    ours = [cell for cell in given if cell.id and not cell.is_answer]
    changed = [cell.id for cell in ours if theirs[cell.id] != [(cell.source, cell.known)]]
    what = "these given cells differ from ours; the originals were used"
    return [f"{what}: {', '.join(changed)}"] if changed else []


def guesses(code: list[Piece]) -> list[str]:
    """List the grader's guesses about the answers."""
    notes = []
    at_home = {piece.cell.id for piece in code if piece.cell.id in piece.answers.values()}
    for piece in code:
        if not piece.cell.is_code:
            notes.append(f"{piece.name} is a {piece.cell.kind} cell; the code in it was run")
        for exercise in sorted({*piece.answers.values()} - at_home):
            notes.append(f"an answer to {exercise} was found in {piece.name}")
        if piece.own and re.search(r"\binput\(", piece.source):
            notes.append(f"{piece.name} asks for input; the grader answers '1'")
    return notes


def states(code: list[Piece], exercise: str, tests: list[Cell]) -> list[list[Piece]]:
    """Return the lists of cells with which the student's function may have worked.

    A list ends with a cell that defines the function (the one above its test, then the last three)
    or contains all cells. It has the notebook's order, or the order in which the student ran them.
    """
    found: list[list[Piece]] = []
    about = {test.id for test in tests}
    executed = sorted((p for p in code if p.cell.executed), key=lambda p: p.cell.executed)
    for order in (code, executed):
        tested = next((i for i, p in enumerate(order) if p.cell.id in about), len(order))
        own = [i for i, piece in enumerate(order) if exercise in piece.answers.values()]
        ends = [*[i for i in own if i < tested][-1:], *own[:-4:-1], len(order) - 1]
        found += [order[: last + 1] for last in ends]
    return [state for n, state in enumerate(found) if state and state not in found[:n]]


def settled(asked: Assignment, code: list[Piece], student: Student, tests: list[Test]) -> bool:
    """Return whether an exercise fails no matter which cells have run.

    That is certain if there is no answer, if the answer takes too long, or if the student's code
    consists of functions and imports, and no name is missing or bound twice.
    """
    reasons = " ".join(test.why for test in tests)
    names = [name for name, answer in asked.functions.items() if answer == tests[0].answer]
    own = "\n".join(piece.source for piece in code if piece.own)
    if not any(name in own for name in names):
        return True
    if any(reason in reasons for reason in student.lost.values()):
        return True
    tree = parsed(own)
    if not tree or "global " in own or re.search("is not defined|has no attribute", reasons):
        return False
    bound = [each for node in tree.body for each in getattr(node, "names", [node])]
    found = [str(getattr(each, "asname", None) or getattr(each, "name", "*")) for each in bound]
    return len({*found} - {"*"} - Cell("code", asked.setup).defines({*found})) == len(found)


def grade(handed: Handed, asked: Assignment, limits: Limits, seed: int | None = None) -> Graded:
    """Grade a submitted notebook, with random inputs that `seed` determines. Raises Ungraded."""
    seed = secrets.randbits(32) if seed is None else seed
    submitted = handed.notebook
    if submitted is None:
        notes = {f"the notebook can't be read: {handed.error}": False}
        every = [cell for cells in asked.tests.values() for cell in cells]
        tests = [Test(cell.id, "", cell.known["points"], 0, "", "") for cell in every]
        return Graded(False, seed, notes, tests, {}, "", {})
    code = pieces(submitted, asked)
    own = [piece for piece in code if piece.own]
    student = Student(asked.setup, code, limits, handed.extras)
    for note in differences(submitted, asked.given) + guesses(code):
        student.note(note)
    try:
        tests = _tests(asked, code, student, seed)
        student.close(keep=True)
    finally:
        student.close()
    texts = {e: _joined(p for p in own if e in p.answers.values()) for e in asked.tests}
    return Graded(
        readable=True,
        seed=seed,
        notes=dict([*student.notes.items()][: limit.MOST_NOTES]),
        tests=tests,
        own=_joined(piece for piece in own if not piece.answers),
        code={exercise: text for exercise, text in texts.items() if text},
        written=_written(submitted, asked, code),
    )


def _joined(code: Iterable[Piece]) -> str:
    return limit.shorten("\n\n".join(piece.source for piece in code), limit.CODE_LETTERS)


def _tests(asked: Assignment, code: list[Piece], student: Student, seed: int) -> list[Test]:
    """Run all tests, visible ones first, so that their messages can't contain hidden arguments."""
    namespace: dict[str, Any] = {}
    exec(compile(asked.setup, "<setup>", "exec"), namespace)
    namespace.update({name: functools.partial(student.call, name) for name in asked.functions})

    student.enter([piece for piece in code if piece.own or piece.cell.is_answer])
    every = [(exercise, cell) for exercise, cells in asked.tests.items() for cell in cells]
    found: dict[str, Test] = {}
    for exercise, cell in sorted(every, key=lambda pair: pair[1].is_hidden):
        student.asked = cell.is_hidden or student.limits.asked
        found[cell.id] = _test(cell, exercise, namespace, student, (seed, 0))
    # In other modes, code may leave hidden arguments where the next notebook finds them
    student.limits.asked |= student.limits.mode != "bwrap"
    for exercise, cells in asked.tests.items():
        best = [found[cell.id] for cell in cells]
        if not any(test.why for test in best) or settled(asked, code, student, best):
            continue
        for attempt, state in enumerate(states(code, exercise, cells), 1):
            student.enter(state)
            again = [_test(cell, exercise, namespace, student, (seed, attempt)) for cell in cells]
            if sum(test.marks for test in again) > sum(test.marks for test in best):
                # Students may have seen why, if it fails in both
                best = [new if old.marks or new.marks else old for old, new in zip(best, again)]
                found.update({test.id: test for test in best})
                student.notes[f"{exercise} was graded in its state after {state[-1].name}"] = False
            if not any(test.why for test in best):
                break
    return [found[cell.id] for _, cell in every]


def _written(submitted: Notebook, asked: Assignment, code: list[Piece]) -> dict[str, str]:
    """Return the answers in words, including cells that the student added below a question."""
    cells = asked.given
    words = {cell.id for cell in cells if cell.is_answer and not cell.is_code}
    below = {above.source: c.id for above, c in zip(cells, cells[1:]) if c.id in words}
    run = [piece.cell for piece in code]
    found: dict[str, list[str]] = {}
    answer = ""
    for cell in submitted:
        if cell.is_code or cell in run:
            continue
        answer = cell.id if cell.id in words else below.get(cell.source, answer)
        if cell.id in words or (cell.source and cell.source not in asked.texts):
            found.setdefault(answer, []).append(cell.source)
    return {a: limit.shorten("\n\n".join(found[a]), limit.WRITTEN_LETTERS) for a in found}


def _test(
    cell: Cell, exercise: str, namespace: dict[str, Any], student: Student, seed: tuple[int, int]
) -> Test:
    text, name = cell.source, f"<{cell.id}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    title, points = text.partition("\n")[0].lstrip("# "), cell.known["points"]
    test = Test(cell.id, title, points, points, "", exercise, told=not student.asked)
    # Each attempt draws other inputs, so that counting calls reveals nothing
    drawn = numpy.random.default_rng([*seed, zlib.crc32(cell.id.encode())])
    checks.rng.bit_generator.state = drawn.bit_generator.state
    student.last = []
    try:
        exec(compile(text, name, "exec"), namespace)
    except Exception as error:
        test.why = why(error)
        test.kind = "no answer" if isinstance(error, AnswerError) else "a wrong answer"
        test.kind += "".join(f"; not: {name}" for name in getattr(error, "failed", []))
        test.marks = int(points * getattr(error, "share", 0.0))
        if student.last:
            test.call = messages.call(*student.last)
    return test
