"""Write the tables about a class: marks.csv, final.csv, and those for a learning platform."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.grader.assignments import SECTIONS
from tools.grader.files import csv_text, display_name, no_formula, write_whole
from tools.grader.people import BY_HAND, ClassList, Upload, read_by_hand, with_by_hand
from tools.grader.results import Graded, Result
from tools.grader.spreadsheets import fold

FOLDER = "class"  # the folder of all tables except marks.csv
NOTHING, UNREADABLE, NOT_GRADED = "nothing handed in", "unreadable", "not graded"
ABOUT = ["name", "id", "email"]
NAMES = ["student", "account", *ABOUT]  # the columns that can name a student in marks by hand


@dataclass
class Entry:
    """A student who handed in or is in the class.

    `result` is None until the student is graded, and `upload` if nothing was handed in. `person` is
    the line of the class list. `by_hand` has a list of lines for each section: see `read_by_hand`.
    """

    key: str
    result: Result | None = None
    upload: Upload | None = None
    person: dict[str, Any] = field(default_factory=dict)
    by_hand: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.student = display_name(self.key)
        self.notebooks: dict[str, Graded] = self.result.notebooks if self.result else {}
        self.unreadable = [s for s, graded in self.notebooks.items() if not graded.readable]
        self.blank = NOT_GRADED if self.upload and not self.result else NOTHING
        self.notes: list[str] = []
        if self.result and (self.unreadable or self.result.unreadable):
            self.blank, self.notes = UNREADABLE, [*self.result.notes]

    def marks(self, final: bool = True) -> dict[str, float]:
        """Return the marks for each section that has some, with those by hand if `final`."""
        tests = {s: g.marks for s, g in self.notebooks.items() if g.readable}
        lines = self.by_hand if final else {}
        marks = {s: with_by_hand(tests.get(s), lines.get(s, [])) for s in SECTIONS}
        return {s: mark for s, mark in marks.items() if mark is not None}

    def comment(self, section: str) -> str:
        """Return the comments by hand."""
        return " ".join(filter(None, (line["comment"] for line in self.by_hand.get(section, []))))

    def questions(self) -> dict[str, tuple[int, int]]:
        """Return the marks for each question in all sections, and their maximum."""
        found: dict[str, tuple[int, int]] = {}
        for s, graded in self.notebooks.items():
            for test in graded.tests if graded.readable else []:
                got, most = found.get(f"{s} {test.answer}", (0, 0))
                found[f"{s} {test.answer}"] = got + test.marks, most + test.points
        return found


def entries(
    results: dict[str, Result | None], uploads: dict[str, Upload], class_list: ClassList | None
) -> list[Entry]:
    """Return an entry for each student who handed in or is in the class."""
    found = []
    owners: dict[int, str] = {}  # the lines of the class list
    for key, result in results.items():
        entry = Entry(key, result, uploads[key])
        person = class_list and class_list.person(entry.student, uploads[key].number)
        owner = owners.setdefault(person["line"], key) if person else key
        if owner != key:
            entry.notes.append(f"is the same person as {display_name(owner)}")
        elif person:
            entry.person = person
        elif class_list:
            entry.notes.append(f"is not in {class_list.file}")
        found.append(entry)
    absent = [p for p in class_list.people if p["line"] not in owners] if class_list else []
    return found + [Entry(p["student"] or p["name"] or p["number"], person=p) for p in absent]


def marks_by_hand(found: list[Entry], path: Path) -> dict[str, dict[str, list[dict[str, str]]]]:
    """Read marks by hand from a table or a folder of tables; return lines by key and section."""
    known: dict[str, str] = {}
    for entry in found:
        for name in {fold(entry.person.get(column, "")) for column in NAMES} - {""}:
            # A name that two people share identifies neither
            known[name] = entry.key if known.setdefault(name, entry.key) == entry.key else ""
    for entry in filter(lambda entry: entry.upload, found):
        known.update({fold(name): entry.key for name in (no_formula(entry.student), entry.student)})
    return read_by_hand(path, known, SECTIONS)


def shown(mark: float | None) -> str | float:
    """Return a mark as a table shows it, or ""."""
    return "" if mark is None else int(mark) if mark == int(mark) else round(mark, 2)


def maxima(found: list[Entry]) -> dict[str, int]:
    """Return the maximum of each section in which anyone has marks."""
    points = {s: [e.notebooks[s].points for e in found if s in e.notebooks] for s in SECTIONS}
    some = {s for entry in found for s in entry.marks()}
    return {s: max(points[s], default=0) for s in SECTIONS if s in some}


def table(found: list[Entry], final: bool) -> str:
    """Return the table of the tests' marks, or the final one with names and marks by hand."""
    most = maxima(found)
    asked = {q: points for entry in found for q, (_, points) in entry.questions().items()}
    rows = []
    for entry in found if final else filter(lambda entry: entry.upload, found):
        marks, tests, got = entry.marks(final), entry.marks(final=False), entry.questions()
        row: dict[str, Any] = {"student": entry.student}
        if final:
            row.update({column: entry.person.get(column, "") for column in ABOUT})
            row["late"] = "late" if entry.upload and entry.upload.late else ""
        for s in SECTIONS:
            title = f"{s} ({most[s]})" if most.get(s) else s
            row[title] = UNREADABLE if s in entry.unreadable else ""
            row.update({title: shown(marks[s])} if s in marks else {})
        row[f"total ({sum(most.values())})"] = shown(sum(marks.values())) if marks else entry.blank
        if final:
            row.update({f"{q} ({asked[q]})": shown(got[q][0]) if q in got else "" for q in asked})
            added = {s: marks.get(s, 0) - tests.get(s, 0) for s in most}
            row.update({f"{s} by hand": shown(added[s] or None) for s in most})
            row["comment"] = " ".join(f"{s}: {c}" for s in SECTIONS if (c := entry.comment(s)))
            row["note"] = "; ".join(entry.notes)
        rows.append(row)
    return csv_text([[*rows[0]], *([*row.values()] for row in rows)] if rows else [])


