"""Write the tables about a class: marks.csv, final.csv, and those for a learning platform."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

from tools.grader.assignments import SECTIONS
from tools.grader.files import csv_text, display_name, no_formula, write_whole
from tools.grader.people import BY_HAND, ClassList, Upload, read_by_hand, with_by_hand
from tools.grader.results import Graded, Result

FOLDER = "class"  # the folder of all tables except marks.csv
CANVAS = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
MOODLE = ["Identifier", "Full name", "Email address", "Grade", "Maximum Grade"]
MOODLE += ["Last modified (grade)", "Feedback comments"]
NOTHING, UNREADABLE, NOT_GRADED = "nothing handed in", "unreadable", "not graded"
ABOUT = ["name", "id", "email"]
NAMES = ["student", "account", *ABOUT]  # the columns that can name a student in marks by hand


def entries(
    results: dict[str, Result | None], uploads: dict[str, Upload], class_list: ClassList | None
) -> list[dict[str, Any]]:
    """Return a dict for each student who handed in or is in the class.

    `results` has None for a student without a stored result.
    """
    found = []
    owners: dict[int, str] = {}  # the lines of the class list
    for key, result in results.items():
        person = class_list and class_list.person(display_name(key), uploads[key].number)
        owner = owners.setdefault(person["line"], key) if person else key
        entry = _entry(key, result, uploads[key], person or {})
        if class_list and not person:
            entry["notes"].append(f"is not in {class_list.file}")
        if owner != key:
            entry["notes"].append(f"is the same person as {display_name(owner)}")
            entry.update(row=None, names=[])
        found.append(entry)
    for person in class_list.people if class_list else []:
        if person["line"] not in owners:
            key = str(person["student"] or person["name"] or person["number"])
            found.append(_entry(key, None, Upload(key, "", False), person, handed=False))
    return found


def _entry(
    key: str, result: Result | None, upload: Upload, person: dict, handed: bool = True
) -> dict[str, Any]:
    notebooks = result.notebooks if result else {}
    tests = {s: graded.marks for s, graded in notebooks.items() if graded.readable}
    said = {s: UNREADABLE for s in notebooks if s not in tests}
    unreadable = said or (result and result.unreadable)
    said["total"] = UNREADABLE if unreadable else NOTHING if result or not handed else NOT_GRADED
    return {
        **{column: person.get(column, "") for column in ABOUT},
        "key": key,
        "student": display_name(key),
        "names": [person[column] for column in NAMES if person.get(column)],
        "number": person.get("number") or upload.number,
        "row": person.get("row"),
        "late": "late" if upload.late else "",
        "handed": handed,
        "tests": {s: tests.get(s) for s in SECTIONS},
        "marks": {s: tests.get(s) for s in SECTIONS},
        "questions": {s: questions(notebooks[s]) for s in tests},
        "said": said,
        "notes": [*result.notes] if result and unreadable else [],
        "by_hand": {},
        "comments": {},
        "written": {s: [a.id for a in graded.written if a.id] for s, graded in notebooks.items()},
        "points": {s: graded.points for s, graded in notebooks.items()},
    }


def add_by_hand(found: list[dict[str, Any]], path: Path) -> None:
    """Add the marks by hand from a table or a folder of tables."""
    owners: dict[str, set[str]] = defaultdict(set)  # if two share a name, it identifies neither
    for entry in found:
        for name in entry["names"]:
            owners[name].add(entry["key"])
    known = {text: key for text, (key, *others) in owners.items() if not others}
    handed = [entry["key"] for entry in found if entry["handed"]]
    known.update({no_formula(display_name(key)): key for key in handed})  # as in our tables
    known.update({display_name(key): key for key in handed})
    by_hand = read_by_hand(path, known, SECTIONS)
    for entry in found:
        entry["by_hand"] = by_hand.get(entry["key"], {})
        for s, lines in entry["by_hand"].items():
            entry["marks"][s] = with_by_hand(entry["tests"][s], lines)
            entry["comments"][s] = " ".join(line["comment"] for line in lines if line["comment"])


def questions(graded: Graded) -> dict[str, tuple[int, int]]:
    """Return the marks for each question, and its maximum."""
    found: dict[str, tuple[int, int]] = {}
    for test in graded.tests:
        got, most = found.get(test.answer, (0, 0))
        found[test.answer] = got + test.marks, most + test.points
    return found


def number(mark: float | None) -> str | float:
    """Return a mark as a table shows it, or ""."""
    return "" if mark is None else int(mark) if mark == int(mark) else round(mark, 2)


def used(found: list[dict[str, Any]]) -> dict[str, int]:
    """Return the assignments in which anyone has marks, and their points."""
    some = {s: 0 for s in SECTIONS if any(entry["marks"][s] is not None for entry in found)}
    for entry in found:
        some.update({s: max(p, some[s]) for s, p in entry["points"].items() if s in some})
    return some


def table(found: list[dict[str, Any]], kind: str) -> str:
    """Return the table of all marks: of the "tests" only, or the final "marks".

    The latter has the names, each question, and the marks by hand.
    """
    most = used(found)
    asked: dict[tuple[str, str], str] = {}
    for entry in found:
        for s, of_section in entry["questions"].items():
            asked.update({(s, q): f"{s} {q} ({points})" for q, (_, points) in of_section.items()})
    titles = [f"{s} ({most[s]})" if most.get(s) else s for s in SECTIONS]
    header = ["student", *titles, f"total ({sum(most.values())})"]
    if kind == "marks":
        header[1:1] = [*ABOUT, "late"]
        header += [*asked.values(), *(f"{s} by hand" for s in most), "comment", "note"]
    rows = []
    for entry in found:
        marks, said = entry[kind], entry["said"]
        known = [mark for mark in marks.values() if mark is not None]
        row: list[str | float] = [no_formula(entry["student"])]
        row += [said.get(s, "") if marks[s] is None else number(marks[s]) for s in SECTIONS]
        row.append(number(sum(known)) if known else said["total"])
        if kind == "marks":
            row[1:1] = [*(no_formula(entry[key]) for key in ABOUT), entry["late"]]
            row += [number(entry["questions"].get(s, {}).get(q, (None,))[0]) for s, q in asked]
            added = {s: (marks[s] or 0) - (entry["tests"][s] or 0) for s in most}
            row += [number(added[s] or None) for s in most]
            row.append(no_formula(" ".join(f"{s}: {c}" for s, c in entry["comments"].items() if c)))
            row.append(no_formula("; ".join(entry["notes"])))
        if kind == "marks" or entry["handed"]:
            rows.append(row)
    return csv_text([header, *rows], csv.QUOTE_NONNUMERIC)  # names may contain any separator


def written(found: list[dict[str, Any]]) -> str:
    """Return an empty table for marks by hand, with a line for each answer in words."""
    rows = [
        [no_formula(entry["student"]), section, no_formula(answer), "", ""]
        for entry in found
        for section, answers in entry["written"].items()
        for answer in answers
    ]
    return csv_text([BY_HAND, *rows])


def _scaled(mark: float, ours: int, theirs: float) -> str:
    return str(number(mark * theirs / ours if theirs and ours else mark))


def _maximum(text: str, ours: int, where: str, said: list[str]) -> float:
    """Return the platform's maximum, 0 if it is unknown. Append a line to `said` if it differs."""
    try:
        theirs = float(text.replace(",", "."))
    except ValueError:
        theirs = 0
    if not theirs:
        said.append(f"{where} is in our {ours} marks: the platform's maximum is unknown")
    elif theirs != ours:
        said.append(f"{where} is scaled from {ours} marks to the platform's {theirs:g}")
    return theirs


