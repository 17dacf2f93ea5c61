"""Names of students on pages, in tables and as files; and atomic writing of files."""

import csv
import hashlib
import io
import os
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

HANDED_BACK = "for-students"  # the folder for students' pages
LONGEST_NAME = 200  # bytes; file systems allow 255


def display_name(name: str) -> str:
    """Return a student's name for display, with invalid UTF-8 in hexadecimal."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def file_name(name: str) -> str:
    """Return the name of a student's files: the student's name, if it can be a file name."""
    usable = len(os.fsencode(name)) <= LONGEST_NAME and not re.search(r"^[-.]|-[0-9a-f]{16}$", name)
    if usable and name.isprintable():
        return name
    plain = re.sub(r"[^\w ]+", "_", name, flags=re.ASCII)[:100]
    return f"{plain}-{hashlib.sha256(os.fsencode(name)).hexdigest()[:16]}"


def no_formula(text: str) -> str:
    """Return a text that a spreadsheet won't interpret as a formula."""
    starts = unicodedata.normalize("NFKC", text.lstrip())[:1] in ("=", "+", "-", "@")
    return f"'{text}" if starts else text


def csv_text(rows: Iterable[list], safe: bool = True) -> str:
    """Return a table as CSV, with quotes around texts, and without formulas if `safe`."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    for row in rows:
        writer.writerow([no_formula(c) if safe and isinstance(c, str) else c for c in row])
    return text.getvalue()


def write_whole(path: Path, text: str) -> None:
    """Write a file atomically, even if the disk is full or this process dies. Make its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with open(part, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        file.write(text)
    os.replace(part, path)
