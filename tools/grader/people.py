"""Identify students: in uploads from Canvas and Moodle, the class list, and marks by hand."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.grader.spreadsheets import Table, fold, read_table, title_key

# A folder such as Student One_123456_assignsubmission_file_, or a file whose name begins like that
MOODLE = r"(?s:(?P<who>.+))_(?P<id>\d+)_assignsubmission_\w+?(?s:_.*)?"
# studentone_LATE_123_456_6.2-1.ipynb, with the numbers of the user and the file; if names are
# hidden, anon_x1y2z_456_6.2.ipynb
CANVAS = [
    r"(?P<late>LATE_)?(?P<who>anon)_(?P<id>[^\W_]+)_\d+_.+",
    r"(?P<who>.+?)(?P<late>_LATE)?_(?P<id>\d+)_\d+_.+",
]
MARK = r"\d+(?:[.,]\d+)?"
LONGEST_ACCOUNT = 32
KEYS = ("student", "id", "email", "name", "number")
BY_HAND = ["student", "assignment", "item", "points", "comment"]


@dataclass
class Upload:
    """A student's files, with the student's number in the LMS."""

    files: list[Path]
    number: str = ""
    late: bool = False


def uploads(found: dict[str, list[Path]], lms: str | None = None) -> dict[str, Upload]:
    """Group files by student. Canvas' names, which look ordinary, count if `lms` is "canvas"."""
    students: dict[str, Upload] = {}
    for name, files in found.items():
        forms = [MOODLE, *(CANVAS if lms == "canvas" else [])]
        match = next(filter(None, (re.fullmatch(form, name) for form in forms)), None)
        known = match.groupdict() if match else {}
        student = "{who}_{id}".format(**known) if known else name
        upload = students.setdefault(student, Upload([], known.get("id", "")))
        upload.files += files
        upload.late |= bool(known.get("late"))
    return dict(sorted(students.items()))


class ClassList:
    """A table of who is in the class: your own, Canvas' gradebook or Moodle's grading worksheet.

    `columns` maps our keys to the table's titles. Raises ValueError for any other table.
    """

    def __init__(self, path: Path) -> None:
        self.file, self.table = path.name, read_table(path)
        forms = {"canvas": _canvas, "own": _own, "moodle": _moodle}
        found = ((kind, form(self.table)) for kind, form in forms.items())
        self.kind, self.columns = next((form for form in found if form[1]), ("", {}))
        if not self.columns:
            raise ValueError(
                f"{path.name} must have a column 'student', or be Canvas' gradebook or Moodle's "
                f"grading worksheet, got the columns {', '.join(self.table.header)}: name the "
                "column with the names of the students' folders 'student'"
            )
        self.people: list[dict[str, Any]] = []  # with the keys KEYS, login, account and line
        self._known: dict[str, dict[str, Any]] = {}
        for line, row in self.table.rows.items():
            person: dict[str, Any] = {key: row.get(self.columns.get(key, ""), "") for key in KEYS}
            person["number"] = re.sub(r"^\D+(?=\d+$)", "", person["number"])  # Participant 1
            names = [person[key] for key in ("student", "email", "id", "number") if person[key]]
            if self.kind == "own" and not person["student"]:
                raise ValueError(f"{path.name}, line {line}: student must not be empty")
            if person["student"] or person["number"]:
                person.update(login=names[0], account=account(names[0]), line=line)
                self.people.append(person)
        for key in ("student", "account", "id", "email"):  # the first counts
            for person in self.people:
                other = self._known.setdefault(fold(person[key]), person)
                if key == "student" and person[key] and other is not person:
                    raise ValueError(
                        f"{path.name}, line {person['line']}: student must differ in each line, "
                        f"got {person[key]!r} as in line {other['line']}"
                    )
        self._numbers = {person["number"]: person for person in self.people if person["number"]}
        self._known.pop("", None)  # the names of empty cells

    def person(self, student: str, number: str) -> dict[str, Any] | None:
        """Return the person with this name, or with this number in the LMS."""
        found = self._known.get(fold(student)) or self._numbers.get(number)
        return found or self._known.get(fold(number))


def _own(table: Table) -> dict[str, Any]:
    titles = {title_key(title): title for title in reversed(table.header)}
    return {key: titles.get(key, "") for key in KEYS[:4]} if "student" in titles else {}


def _canvas(table: Table) -> dict[str, Any]:
    """Find the columns of a gradebook by position and contents, in any language.

    The first columns are the name, Canvas' number, perhaps the SIS' number and login, and the
    section. Then come the assignments; a row without a number has their maxima, or remarks.
    """
    name, number, *others = [*table.header, ""]
    rows = {line: row for line, row in table.rows.items() if row[name]}
    points = next((line for line, row in rows.items() if not row.get(number)), 0)
    maxima = rows.get(points, {})
    graded = [title for title in others if re.fullmatch(rf"\(.*\)|{MARK}", maxima.get(title, ""))]
    graded = graded or [title for title in others if re.search(r" \(\d+\)$", title)]
    numbers = [row[number] for row in rows.values() if row.get(number)]
    shaped = points and graded and numbers and all(map(str.isdecimal, numbers))
    if not shaped and not {"Student", "ID", "Section"} <= {*table.header}:
        return {}
    sis = table.header[2 : table.header.index(graded[0]) - 1 if graded else -1][:2]
    columns = {"name": name, "number": number, "id": sis[0] if len(sis) == 2 else ""}
    return {**columns, "email": sis[-1] if sis else "", "maxima": maxima, "points": points}


