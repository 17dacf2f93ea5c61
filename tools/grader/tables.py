"""The tables about a class, beside marks.csv: with names and marks by hand, and for LMSs."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

from tools.grader.course import SECTIONS
from tools.grader.files import no_formula, shown, write_whole
from tools.grader.people import BY_HAND, ClassList, Upload, with_by_hand
from tools.grader.results import Result

FOLDER = "class"  # of the tables, in the folder of the marks
CANVAS = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
MOODLE = ["Identifier", "Full name", "Email address", "Grade", "Maximum Grade"]
MOODLE += ["Last modified (grade)", "Feedback comments"]


def entries(
    results: dict[str, Result | None],
    uploads: dict[str, Upload],
    class_list: ClassList | None,
    by_hand: dict[str, dict],
) -> list[dict[str, Any]]:
    """Return a dict for each student who handed in, or is in the class.

    Parameters
    ----------
    results : dict
        What was stored about each student; None if nothing was.
    uploads : dict
        What the name tells about each of them.
    class_list : ClassList or None
        Who is in the class.
    by_hand : dict
        See `people.read_by_hand`.
    """
    found = []
    for student, result in results.items():
        person = class_list and class_list.person(shown(student), uploads[student].number)
        found.append(_entry(student, result, uploads[student], person or {}, by_hand))
    here = {id(entry["row"]) for entry in found}
    for person in class_list.people if class_list else []:
        if id(person["row"]) not in here:
            name = person["student"] or person["name"]
            upload = Upload(name, person["number"], False)
            found.append({**_entry(name, None, upload, person, by_hand), "said": {}})
    return found


def _entry(
    student: str, result: Result | None, upload: Upload, person: dict, by_hand: dict[str, dict]
) -> dict[str, Any]:
    notebooks = result.notebooks if result else {}
    lines = by_hand.get(student, {})
    said = {s: "unreadable" for s in notebooks if not notebooks[s].readable}
    graded = {s: notebooks[s].marks if s in notebooks else None for s in SECTIONS}
    graded.update(dict.fromkeys(said))  # which is no 0
    final = {s: with_by_hand(graded[s], lines.get(s, [])) for s in SECTIONS}
    known = [mark for mark in final.values() if mark is not None]
    comments = {
        section: " ".join(line["comment"].strip() for line in of_section if line["comment"].strip())
        for section, of_section in lines.items()
    }
    if not result:
        said["total"] = "not graded"
    elif result.unreadable:
        said["total"] = "unreadable"
    about = {key: person.get(key, "") for key in ("name", "id", "email")}
    return {
        **about,
        "student": shown(student),
        "number": person.get("number") or upload.number,
        "row": person.get("row"),
        "late": "late" if upload.late else "",
        "marks": final,
        "total": sum(known) if known else None,
        "said": said,
        "comments": comments,
        "written": {
            s: [answer.id for answer in notebooks[s].written if answer.id] for s in notebooks
        },
        "points": {s: notebooks[s].points for s in notebooks},
    }


def number(mark: float | None) -> str:
    """Return a mark as it stands in a table; nothing where there is none."""
    return "" if mark is None else f"{mark:g}"


def final(found: list[dict[str, Any]]) -> str:
    """Return the table of all that is known."""
    rows = [["student", "name", "id", "email", "late", *SECTIONS, "total", "comment"]]
    for entry in found:
        who = [no_formula(entry[key]) for key in ("student", "name", "id", "email")]
        comment = " ".join(f"{s}: {text}" for s, text in entry["comments"].items() if text)
        known = {**entry["marks"], "total": entry["total"]}
        given = [
            number(known[column]) or entry["said"].get(column, "")
            for column in (*SECTIONS, "total")
        ]
        rows.append([*who, entry["late"], *given, no_formula(comment)])
    return _csv(rows)


def written(found: list[dict[str, Any]]) -> str:
    """Return an empty table of marks by hand, with a line for each answer in words."""
    rows = [
        [no_formula(entry["student"]), section, no_formula(answer), "", ""]
        for entry in found
        for section, answers in entry["written"].items()
        for answer in answers
    ]
    return _csv([BY_HAND, *rows])


def used(found: list[dict[str, Any]]) -> dict[str, int]:
    """Return the assignments that somebody has marks in, and the points that there are."""
    some = {s: 0 for s in SECTIONS if any(entry["marks"][s] is not None for entry in found)}
    for entry in found:
        some.update({s: most for s, most in entry["points"].items() if s in some})
    return some


def canvas(found: list[dict[str, Any]], class_list: ClassList | None) -> str:
    """Return a gradebook for Canvas to import: its own if that is the class list, filled in."""
    most = used(found)
    if class_list and class_list.kind == "canvas":
        header = list(class_list.header)
        columns = {section: _column(header, section) for section in most}
        header += [title for title in columns.values() if title not in header]
        lines = {id(entry["row"]): entry for entry in found}
        rows = []
        for row in class_list.rows:
            filled = dict(row)
            if "Points Possible" in row["Student"]:
                filled.update({columns[s]: row.get(columns[s]) or str(most[s]) for s in most})
            given = lines[id(row)]["marks"] if id(row) in lines else {}
            for section in most:
                if given.get(section) is not None:
                    filled[columns[section]] = number(given[section])
            rows.append([filled.get(title, "") for title in header])
        return _csv([header, *rows])
    rows = [["    Points Possible", "", "", "", "", *map(str, most.values())]]
    for entry in found:
        who = [entry["name"] or entry["student"], entry["number"], entry["id"], entry["email"], ""]
        rows.append([*map(no_formula, who), *(number(entry["marks"][s]) for s in most)])
    return _csv([[*CANVAS, *most], *rows])


def _column(header: list[str], section: str) -> str:
    """Return the column of an assignment: Canvas puts its number behind the title."""
    name = re.compile(rf"(?<![\w.]){re.escape(section)}(?![\w.])")
    return next((title for title in header if name.search(title)), section)


def moodle(found: list[dict[str, Any]], class_list: ClassList | None) -> dict[str, str]:
    """Return a grading worksheet for each assignment: Moodle's own if that is the class list."""
    worksheets = {}
    own = class_list if class_list and class_list.kind == "moodle" else None
    header = own.header if own else MOODLE
    for section, most in used(found).items():
        rows = []
        for entry in found:
            if own and not entry["row"]:
                continue  # who is not in the class can't be graded there
            filled = (
                dict(entry["row"] or {})
                if own
                else {
                    "Identifier": f"Participant {entry['number']}" if entry["number"] else "",
                    "Full name": no_formula(entry["name"] or entry["student"]),
                    "Email address": no_formula(entry["email"]),
                    "Maximum Grade": str(most),
                    "Last modified (grade)": "-",
                }
            )
            if entry["marks"][section] is not None:
                filled["Grade"] = number(entry["marks"][section])
            if entry["comments"].get(section):
                filled["Feedback comments"] = entry["comments"][section]
            rows.append([filled.get(title, "") for title in header])
        worksheets[section] = _csv([header, *rows])
    return worksheets


def write(found: list[dict[str, Any]], class_list: ClassList | None, out: Path) -> None:
    """Write all tables into a folder of `out`."""
    texts = {"final": final(found), "written": written(found), "canvas": canvas(found, class_list)}
    texts.update({f"moodle-{s}": text for s, text in moodle(found, class_list).items()})
    (out / FOLDER).mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        write_whole(out / FOLDER / f"{name}.csv", text)


def _csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
