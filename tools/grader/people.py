"""Identify students: in uploads from Canvas and Moodle, the class list, and marks by hand."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path
from typing import Any, NamedTuple

from tools.grader.spreadsheets import Table, fold, read_table

# Canvas: studentone_LATE_123_456_6.2-1.ipynb, with the numbers of the user and the file; if names
# are hidden, anon_x1y2z_456_6.2.ipynb
_CANVAS = re.compile(r"(?P<who>.+?)(?P<late>_LATE)?_(?P<id>\d+)_\d+_.+")
_CANVAS_HIDDEN = re.compile(r"(?P<late>LATE_)?(?P<who>anon)_(?P<id>[^\W_]+)_\d+_.+")
# Moodle: a folder Student One_123456_assignsubmission_file_, or a file with its name after that
_MOODLE = re.compile(r"(?P<who>.+)_(?P<id>\d+)_assignsubmission_\w+?(?:_.*)?", re.DOTALL)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_LONGEST_ACCOUNT = 32
KEYS = ("student", "name", "id", "email", "number")


class Upload(NamedTuple):
    """The student that the name of a folder or file belongs to."""

    student: str
    number: str  # the user's number in the LMS
    late: bool


def upload(name: str, lms: str | None = None) -> Upload:
    """Parse the name of a folder, or of a file without its suffix.

    Moodle's names are unmistakable. A name from Canvas could also be an ordinary name, and two
    students would be mixed up, so Canvas needs `lms` "canvas".
    """
    found = _MOODLE.fullmatch(name)
    if not found and lms == "canvas":
        found = _CANVAS_HIDDEN.fullmatch(name) or _CANVAS.fullmatch(name)
    if not found:
        return Upload(name, "", False)
    known = found.groupdict()
    return Upload(f"{known['who']}_{known['id']}", known["id"], bool(known.get("late")))


def by_student(found: dict[str, list[Path]], lms: str | None = None) -> dict[str, list[Path]]:
    """Group the entries of one student."""
    students: dict[str, list[Path]] = {}
    for name, files in found.items():
        students.setdefault(upload(name, lms).student, []).extend(files)
    return dict(sorted(students.items()))


class ClassList:
    """A table of who is in the class: your own, Canvas' gradebook or Moodle's grading worksheet.

    Your own has a column `student` (the folder's or file's name) and, as you like, `name`, `id` and
    `email`. The other two are taken as the LMS exports them, in any language. `kind` is "own",
    "canvas" or "moodle"; `columns` has the titles of the columns that we read or write; `people`
    has a dict for each student; `possible` is the row of Canvas' that has the marks that there are.
    Raises ValueError if it has none of these forms, or a student twice, or one without a name.
    """

    def __init__(self, path: Path) -> None:
        table = read_table(path)
        self.file, self.header, self.rows = path.name, table.header, table.rows
        forms = {"canvas": _canvas(table), "own": _own(table), "moodle": _moodle(table)}
        self.kind, found = next((form for form in forms.items() if form[1]), ("", None))
        if not found:
            raise ValueError(
                f"{path.name} must have a column 'student', or be Canvas' gradebook or Moodle's "
                f"grading worksheet, got the columns {', '.join(self.header)}: name the column "
                "with the names of the students' folders 'student'"
            )
        self.possible: dict[str, str] = found.pop("possible", {})
        self.columns: dict[str, str] = found
        self.people: list[dict[str, Any]] = []
        self._known: dict[str, dict[str, Any]] = {}
        for line, row in zip(table.lines, table.rows):
            person: dict[str, Any] = {key: row.get(found.get(key, ""), "").strip() for key in KEYS}
            if self.kind == "moodle":
                person["number"] = re.sub(r"^\D+", "", person["number"])
            where, number = f"{path.name}, line {line}: ", person["number"]
            if self.kind == "own" and not person["student"]:
                raise ValueError(f"{where}student must not be empty")
            if number and not number.isdecimal():
                raise ValueError(f"{where}{found['number']} must be a number, got {number!r}")
            if not person["student"] and not number:
                continue
            login = person["student"] or person["email"] or person["id"] or number
            person.update(login=login, account=account(login), row=row, line=line)
            self.people.append(person)
        self._numbers = {person["number"]: person for person in self.people if person["number"]}
        for key in ("student", "account", "id", "email"):  # the first counts
            for person in self.people:
                other = self._known.setdefault(fold(person[key]), person)
                if key == "student" and other is not person and person[key]:
                    raise ValueError(
                        f"{path.name}, line {person['line']}: student must differ in each line, "
                        f"got {person[key]!r} as in line {other['line']}"
                    )
        self._known.pop("", None)  # the names of empty columns

    def person(self, student: str, number: str) -> dict[str, Any] | None:
        """Return the person with this name, or with this number in the LMS."""
        found = self._known.get(fold(student)) or self._numbers.get(number)
        return found or self._known.get(fold(number))


def _own(table: Table) -> dict[str, Any] | None:
    titles = {re.sub(r"\W", "", fold(title)): title for title in reversed(table.header)}
    return {key: titles.get(key, "") for key in KEYS[:4]} if "student" in titles else None


def _canvas(table: Table) -> dict[str, Any] | None:
    """Find the columns of a gradebook by their contents, in any language.

    First come the name, Canvas' number, as one's rights allow the SIS' number and the login, and
    the section. Then come the assignments. The first row with a name has no number: it has the
    points that each assignment is worth, or a remark in brackets.
    """
    if len(table.header) < 3:
        return None
    name, number, *others = table.header
    first: dict[str, str] = next((row for row in table.rows if row[name].strip()), {})
    worth = {title: first.get(title, "").strip() for title in others}
    graded = [title for title in others if worth[title]]
    numbers = [row[number].strip() for row in table.rows]
    is_points = not first.get(number, "").strip() and all(
        re.fullmatch(rf"\(.*\)|{_NUMBER.pattern}", worth[title]) for title in graded
    )
    counted = any(numbers) and all(text.isdecimal() for text in filter(None, numbers))
    known = {"Student", "ID", "Section"} <= {*table.header}
    if not known and not (is_points and graded and counted):
        return None
    if not is_points:
        first, graded = {}, [title for title in others if re.search(r"\(\d+\)$", title)]
    end = table.header.index(graded[0]) if graded else len(table.header)
    sis = table.header[2 : end - 1][:2]
    columns = {"name": name, "number": number, "id": sis[0] if len(sis) == 2 else ""}
    return {**columns, "email": sis[-1] if sis else "", "possible": first}


def _moodle(table: Table) -> dict[str, Any] | None:
    """Find the columns of a grading worksheet by their contents.

    First comes a word for a participant, the same for each, with a number. The maximum is the same
    number for each, too; the column before it takes the grades, the last one the comments.
    """

    def cells(title: str) -> list[str]:
        return [row[title].strip() for row in table.rows]

    first, *others = table.header
    participant = [re.fullmatch(r"(\D+)\d+", text) for text in cells(first)]
    if not all(participant) or len({found[1] for found in participant if found}) != 1:
        return None
    for grade, most in zip(others, others[1:]):
        grades = (re.fullmatch(rf"-?|{_NUMBER.pattern}", text) for text in cells(grade))
        if len({*cells(most)}) == 1 and _NUMBER.fullmatch(cells(most)[0]) and all(grades):
            break
    else:
        if "Grade" not in others:
            return None
        grade, most = "Grade", ""
    about = others[: others.index(grade)]
    email = next((title for title in about if any("@" in text for text in cells(title))), "")
    named = about[1:] and 2 * len({*cells(about[0])}) > len(table.rows) and about[0] != email
    number = about[1] if email in about[2:] else ""
    comment = others[-1] if others[-1] not in (grade, most) and "" in cells(others[-1]) else ""
    known = next((title for title in others if fold(title) == "feedback comments"), comment)
    columns = {"number": first, "name": about[0] if named else "", "id": number, "email": email}
    return {**columns, "grade": grade, "most": most, "comment": known}


def account(student: str) -> str:
    """Return the name of a student's account on the hub: the same one each time.

    It has small letters, digits, dots, underscores and hyphens, begins with a letter, and has at
    most 32 of them: S01 is s01, 1234567 is s1234567, and ann@example.org is ann-example.org.
    """
    plain = unicodedata.normalize("NFKD", student.strip().casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    name = re.sub(r"[^a-z0-9._]+", "-", plain).strip("-._")
    name = name if re.match("[a-z]", name) else f"s{name}"
    if len(name) > _LONGEST_ACCOUNT or not re.search("[a-z0-9]", plain):
        digest = hashlib.sha256(fold(student).encode()).hexdigest()[:8]
        name = f"{name[: _LONGEST_ACCOUNT - 9]}-{digest}"
    return name


BY_HAND = ["student", "assignment", "item", "points", "comment"]


def read_by_hand(path: Path, students: dict[str, str], sections: list[str]) -> dict:
    """Return each student's marks by hand: a dict of lines for each assignment.

    `path` is a table with the columns `BY_HAND`, or a folder of them. `points` are added, may be
    negative and may be a share of the assignment's marks, such as -10%; an empty one adds nothing.
    `students` maps each name, ID and e-mail that may be used there to the student.
    """
    known = {fold(name): student for name, student in reversed([*students.items()])}
    lines: dict[str, dict[str, list[dict[str, str]]]] = {}
    files = sorted([*path.glob("*.csv"), *path.glob("*.xlsx")]) if path.is_dir() else [path]
    for file in files:
        table = read_table(file)
        columns = {fold(title): title for title in reversed(table.header)}
        if not set(BY_HAND) <= set(columns):
            wanted, got = ", ".join(BY_HAND), ", ".join(table.header)
            raise ValueError(f"{file.name} must have the columns {wanted}, got {got}")
        for line, cells in zip(table.lines, table.rows):
            row = {key: cells[columns[key]].strip() for key in BY_HAND}
            student, section = known.get(fold(row["student"])), row["assignment"]
            points = re.sub(r"\s", "", row["points"]).translate({ord(","): ".", 0x2212: "-"})
            is_number = re.fullmatch(r"(?:[+-]?\d+(?:\.\d+)?%?)?", points)
            for key, right, expected in (
                ("student", student, "the name of a folder, or in the class list"),
                ("assignment", section in sections, f"one of {', '.join(sections)}"),
                ("points", is_number, "a number such as 1.5, or a share such as -10%"),
            ):
                if not right:
                    where = f"{file.name}, line {line}: {key}"
                    raise ValueError(f"{where} must be {expected}, got {row[key]!r}")
            row["points"] = points
            lines.setdefault(str(student), {}).setdefault(section, []).append(row)
    return lines


def with_by_hand(mark: float | None, lines: list[dict[str, str]]) -> float | None:
    """Return the marks with the points by hand and then the percentages; at least 0."""
    given = [line["points"] for line in lines if line["points"]]
    if not given:
        return mark
    total = (mark or 0) + sum(float(points) for points in given if not points.endswith("%"))
    share = sum(float(points[:-1]) for points in given if points.endswith("%"))
    return max(round(total * (1 + share / 100), 2), 0)
