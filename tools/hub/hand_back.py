"""Hand back marks: `python -m tools.hub.hand_back GRADES DATA` (or `make hand-back`).

Copy each student's page from `make grade` into the student's home, as marks.html. It is written
with the student's rights, so a link in its place can't lead to other people's files.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

from tools.grader.files import file_name

PAGES = "for-students"  # make grade's folder with the pages for students
MARKS = "marks.html"


def write_page(home: Path, page: str) -> None:
    """Write a page into a home, as the home's owner."""
    user = home.stat().st_uid
    os.chdir(home)  # as root: the owner may not enter the folders above
    root = os.geteuid() == 0
    if root:
        os.setgroups([])
        os.setegid(user)
        os.seteuid(user)
    try:
        part = f".{MARKS}-{secrets.token_hex(8)}"
        with open(part, "x", encoding="utf-8") as file:  # a new file: no link, no pipe
            file.write(page)
        os.replace(part, MARKS)
    finally:
        if root:
            os.seteuid(0)
            os.setegid(0)


def main() -> int:
    """Copy the pages into the students' homes, and return the exit status."""
    grades, data = (Path(argument).resolve() for argument in sys.argv[1:])
    if not (grades / PAGES).is_dir():
        sys.exit(f"hand-back: OUT must be a folder from make grade, got {str(grades)!r}")
    if not (data / "homes").is_dir():
        sys.exit(f"hand-back: DATA must be a hub's folder, got {str(data)!r}")
    given, failed = 0, 0
    for home in sorted((data / "homes").iterdir()):
        page = grades / PAGES / f"{file_name(home.name)}.html"
        if not page.exists():
            continue
        try:
            write_page(home, page.read_text(encoding="utf-8"))
            given += 1
        except OSError as error:
            failed += 1
            print(f"hand-back: {home.name} did not get {MARKS}: {error}", file=sys.stderr)
    print(f"hand-back: {given} students have {MARKS} in their home")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
