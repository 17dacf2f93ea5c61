"""Answers that are alike, side by side, and functions that an exercise forbids.

Both are for the teacher to judge: neither costs a mark.
"""

from __future__ import annotations

import ast
import builtins
import functools
import io
import json
import keyword
import re
import tokenize
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import numpy
from rapidfuzz import process
from rapidfuzz.distance import Indel

from tools.grader.course import cells, notebook
from tools.grader.files import write_whole

ALIKE = 0.9  # of 1, from which on two answers are listed
FEWEST_TOKENS = 40  # of code; below that, honest answers are equal too
FEWEST_WORDS = 25
MOST_PAIRS = 500
COMMON = 0.05  # the share of a class from which on an answer is what many think of themselves


class Pair(NamedTuple):
    """Two answers that are alike."""

    likeness: float
    section: str
    answer: str
    students: tuple[str, str]
    texts: tuple[str, str]


def code_tokens(text: str) -> list[str]:
    """Return the tokens of code without comments, layout and texts, names by their first place."""
    names: dict[str, str] = {}
    found = []
    skipped = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER)
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in skipped:
                continue
            if token.type in (tokenize.INDENT, tokenize.DEDENT):
                found.append(tokenize.tok_name[token.type])
            elif token.type == tokenize.NAME and not _known(token.string):
                found.append(names.setdefault(token.string, f"name{len(names)}"))
            else:
                found.append(token.string)
    except (tokenize.TokenError, SyntaxError, ValueError):
        return text.split()
    return found


def _known(name: str) -> bool:
    return keyword.iskeyword(name) or hasattr(builtins, name)


def words(text: str) -> list[str]:
    """Return the words and numbers of a text, in small letters."""
    return re.findall(r"\w+", text.lower())


def pairs(results: list[dict[str, Any]]) -> list[Pair]:
    """Return the answers of any two students that are alike, the most alike ones first.

    The measure is the normalized indel similarity of their tokens: twice the length of the longest
    common subsequence, over both lengths. Names of one's own are replaced by the place where they
    first stand, so that renaming changes nothing. What is short, and what a good part of the class
    has written alike, is left out.
    """
    answers: dict[tuple[str, str, bool], dict[str, str]] = {}
    for result in results:
        for section, graded in result["notebooks"].items():
            for answer, text in graded["code"].items():
                answers.setdefault((section, answer, True), {})[result["student"]] = text
            for written in graded["written"]:
                place = (section, written["id"], False)
                answers.setdefault(place, {})[result["student"]] = written["text"]
    found = []
    for (section, answer, code), texts in answers.items():
        for likeness, *students in _alike(texts, code):
            both = (texts[students[0]], texts[students[1]])
            found.append(Pair(likeness, section, answer, (students[0], students[1]), both))
    found.sort(key=lambda pair: (-pair.likeness, -len(pair.texts[0]), pair.section, pair.students))
    return found[:MOST_PAIRS]


def _alike(texts: dict[str, str], code: bool) -> list[tuple[float, str, str]]:
    split, fewest = (code_tokens, FEWEST_TOKENS) if code else (words, FEWEST_WORDS)
    numbers: dict[str, str] = {}  # for each token a letter: rapidfuzz compares texts fastest
    writers: dict[str, list[str]] = {}
    for student, text in texts.items():
        tokens = split(text)
        if len(tokens) >= fewest:
            as_letters = (numbers.setdefault(t, chr(0x100 + len(numbers) % 50_000)) for t in tokens)
            writers.setdefault("".join(as_letters), []).append(student)
    most = max(2, COMMON * len(texts))
    rare = [text for text, students in writers.items() if len(students) <= most]
    found = []
    for text in rare:
        first, *others = writers[text]
        found += [(1.0, first, other) for other in others]
    for begin in range(0, len(rare), 500):
        likeness = process.cdist(
            rare[begin : begin + 500],
            rare,
            scorer=Indel.normalized_similarity,
            score_cutoff=ALIKE,
            dtype=numpy.float32,
            workers=-1,
        )
        for i, j in numpy.argwhere(likeness >= ALIKE).tolist():
            if begin + i < j:
                students = writers[rare[begin + i]][0], writers[rare[j]][0]
                found.append((round(float(likeness[i, j]), 3), *students))
    return found


