"""Read a table from Excel, a learning platform or a person: any CSV, or .xlsx."""

import contextlib
import csv
import io
import json
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import charset_normalizer
import openpyxl

SEPARATORS = "\t;,|"  # the first that fits; commas are often part of names or numbers
# Likely encodings of a class list other than Unicode. More candidates would cause wrong guesses
LEGACY = ["cp1252", "mac_roman", "cp1250", "cp1251", "cp1253", "cp1254", "cp932", "gb18030"]
PUNCTUATION = "’‘“”„–—´·…€ªº"  # as likely as a letter in a name or a comment


class Table(NamedTuple):
    """A table: its columns, and for each line number the cells by column."""

    header: list[str]
    rows: dict[int, dict[str, str]]


def fold(text: str) -> str:
    """Return a text for comparison, ignoring case, outer spaces and Unicode forms."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def title_key(title: str) -> str:
    """Return a column's title for comparison, also without punctuation."""
    return re.sub(r"\W", "", fold(title))


def read_table(path: Path) -> Table:
    """Read a table as Unicode NFC. Raises ValueError, with the line, if the file isn't a table.

    The first row with several cells, or a longer one with a cell "student", names the columns.
    """
    data = path.read_bytes()
    excel = data.startswith((b"PK", b"\xd0\xcf\x11\xe0"))
    cells = _excel(data, path.name) if excel else _csv(_decoded(data, path.name), path.name)
    lines = ((line, [cell.strip() for cell in row]) for line, row in cells)
    found = [(line, row) for line, row in lines if any(row)]
    widths = [sum(map(bool, row)) for _, row in found]
    longer = [n for n, width in enumerate(widths) if width > max([1, *widths[:n]])]
    named = [n for n in longer if "student" in map(title_key, found[n][1])]
    found = found[[*named, *longer, 0][0] :]
    if not found:
        raise ValueError(f"{path.name} must have a first line with the columns' names, got nothing")
    header = [" ".join(title.split()) for title in found[0][1]]
    for line, row in found[1:]:
        if any(row[len(header) :]):
            raise ValueError(
                f"{path.name}, line {line} must have {len(header)} cells, as the line with the "
                f"columns' names has, got {len(row)}: put a cell with a separator in double quotes"
            )
    rest = [""] * len(header)
    return Table(header, {line: dict(zip(header, [*row, *rest])) for line, row in found[1:]})


def _decoded(data: bytes, file: str) -> str:
    """Return a file's text. If it isn't Unicode, print the guessed encoding."""
    name: str = json.detect_encoding(data)
    if name == "utf-8" and b"\0" in data:  # UTF-16 whose first letter isn't Latin
        name = "utf-16-be" if data[::2].count(0) > data[1::2].count(0) else "utf-16-le"
    with contextlib.suppress(UnicodeDecodeError):
        return unicodedata.normalize("NFC", data.decode(name))

    def strange(text: str) -> int:
        return sum(ord(c) > 127 and not (c.isalpha() or c in PUNCTUATION) for c in text)

    likely = [
        (strange(str(match)), match.chaos, name != LEGACY[0], rank, name)
        for rank, match in enumerate(charset_normalizer.from_bytes(data, cp_isolation=LEGACY))
        for name in match.could_be_from_charset
    ]
    if not likely:
        raise ValueError(f"{file} must be a table, got a file of another kind: save it as CSV")
    name = min(likely)[-1]
    text = data.decode(name)
    word = re.search(r"\w*[^\W\d_a-zA-Z]\w*", text)
    example = f": does {word[0]!r} look right?" if word else ""
    print(f"note: {file} is not UTF-8 and was read as {name}{example}")
    return text


def _csv(text: str, file: str) -> list[tuple[int, list[str]]]:
    """Return the rows with their lines, using the separator that gives most rows the same width."""
    told = re.match(r'"?sep=(.)"?\s*?\n', text, re.IGNORECASE)  # written and read by Excel
    text = "\n" + text[told.end() :] if told else text
    tables, wrong = [], ""
    for separator in told[1] if told else SEPARATORS:
        reader = csv.reader(io.StringIO(text, newline=None), delimiter=separator, strict=True)
        try:
            rows = [(reader.line_num, row) for row in reader]
        except csv.Error as error:
            wrong = f"{file}, line {reader.line_num}: {error}: check the double quotes"
            continue
        widths = Counter(len(row) for _, row in rows if len(row) > 1)
        tables.append((max(((n, width) for width, n in widths.items()), default=(0, 0)), rows))
    fit, rows = max(tables, key=lambda table: table[0], default=((0, 0), []))
    if wrong and fit == (0, 0):
        raise ValueError(wrong)
    return rows


def _excel(data: bytes, file: str) -> list[tuple[int, list[str]]]:
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.active
        sheet.reset_dimensions()  # some programs write wrong dimensions
        return [(line, [_shown(cell) for cell in row]) for line, row in enumerate(sheet.rows, 1)]
    except Exception:  # openpyxl raises many types
        raise ValueError(f"{file} must be CSV or .xlsx, got another kind: save as .xlsx") from None


def _shown(cell: Any) -> str:
    """Return the text that Excel shows: 7 for 7.0, 007 for the format 000, and -10% for -0.1."""
    value, form = cell.value, cell.number_format
    if isinstance(value, (int, float)) and form.endswith("%"):
        return f"{100 * value:g}%"
    value = int(value) if isinstance(value, float) and value.is_integer() else value
    zeros = form if isinstance(value, int) and form.strip("0") == "" else ""
    return "" if value is None else unicodedata.normalize("NFC", str(value)).zfill(len(zeros))
