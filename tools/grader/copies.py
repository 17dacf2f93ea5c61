"""List similar answers side by side, for the teacher to judge. They cost no marks."""

from __future__ import annotations

import builtins
import io
import keyword
import re
import tokenize
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import jinja2
import numpy
from rapidfuzz import process
from rapidfuzz.distance import Indel

from tools.grader.files import write_whole
from tools.grader.results import Result

ALIKE = 0.9  # the least similarity of a listed pair
FEWEST_TOKENS = 40  # tokens; shorter honest answers are often equal
FEWEST_WORDS = 25
MOST_PAIRS = 500
COMMON = 0.05  # a larger share of the class must have found the answer independently
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER}
KNOWN = {*keyword.kwlist, *dir(builtins)}


class Pair(NamedTuple):
    """Two similar answers."""

    likeness: float
    section: str
    answer: str
    students: tuple[str, str]
    texts: tuple[str, str]


def code_tokens(text: str) -> list[str]:
    """Return the code's tokens without comments, layout and texts; number the names."""
    names: dict[str, str] = {}
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in (tokenize.INDENT, tokenize.DEDENT):
                found.append(tokenize.tok_name[token.type])
            elif token.type == tokenize.NAME and token.string not in KNOWN:
                found.append(names.setdefault(token.string, f"name{len(names)}"))
            elif token.type not in LAYOUT:
                found.append(token.string)
    except (tokenize.TokenError, SyntaxError, ValueError):
        return text.split()
    return found


def pairs(results: list[Result]) -> list[Pair]:
    """Return pairs of similar answers, the most similar first.

    The measure is the normalized indel similarity of the tokens: twice the length of the longest
    common subsequence, divided by the sum of the lengths. Short answers are left out, and so are
    answers that a large part of the class shares.
    """
    answers: dict[tuple[str, str, bool], dict[str, str]] = defaultdict(dict)
    for result in results:
        for section, graded in result.notebooks.items():
            for answer, text in graded.code.items():
                answers[section, answer, True][result.student] = text
            for written in graded.written:
                answers[section, str(written.id), False][result.student] = written.text
    found = [
        Pair(likeness, section, answer, (one, other), (texts[one], texts[other]))
        for (section, answer, code), texts in answers.items()
        for likeness, one, other in _alike(texts, code)
    ]
    found.sort(key=lambda pair: (-pair.likeness, -len(pair.texts[0]), pair.section, pair.students))
    return found[:MOST_PAIRS]


def _alike(texts: dict[str, str], code: bool) -> list[tuple[float, str, str]]:
    letters: dict[str, str] = {}  # one character for each token: rapidfuzz is fastest with texts
    writers: dict[str, list[str]] = defaultdict(list)
    for student, text in texts.items():
        tokens = code_tokens(text) if code else re.findall(r"\w+", text.lower())
        if len(tokens) >= (FEWEST_TOKENS if code else FEWEST_WORDS):
            spelt = (letters.setdefault(t, chr(0x100 + len(letters) % 50_000)) for t in tokens)
            writers["".join(spelt)].append(student)
    most = max(2, COMMON * len(texts))
    rare = {text: students for text, students in writers.items() if len(students) <= most}
    found = [(1.0, first, other) for first, *others in rare.values() for other in others]
    firsts, keys = [first for first, *_ in rare.values()], [*rare]
    for begin in range(0, len(keys), 500):
        likeness = process.cdist(
            keys[begin : begin + 500],
            keys,
            scorer=Indel.normalized_similarity,
            score_cutoff=ALIKE,
            dtype=numpy.float32,
            workers=-1,
        )
        for i, j in numpy.argwhere(likeness >= ALIKE).tolist():
            if begin + i < j:
                found.append((round(float(likeness[i, j]), 3), firsts[begin + i], firsts[j]))
    return found


def write(results: list[Result], folder: Path) -> None:
    """Write copies.html into a folder."""
    template = Path(__file__).with_name("copies.html").read_text("utf-8")
    page = jinja2.Template(template, autoescape=True).render(pairs=pairs(results))
    write_whole(folder / "copies.html", page)
