"""Write the pages about a student: the teacher's, and one to hand back.

For hidden tests, the student's page shows only the title and the marks. It shows no model answers
and nothing that was computed from hidden arguments.
"""

from __future__ import annotations

import functools
import html
import re
from pathlib import Path
from typing import Any

import jinja2
import markupsafe
import mistune
from latex2mathml.converter import convert

from tools.grader.assignments import assignment
from tools.grader.files import HANDED_BACK, file_name, write_whole
from tools.grader.forbidden import uses_forbidden
from tools.grader.people import with_by_hand
from tools.grader.results import Graded, Result

LONG_ARRAY = re.compile(r"\[[\s\d.,eE+\[\]-]{80,}\]")
TEX = re.compile(r"\\\((.*?)\\\)", re.DOTALL)


@functools.cache
def texts(section: str) -> dict[str, dict[str, str]]:
    """Return each answer's heading, the question above it, and a model answer in words."""
    found: dict[str, dict[str, str]] = {}
    heading = above = section
    for cell in assignment(section).teachers:
        if cell.kind == "markdown" and cell.source.startswith("#"):
            heading = cell.source.partition("\n")[0].lstrip("# ")
        if cell.is_answer:
            found[cell.id] = {"heading": heading, "question": above, "model": cell.source}
        above = cell.source
    return found


def about(section: str, graded: Graded, lines: list[dict]) -> dict[str, Any]:
    """Return the pages' data about a notebook; `lines` are its marks by hand."""
    return {
        "graded": graded,
        "known": texts(section),
        "forbidden": uses_forbidden(section, graded.code, graded.own),
        "lines": lines,
        "mark": with_by_hand(graded.marks if graded.readable else None, lines),
    }


def shorten_arrays(text: str) -> str:
    """Shorten the long arrays in a text."""
    return LONG_ARRAY.sub(lambda array: f"{array[0][:40]} … {array[0][-20:]}", text)


@functools.cache
def rendered(text: str) -> markupsafe.Markup:
    """Convert Markdown to HTML, with formulas as MathML."""
    page = str(mistune.create_markdown(plugins=["math"])(text))
    return markupsafe.Markup(TEX.sub(lambda tex: convert(html.unescape(tex[1])), page))


PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    trim_blocks=True,
    undefined=jinja2.ChainableUndefined,
)
PAGES.filters.update(shorten_arrays=shorten_arrays, rendered=rendered)


def write(name: str, result: Result, out: Path, by_hand: dict | None = None) -> None:
    """Write both pages of a student, with the marks `by_hand` from `people.read_by_hand`."""
    lines = by_hand or {}
    sections = {s: about(s, graded, lines.get(s, [])) for s, graded in result.notebooks.items()}
    told = {"result": result, "sections": sections, "by_hand": lines}
    for folder, teacher in [(out, True), (out / HANDED_BACK, False)]:
        page = PAGES.get_template("page.html").render(told, teacher=teacher)
        write_whole(folder / f"{file_name(name)}.html", page)