def canvas(found: list[dict[str, Any]], class_list: ClassList | None, said: list[str]) -> str:
    """Return a gradebook for Canvas: its own with the marks, if that is the class list."""
    most = used(found)
    if class_list and class_list.kind == "canvas":
        header, rows, possible = [*class_list.header], class_list.rows, class_list.possible
        marks = {id(entry["row"]): entry["marks"] for entry in found}
    else:
        header, possible = [*CANVAS], {"Student": "    Points Possible"}
        rows, marks = [possible], {}
        for entry in found:
            who = [entry["name"] or entry["student"], entry["number"], entry["id"], entry["email"]]
            rows.append(dict(zip(CANVAS, map(no_formula, who))))
            marks[id(rows[-1])] = entry["marks"]
    columns = {section: _column(header, section) for section in most}
    header += [title for title in columns.values() if title not in header]
    worth = {s: possible.get(columns[s], "").strip() or str(most[s]) for s in most}
    theirs = {s: _maximum(worth[s], most[s], f"canvas.csv: {s}", said) for s in most}
    lines = []
    for row in rows:
        filled = {**row, **{columns[s]: worth[s] for s in most if row is possible}}
        for s, mark in marks.get(id(row), {}).items():
            if mark is not None:
                filled[columns[s]] = _scaled(mark, most[s], theirs[s])
        lines.append([filled.get(title, "") for title in header])
    return csv_text([header, *lines])


