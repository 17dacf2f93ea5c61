"""Read a table from Excel, a learning platform or a person: any CSV, or .xlsx."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import charset_normalizer
import openpyxl

SEPARATORS = "\t;,|"  # if two fit, the first: commas are often part of names or numbers
# Likely encodings of a class list other than Unicode. More candidates would cause wrong guesses
LEGACY = ["cp1252", "mac_roman", "cp1250", "cp1251", "cp1253", "cp1254", "cp932", "gb18030"]
PUNCTUATION = "’‘“”„–—´·…€ªº"  # as likely as a letter in a name or a comment


class Table(NamedTuple):
    """A table's columns, its rows by column, and the line of each row."""

    header: list[str]
    rows: list[dict[str, str]]
    lines: list[int]


def fold(text: str) -> str:
    """Return a text for comparison, ignoring case, outer spaces and Unicode forms."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def read_table(path: Path) -> Table:
    """Read a table. The first row with several cells names the columns.

    Texts are in Unicode's form NFC. Raises ValueError, with the file and the line, if it isn't a
    table, and OSError if it can't be read.
    """
    data = path.read_bytes()
    if data.startswith(b"PK"):
        found = _excel(data, path)
    elif data.startswith(b"\xd0\xcf\x11\xe0"):
        raise ValueError(
            f"{path.name} must be CSV or .xlsx, got Excel's old format: save it as .xlsx"
        )
    else:
        found = _csv(unicodedata.normalize("NFC", _decoded(data, path)), path)
    found = [(line, row) for line, row in found if any(cell.strip() for cell in row)]
    wide = (number for number, (_, row) in enumerate(found) if len(list(filter(None, row))) > 1)
    found = found[next(wide, 0) :]
    if not found:
        raise ValueError(f"{path.name} must have a first line with the columns' names, got nothing")
    header = [" ".join(title.split()) for title in found[0][1]]
    for line, row in found[1:]:
        if any(cell.strip() for cell in row[len(header) :]):
            raise ValueError(
                f"{path.name}, line {line} must have {len(header)} cells, as the line with the "
                f"columns' names has, got {len(row)}: put a cell with a separator in double quotes"
            )
    rows = [dict(zip(header, [*row, *[""] * len(header)])) for _, row in found[1:]]
    return Table(header, rows, [line for line, _ in found[1:]])


def _decoded(data: bytes, path: Path) -> str:
    """Return a file's text. If it isn't Unicode, print the guessed encoding."""
    unicode = "utf-8-sig"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        unicode = "utf-16"
    elif b"\0" in data:
        unicode = "utf-16-be" if data.startswith(b"\0") else "utf-16-le"
    with contextlib.suppress(UnicodeDecodeError):
        return data.decode(unicode)
    likely = []
    for rank, match in enumerate(charset_normalizer.from_bytes(data, cp_isolation=LEGACY)):
        strange = [c for c in str(match) if ord(c) > 127 and not (c.isalpha() or c in PUNCTUATION)]
        for name in match.could_be_from_charset:
            likely.append((len(strange), match.chaos, name != LEGACY[0], rank, name))
    if not likely:
        raise ValueError(f"{path.name} must be a table, got a file of another kind: save it as CSV")
    name = min(likely)[-1]
    text = data.decode(name)
    word = re.search(r"\w*[^\W\d_a-zA-Z]\w*", text)
    example = f": does {word[0]!r} look right?" if word else ""
    print(f"note: {path.name} is not UTF-8 and was read as {name}{example}")
    return text


def _csv(text: str, path: Path) -> list[tuple[int, list[str]]]:
    """Return the rows with their lines, using the separator that gives most rows the same width."""
    lines = io.StringIO(text, newline=None).read().split("\n")
    told = re.fullmatch(r'"?sep=(.)"?', lines[0], re.IGNORECASE)  # written and read by Excel
    lines[0] = "" if told else lines[0]
    tables = []
    for separator in told[1] if told else SEPARATORS:
        reader = csv.reader((line + "\n" for line in lines), delimiter=separator)
        try:
            rows = [(reader.line_num, row) for row in reader]
        except csv.Error as error:
            raise ValueError(f"{path.name}, line {reader.line_num}: {error}") from None
        widths = Counter(len(row) for _, row in rows if len(row) > 1)
        tables.append((max(((n, width) for width, n in widths.items()), default=(0, 0)), rows))
    return max(tables, key=lambda table: table[0])[1]


def _excel(data: bytes, path: Path) -> list[tuple[int, list[str]]]:
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # some programs write wrong dimensions
        return [(line, [_shown(cell) for cell in row]) for line, row in enumerate(sheet.rows, 1)]
    except Exception as error:  # openpyxl raises many types
        raise ValueError(f"{path.name} must be CSV or .xlsx, got neither ({error})") from None


def _shown(cell: Any) -> str:
    """Return the text that Excel shows: 7 for 7.0, and 007 for the format 000."""
    value = cell.value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    digits = cell.number_format if isinstance(value, int) else ""
    text = "" if value is None else str(value)
    return unicodedata.normalize("NFC", text.zfill(len(digits) if digits.strip("0") == "" else 0))
