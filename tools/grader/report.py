"""The pages about a student: the teacher's, and one that can be handed back.

The student's page is made of what `for_student` leaves: of a hidden test its title and its marks,
and no model answer.
"""

from __future__ import annotations

import copy
import functools
import re
from pathlib import Path
from typing import Any

import jinja2
import numpy
from mxnet import np

from tools.grader.copies import uses_forbidden
from tools.grader.course import cells, marks, notebook, points
from tools.grader.files import file_name, write_whole
from tools.grader.limits import CALL_LETTERS, CODE_LETTERS, short

HANDED_BACK = "for-students"  # the folder of the students' pages
DEEPEST = 20  # lists in lists
_CPP = re.compile(
    r"^(?:Traceback \(most recent call last\):|Stack trace:"
    r"|[^\S\n]*(?:\[bt\]|\[\d\d:\d\d:\d\d\]) .*"
    r"|[^\S\n]*File \"[^\"\n]*\.(?:cc|h|cu|cpp)\", line \d+.*)[^\S\n]*\n?",
    re.MULTILINE,
)
_PLACE = re.compile(r"(?<!\S)[^\s:]*\.(?:cc|h|cu):\d+:\s*")
_SAME_TEXT = re.compile(r"needed:?\s+(?P<text>\S.*?),?\s+got:?\s+(?P=text)\s*$", re.DOTALL)


def readable(message: str) -> str:
    """Leave out of MXNet's messages where in its C++ the error was found.

    A student can have written the message: each pattern takes time in proportion to its length.
    """
    message = _CPP.sub("", message)
    return _PLACE.sub(lambda place: "" if "src/" in place[0] else place[0], message).strip()


def value_text(value: Any, letters: int = CALL_LETTERS, depth: int = 0) -> str:
    """Return a value as a test's report shows it, shortened where it is long."""
    if isinstance(value, np.ndarray):
        value = value.asnumpy()
    if isinstance(value, numpy.ndarray):
        if value.ndim > 5 and value.size > 1000:  # of each axis six places would be shown
            return f"array of shape {value.shape}, {value.dtype}"
        text = numpy.array2string(value, separator=", ", threshold=200)
        return f"array of shape {value.shape}, {value.dtype}:\n{text}\n"
    if type(value) in (list, tuple):
        parts: list[str] = []
        for item in value if depth < DEEPEST else []:
            if letters <= 0:
                break
            parts.append(value_text(item, letters, depth + 1))
            letters -= len(parts[-1]) + 2
        inside = ", ".join(parts + ["..."] * (len(parts) < len(value)))
        return f"[{inside}]" if isinstance(value, list) else f"({inside})"
    if callable(value):
        return f"<the test's function {getattr(value, '__name__', '')}>"
    return short(repr(value), CALL_LETTERS)


def call(name: str, args: tuple, kwargs: dict, *result: Any) -> str:
    """Return a call of a student's function, and what it gave back if there is a `result`."""
    given = [*map(value_text, args), *(f"{key}={value_text(kwargs[key])}" for key in kwargs)]
    text = short(f"{name}({', '.join(given)})", CALL_LETTERS)
    returned = (short(value_text(value), CALL_LETTERS) for value in result)
    return text + "".join(f"\nreturned {value}" for value in returned)


def told_apart(why: str, result: Any) -> str:
    """Add its type to what a student returned if it looks like what was needed."""
    if _SAME_TEXT.search(why) and not isinstance(result, (np.ndarray, numpy.ndarray)):
        return f"{why} ({value_text(result)}, of type {type(result).__name__})"
    return why


def answers_of(teachers: list[dict]) -> dict[str, str]:
    """Return for each test the answer that it is about: the one above it."""
    found, answer = {}, ""
    for cell in teachers:
        if cell["type"] == "code" and cell["nbgrader"].get("solution"):
            answer = cell["id"]
        elif cell["type"] == "code" and cell["nbgrader"].get("grade"):
            found[cell["id"]] = answer
    return found


def code_of(submitted: list[dict], teachers: list[dict]) -> dict[str, str]:
    """Return the student's code for each answer."""
    answers = {c["id"] for c in teachers if c["type"] == "code" and c["nbgrader"].get("solution")}
    return {
        cell["id"]: short(cell["source"], CODE_LETTERS)
        for cell in submitted
        if cell["type"] == "code" and cell["id"] in answers
    }


def own_code_of(submitted: list[dict], teachers: list[dict], given: list[dict]) -> str:
    """Return the code of the cells that the student has added."""
    ours = {cell["id"] for cell in teachers if cell["id"]}
    as_given = {cell["source"] for cell in given}
    own = [
        cell["source"]
        for cell in submitted
        if cell["type"] == "code" and cell["id"] not in ours and cell["source"] not in as_given
    ]
    return short("\n\n".join(own), CODE_LETTERS)


@functools.cache
def texts(section: str) -> dict[str, dict[str, str]]:
    """Return each answer's heading; for one in words its question and model answer too."""
    found: dict[str, dict[str, str]] = {}
    heading, above = section, ""
    for cell in cells(notebook("source", section)):
        if cell["type"] == "markdown" and cell["source"].startswith("#"):
            heading = cell["source"].partition("\n")[0].lstrip("# ")
        if cell["nbgrader"].get("solution"):
            found[cell["id"]] = {"heading": heading}
            if cell["type"] == "markdown":
                found[cell["id"]].update(question=above, model=cell["source"])
        above = cell["source"]
    return found


def for_teacher(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result with headings, questions and model answers."""
    result = copy.deepcopy(result)
    for section, graded in result["notebooks"].items():
        known = texts(section)
        used = uses_forbidden(section, graded["code"], graded["own"])
        groups: dict[str, list[dict]] = {}
        for test in graded["tests"]:
            groups.setdefault(test["answer"], []).append(test)
        graded["exercises"] = [
            {
                "heading": known.get(answer, {}).get("heading", section),
                "code": graded["code"].get(answer, ""),
                "forbidden": used.get(answer, []),
                "tests": tests,
            }
            for answer, tests in groups.items()
        ]
        for answer in graded["written"]:
            answer.update(known.get(answer["id"], {}))
    return result


def for_student(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result without what would tell the hidden tests and the model answers."""
    result = for_teacher(result)
    for graded in result["notebooks"].values():
        for test in graded["tests"]:
            if test["hidden"]:
                test.update(why=test["kind"], call="")
        graded.update(seed=None)
        for answer in graded["written"]:
            answer.pop("model", None)
    return result


@functools.cache
def _template() -> jinja2.Template:
    text = Path(__file__).with_name("page.html").read_text("utf-8")
    return jinja2.Template(text, autoescape=True, trim_blocks=True)


def write(
    name: str, result: dict[str, Any], out: Path, by_hand: dict[str, list[dict]] | None = None
) -> None:
    """Write both pages of a student.

    Parameters
    ----------
    name : str
        The student's, as the file system has it.
    result : dict
        What was stored about the student.
    out : Path
        Where the teacher's page goes; the student's goes into a folder there.
    by_hand : dict, optional
        For each section what the teacher has added, each with `item`, `points` and `comment`.
    """
    handed_back = out / HANDED_BACK
    handed_back.mkdir(exist_ok=True)
    for folder, shown_result, teacher in [
        (out, for_teacher(result), True),
        (handed_back, for_student(result), False),
    ]:
        page = _template().render(
            shown_result, marks=marks, points=points, teacher=teacher, by_hand=by_hand or {}
        )
        write_whole(folder / f"{file_name(name)}.html", page)