def _column(header: list[str], section: str) -> str:
    """Return the column of an assignment; Canvas appends a number to the title."""
    name = re.compile(rf"(?<![\w.]){re.escape(section)}(?![\w.])")
    return next((title for title in header if name.search(title)), section)


def moodle(
    found: list[dict[str, Any]], class_list: ClassList | None, said: list[str]
) -> dict[str, str]:
    """Return a grading worksheet for each assignment: Moodle's own, if that is the class list."""
    own = class_list if class_list and class_list.kind == "moodle" else None
    header = own.header if own else MOODLE
    titles = {"grade": "Grade", "most": "Maximum Grade", "comment": "Feedback comments"}
    titles = own.columns if own else titles
    worksheets = {}
    for s, ours in used(found).items():
        worth = own.rows[0].get(titles["most"], "") if own else str(ours)
        theirs = _maximum(worth, ours, f"moodle-{s}.csv: {s}", said)
        lines = []
        for entry in found:
            if own and not entry["row"]:
                continue  # students outside the class can't be graded there
            about = {
                "Identifier": f"Participant {entry['number']}" if entry["number"] else "",
                "Full name": no_formula(entry["name"] or entry["student"]),
                "Email address": no_formula(entry["email"]),
                "Maximum Grade": str(ours),
                "Last modified (grade)": "-",
            }
            filled = dict(entry["row"] if own else about)
            if entry["marks"][s] is not None:
                filled[titles["grade"]] = _scaled(entry["marks"][s], ours, theirs)
            if entry["comments"].get(s):
                filled[titles["comment"]] = entry["comments"][s]
            lines.append([filled.get(title, "") for title in header])
        worksheets[s] = csv_text([header, *lines])
    return worksheets


def write(found: list[dict[str, Any]], class_list: ClassList | None, out: Path) -> list[str]:
    """Write all tables, and return lines for the teacher about missing marks."""
    said: list[str] = []
    texts = {"final": table(found, "marks"), "written": written(found)}
    texts["canvas"] = canvas(found, class_list, said)
    texts.update({f"moodle-{s}": text for s, text in moodle(found, class_list, said).items()})
    (out / FOLDER).mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        write_whole(out / FOLDER / f"{name}.csv", text)
    write_whole(out / "marks.csv", table(found, "tests"))
    if class_list is None or class_list.kind == "own":
        said = []  # the maximum is unknown
    nothing = []
    for entry in found:
        missing = [s for s in SECTIONS if entry["marks"][s] is None and s in entry["said"]]
        none = all(mark is None for mark in entry["marks"].values())
        total = entry["said"]["total"] if none else ""
        if missing or total == UNREADABLE:
            where = ", ".join(missing) or "all"
            why = "; ".join([*entry["notes"], "ask for it again"])
            said.append(f"{entry['student']}: {UNREADABLE} ({where}): {why}")
        elif entry["notes"]:
            said.append(f"{entry['student']} {'; '.join(entry['notes'])}")
        nothing += [entry["student"]] * (total == NOTHING)
    return [*said, f"{NOTHING}: {', '.join(nothing)}"] if nothing else said