def _moodle(table: Table) -> dict[str, Any]:
    """Find the columns of a grading worksheet by their contents, in any language.

    The first column has the same word in each row, with a number: Participant 1. The column of the
    maximum has the same number in each row; left of it are the grades. Last are comments or dates.
    """
    cells = {title: [row[title] for row in table.rows.values()] for title in table.header}
    number, *others = table.header
    words = {re.sub(r"\d+$", "", text) for text in cells[number]}
    if len(words) != 1 or not all(re.fullmatch(r"\D+\d+", text) for text in cells[number]):
        return {}

    def has(title: str, pattern: str) -> bool:
        return all(re.fullmatch(pattern, text) for text in cells[title])

    constant = {title for title in others if len({*cells[title]}) == 1 and has(title, MARK)}
    pairs = [pair for pair in zip(others, others[1:]) if pair[1] in constant]
    grade, most = [("Grade", ""), *(p for p in pairs if has(p[0], rf"-?|{MARK}"))][-1]
    if grade not in others:
        return {}
    about = others[: others.index(grade)]
    email = next((title for title in about if any("@" in text for text in cells[title])), "")
    names = about[: about.index(email) if email else -1]  # without an address: all but the status
    dates = has(others[-1], r"-|.*\d{4}.*")
    comment = "" if dates or others[-1] in (grade, most) else others[-1]
    columns = {"number": number, "email": email, **dict(zip(("name", "id"), names))}
    maxima = {grade: cells[most][0] if most else ""}
    return {**columns, "grade": grade, "comment": comment, "maxima": maxima}


def account(student: str) -> str:
    """Return the name of a student's account on the hub: the same one each time.

    It has small letters, digits, dots, underscores and hyphens, begins with a letter, and has at
    most 32 of them: S01 is s01, 1234567 is s1234567, and ann@example.org is ann-example.org.
    """
    plain = unicodedata.normalize("NFKD", student.strip().casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    name = re.sub(r"[^a-z0-9._]+", "-", plain).strip("-._")
    name = name if re.match("[a-z]", name) else f"s{name}"
    if len(name) > LONGEST_ACCOUNT or not re.search("[a-z0-9]", plain):
        digest = hashlib.sha256(fold(student).encode()).hexdigest()[:8]
        name = f"{name[: LONGEST_ACCOUNT - 9]}-{digest}"
    return name


def read_by_hand(path: Path, students: dict[str, str], sections: list[str]) -> dict:
    """Return each student's marks by hand: a list of lines for each assignment.

    `path` is a table with the columns `BY_HAND`, or a folder of such tables. `points` are added up,
    and may be a share such as -10%. `students` maps the (folded) names in the table to students.
    """
    found: dict[str, dict[str, list[dict[str, str]]]] = {}
    files = sorted([*path.glob("*.csv"), *path.glob("*.xlsx")]) if path.is_dir() else [path]
    for file in files:
        table = read_table(file)
        columns = {title_key(title): title for title in reversed(table.header)}
        if not set(BY_HAND) <= set(columns):
            wanted, got = ", ".join(BY_HAND), ", ".join(table.header)
            raise ValueError(f"{file.name} must have the columns {wanted}, got {got}")
        for line, cells in table.rows.items():
            row = {key: cells[columns[key]] for key in BY_HAND}
            student = students.get(fold(row["student"]), "")
            section = row["assignment"].replace(",", ".")  # as a European Excel shows 6.2
            points = re.sub(r"\s", "", row["points"]).translate({ord(","): ".", 0x2212: "-"})
            numeric = re.fullmatch(r"(?:[+-]?\d+(?:\.\d+)?%?)?", points)
            for key, right, expected in (
                ("student", student, "the name of a folder, or in the class list"),
                ("assignment", section in sections, f"one of {', '.join(sections)}"),
                ("points", numeric, "a number such as 1.5, or a share such as -10%"),
            ):
                if not right:
                    where = f"{file.name}, line {line}: {key}"
                    raise ValueError(f"{where} must be {expected}, got {row[key]!r}")
            found.setdefault(student, {}).setdefault(section, []).append({**row, "points": points})
    return found


def with_by_hand(mark: float | None, lines: list[dict[str, str]]) -> float | None:
    """Return the marks with the points by hand and then the percentages; at least 0."""
    given = [line["points"] for line in lines if line["points"]]
    total = (mark or 0) + sum(float(points) for points in given if not points.endswith("%"))
    share = sum(float(points[:-1]) for points in given if points.endswith("%"))
    return max(round(total * (1 + share / 100), 2), 0) if given else mark
