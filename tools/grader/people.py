"""Who is who: uploads as Canvas and Moodle name them, the class list, and marks given by hand."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any, NamedTuple

# Canvas: studentone_LATE_123_456_6.2-1.ipynb, with the number of the user and that of the file;
# where names are hidden, anon_x1y2z_456_6.2.ipynb
_CANVAS = re.compile(r"(?P<who>.+?)(?P<late>_LATE)?_(?P<id>\d+)_\d+_.+")
_CANVAS_HIDDEN = re.compile(r"(?P<late>LATE_)?(?P<who>anon)_(?P<id>[^\W_]+)_\d+_.+")
# Moodle: a folder Student One_123456_assignsubmission_file_, or a file with its name behind that
_MOODLE = re.compile(r"(?P<who>.+)_(?P<id>\d+)_assignsubmission_\w+?(?:_.*)?", re.DOTALL)


class Upload(NamedTuple):
    """What the name of a folder or file tells about who it is from."""

    student: str
    number: str  # the user's, in the LMS
    late: bool


def upload(name: str, lms: str | None = None) -> Upload:
    """Read the name of a folder, or of a file without its ending.

    A name of Moodle's is known by its form. One of Canvas' could be a name of another kind, so that
    two students would be taken for one: `lms` has to be "canvas".
    """
    found = _MOODLE.fullmatch(name)
    if not found and lms == "canvas":
        found = _CANVAS_HIDDEN.fullmatch(name) or _CANVAS.fullmatch(name)
    if not found:
        return Upload(name, "", False)
    known = found.groupdict()
    return Upload(f"{known['who']}_{known['id']}", known["id"], bool(known.get("late")))


def by_student(found: dict[str, list[Path]], lms: str | None = None) -> dict[str, list[Path]]:
    """Put together what belongs to one student."""
    students: dict[str, list[Path]] = {}
    for name, files in found.items():
        students.setdefault(upload(name, lms).student, []).extend(files)
    return dict(sorted(students.items()))


class ClassList:
    """A table of who is in the class: your own, Canvas' gradebook or Moodle's grading worksheet.

    Your own has a line of names first: `student` (the folder's or file's name), and as you like
    `name`, `id`, `email`. The other two are taken as the LMS exports them. `kind` is "own",
    "canvas" or "moodle"; `rows` has a dict for each line, `people` one for each of them that is
    about a student, with `student`, `name`, `id`, `email`, `number` and its `row`.

    Raises
    ------
    ValueError
        If it has none of these forms.
    """

    def __init__(self, path: Path) -> None:
        self.header, self.rows = read_table(path)
        titles = set(self.header)
        if {"Student", "ID", "Section"} <= titles:
            self.kind = "canvas"
            columns = ("Student", "SIS User ID", "SIS Login ID", "ID")
        elif {"Identifier", "Grade"} <= titles:
            self.kind = "moodle"
            columns = ("Full name", "ID number", "Email address", "Identifier")
        elif "student" in titles:
            self.kind, columns = "own", ("name", "id", "email", "")
        else:
            raise ValueError(
                f"{path.name} must have a column 'student', or be Canvas' gradebook or Moodle's "
                f"grading worksheet, got the columns {', '.join(self.header)}"
            )
        self.people: list[dict[str, Any]] = []
        for row in self.rows:
            name, person_id, email, number = (row.get(column, "") for column in columns)
            number = re.sub(r"^\D+", "", number) if self.kind == "moodle" else number
            if row.get("student") or number.strip():
                about = {"student": row.get("student", ""), "name": name, "id": person_id}
                self.people.append({**about, "email": email, "number": number, "row": row})
        self._known: dict[str, dict[str, Any]] = {}
        for key in ("number", "id", "student"):  # the last one counts
            self._known.update({person[key]: person for person in self.people if person[key]})

    def person(self, student: str, number: str) -> dict[str, Any] | None:
        """Return who handed in under this name, or has this number in the LMS."""
        return self._known.get(student) or self._known.get(number)


def read_table(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Return the columns of a CSV file and its lines; commas or semicolons are between fields."""
    text = path.read_text("utf-8-sig")
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    header, *rows = list(csv.reader(text.splitlines(True), delimiter=delimiter)) or [[]]
    header = [title.strip() for title in header]
    return header, [dict(zip(header, row)) for row in rows if any(row)]


BY_HAND = ["student", "assignment", "item", "points", "comment"]


def read_by_hand(path: Path, students: dict[str, str], sections: list[str]) -> dict:
    """Read marks by hand, penalties and comments: a line for each.

    Parameters
    ----------
    path : Path
        A table with the columns `BY_HAND`. `points` are added, may be negative and may be a
        share of the assignment's marks, such as -10%; an empty one adds nothing.
    students : dict
        The student for each name, ID and e-mail that may stand there.
    sections : list of str
        The assignments.

    Returns
    -------
    dict
        For a student a dict, with a list of lines for each assignment.
    """
    header, rows = read_table(path)
    if not set(BY_HAND) <= set(header):
        raise ValueError(f"{path.name} must have the columns {', '.join(BY_HAND)}, got {header}")
    lines: dict[str, dict[str, list[dict[str, str]]]] = {}
    keys = ("student", "assignment", "points")
    for number, row in enumerate(rows, 2):
        who, section, points = (row.get(key, "").strip() for key in keys)
        if who not in students:
            raise ValueError(f"{path.name}, line {number}: student must be known, got {who!r}")
        if section not in sections:
            raise ValueError(
                f"{path.name}, line {number}: assignment must be one of {', '.join(sections)}, "
                f"got {section!r}"
            )
        if not re.fullmatch(r"(?:[+-]?\d+(?:\.\d+)?%?)?", points):
            raise ValueError(
                f"{path.name}, line {number}: points must be a number or a share, got {points!r}"
            )
        lines.setdefault(students[who], {}).setdefault(section, []).append(row)
    return lines


def with_by_hand(mark: float | None, lines: list[dict[str, str]]) -> float | None:
    """Return the marks with those given by hand, and then more or less a share of them; not < 0."""
    given = [line["points"].strip() for line in lines if line["points"].strip()]
    if not given:
        return mark
    total = (mark or 0) + sum(float(points) for points in given if not points.endswith("%"))
    share = sum(float(points[:-1]) for points in given if points.endswith("%"))
    return max(round(total * (1 + share / 100), 2), 0)