def written(found: list[Entry]) -> str:
    """Return an empty table for marks by hand, with a line for each answer in words."""
    rows = [
        [entry.student, section, answer, "", ""]
        for entry in found
        for section, graded in entry.notebooks.items()
        for answer in graded.written
        if answer
    ]
    return csv_text([BY_HAND, *rows])


def platform(found: list[Entry], theirs: ClassList, said: list[str]) -> dict[str, str]:
    """Return the platform's tables with our marks: one for Canvas, one per section for Moodle.

    Scale the marks to the platform's maximum, and append a line that says so to `said`.
    """
    texts, header, columns = {}, [*theirs.table.header], theirs.columns
    rows: dict[int, dict[str, Any]] = {n: {**row} for n, row in theirs.table.rows.items()}
    for s, ours in maxima(found).items():
        name = "canvas" if theirs.kind == "canvas" else f"moodle-{s}"
        if theirs.kind == "moodle":
            rows = {n: {**row} for n, row in theirs.table.rows.items()}
        titled = re.compile(rf"(?<![\w.]){re.escape(s)}(?![\w.])")  # Canvas appends a number
        column = columns.get("grade") or next(filter(titled.search, header), s)
        if column not in header:  # Canvas offers to create it
            header.append(column)
            rows.get(columns["points"], {})[column] = str(ours)
        text = columns["maxima"].get(column, str(ours) if column == s else "").replace(",", ".")
        most = float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else 0
        if not most:
            said.append(
                f"{name}.csv: {s} is in our {ours} marks: the platform's maximum is unknown"
            )
        elif most != ours:
            said.append(f"{name}.csv: {s} is scaled from {ours} marks to the platform's {most:g}")
        for entry in found:
            row, marks = rows.get(entry.person.get("line", 0), {}), entry.marks()
            if s in marks:
                row[column] = shown(marks[s] * (most or ours) / ours if ours else marks[s])
            if columns.get("comment") and entry.comment(s):
                row[columns["comment"]] = entry.comment(s)
        lines = ([row.get(title, "") for title in header] for row in rows.values())
        texts[name] = csv_text([header, *lines], safe=False)
    return texts


def write(found: list[Entry], class_list: ClassList | None, out: Path) -> list[str]:
    """Write all tables, and return lines for the teacher about missing marks."""
    said: list[str] = []
    texts = {"final": table(found, final=True), "written": written(found)}
    if class_list and class_list.kind != "own":
        texts.update(platform(found, class_list, said))
    for name, text in texts.items():
        write_whole(out / FOLDER / f"{name}.csv", text)
    write_whole(out / "marks.csv", table(found, final=False))
    nothing = []
    for entry in found:
        marks = entry.marks()
        missing = [s for s in entry.unreadable if s not in marks]
        if missing or (not marks and entry.blank == UNREADABLE):
            why = "; ".join([*entry.notes, "ask for it again"])
            said.append(f"{entry.student}: {UNREADABLE} ({', '.join(missing) or 'all'}): {why}")
        elif entry.notes:
            said.append(f"{entry.student} {'; '.join(entry.notes)}")
        nothing += [entry.student] * (not marks and entry.blank == NOTHING)
    return [*said, f"{NOTHING}: {'; '.join(nothing)}"] if nothing else said