@functools.cache
def forbidden(section: str) -> dict[str, list[str]]:
    """Return what the answers of an assignment may not call: `forbidden` in a cell's metadata."""
    content = json.loads(notebook("source", section).read_text("utf-8"))
    found = {}
    for cell in content["cells"]:
        names = cell["metadata"].get("forbidden", [])
        if names:
            found[cell["metadata"]["nbgrader"]["grade_id"]] = list(names)
    return found


def calls(text: str, imports: str = "") -> set[str]:
    """Return the dotted names in code, with what they were imported as put in place.

    `numpy.convolve`, `from numpy import convolve as c` and `getattr(numpy, "convolve")` are all
    "numpy.convolve". `imports` is code that has run before.
    """
    known: dict[str, str] = {}
    found: set[str] = set()
    for source in (imports, text):
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        found = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for name in node.names:
                    known[name.asname or name.name.partition(".")[0]] = (
                        name.name if name.asname else name.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom):
                for name in node.names:
                    known[name.asname or name.name] = f"{node.module}.{name.name}"
                    found.add(f"{node.module}.{name.name}")
        for node in ast.walk(tree):
            found.add(_dotted(node, known))
    return found - {""}


def _dotted(node: ast.AST, known: dict[str, str]) -> str:
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "getattr"
            and len(node.args) > 1
            and isinstance(node.args[1], ast.Constant)
            and isinstance(node.args[1].value, str)
        ):
            parts.insert(0, node.args[1].value)
            node = node.args[0]
        elif isinstance(node, ast.Name):
            return ".".join([known.get(node.id, node.id), *parts])
        else:
            return ""


@functools.cache
def _setup(section: str) -> str:
    known = cells(notebook("source", section))
    return "\n".join(cell["source"] for cell in known if cell["id"] == "setup")


def uses_forbidden(section: str, code: dict[str, str], own: str) -> dict[str, list[str]]:
    """Return for each answer what it uses although its exercise forbids it.

    `own` is the code of the student's own cells, where a function of theirs may use it.
    """
    found = {}
    for answer, names in forbidden(section).items():
        used = set(names) & calls(code.get(answer, ""), f"{_setup(section)}\n{own}")
        elsewhere = set(names) & calls(own, _setup(section)) - used
        if used or elsewhere:
            found[answer] = sorted(used) + [
                f"{name} (in another cell)" for name in sorted(elsewhere)
            ]
    return found


PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Answers that are alike</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 sans-serif; margin: 2em; }
div { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 1em; }
pre { border-left: 3px solid #888; padding-left: 1em; white-space: pre-wrap; overflow-wrap: anywhere; }
</style>
<h1>Answers that are alike</h1>
<p>{{ pairs|length or "No" }} pairs. Likeness is 1 for equal code, whatever its names, its comments and its layout;
for words, whatever the signs. Short answers, and those that many have, are left out. Who copied, or
whether anybody did, is for you to judge.</p>
{% for pair in pairs %}
<h2>{{ pair.section }}, {{ pair.answer }}: {{ pair.likeness }}</h2>
<div>{% for k in (0, 1) %}<section><h3>{{ pair.students[k] }}</h3><pre>{{ pair.texts[k] }}</pre></section>{% endfor %}</div>
{% endfor %}
</html>
"""  # noqa: E501


def write(results: list[dict[str, Any]], folder: Path) -> None:
    """Write copies.html into a folder."""
    page = jinja2.Template(PAGE, autoescape=True).render(pairs=pairs(results))
    write_whole(folder / "copies.html", page)
