"""Copy `make grade`'s pages into students' homes: `python -m tools.hub.hand_back GRADES DATA`."""

import os
import shutil
import sys
from pathlib import Path

from tools.grader.files import HANDED_BACK, file_name

MARKS = "marks.html"


def hand_back(page: Path, home: Path, data: Path) -> None:
    """Put a page into a home, replace any file or link of that name, and give it to the owner."""
    part = data / MARKS  # students can't change this folder
    shutil.copyfile(page, part)
    os.chown(part, home.stat().st_uid, home.stat().st_gid)
    os.replace(part, home / MARKS)


def main() -> int:
    """Copy the pages into the students' homes, and return the exit status."""
    grades, data = (Path(argument).resolve() for argument in sys.argv[1:])
    if not (grades / HANDED_BACK).is_dir():
        sys.exit(f"hand-back: OUT must be a folder from make grade, got {str(grades)!r}")
    if not (data / "homes").is_dir():
        sys.exit(f"hand-back: DATA must be a hub's folder, got {str(data)!r}")
    given, failed = 0, 0
    for home in sorted((data / "homes").iterdir()):
        page = grades / HANDED_BACK / f"{file_name(home.name)}.html"
        if not page.exists():
            continue
        try:
            hand_back(page, home, data)
            given += 1
        except OSError as error:
            failed += 1
            print(f"hand-back: {home.name} did not get {MARKS}: {error}", file=sys.stderr)
    print(f"hand-back: {given} students have {MARKS} in their home")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
