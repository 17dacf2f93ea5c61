"""List similar answers side by side, for the teacher to judge. They cost no marks."""

import builtins
import io
import keyword
import re
import tokenize
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy
from rapidfuzz import process
from rapidfuzz.distance import Indel

from tools.grader.files import write_whole
from tools.grader.report import PAGES
from tools.grader.results import Result

ALIKE = 0.9  # the least similarity of a listed pair
FEWEST_TOKENS = {"code": 40, "text": 25}  # shorter honest answers are often equal
MOST_PAIRS = 500
COMMON = 0.05  # a larger share of the class must have found the answer independently
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER}
KNOWN = {*keyword.kwlist, *dir(builtins)}


class Pair(NamedTuple):
    """Two students' similar answers."""

    likeness: float
    section: str
    answer: str
    texts: dict[str, str]


def code_tokens(text: str) -> list[str]:
    """Return the code's tokens without comments and layout, and with numbers for names."""
    names: dict[str, str] = {}
    try:
        return [
            names.setdefault(token.string, f"name{len(names)}")
            if token.type == tokenize.NAME and token.string not in KNOWN
            else token.string.strip() or tokenize.tok_name[token.type]
            for token in tokenize.generate_tokens(io.StringIO(text).readline)
            if token.type not in LAYOUT
        ]
    except (tokenize.TokenError, SyntaxError, ValueError):
        return text.split()


def pairs(results: list[Result]) -> list[Pair]:
    """Return pairs of similar answers, the most similar first.

    The measure is the normalized indel similarity of the tokens: twice the length of the longest
    common subsequence, divided by the sum of the lengths. Short and common answers are left out.
    """
    answers: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
    for result in results:
        for section, graded in result.notebooks.items():
            for answer, text in graded.code.items():
                answers[section, answer, "code"][result.student] = text
            for answer, text in graded.written.items():
                answers[section, answer or "own cells", "text"][result.student] = text
    found = [
        Pair(likeness, section, answer, {student: texts[student] for student in students})
        for (section, answer, kind), texts in answers.items()
        for likeness, *students in _alike(texts, kind)
    ]
    return sorted(found, key=lambda pair: (-pair.likeness, *pair[1:3], [*pair.texts]))[:MOST_PAIRS]


def _alike(texts: dict[str, str], kind: str) -> list[tuple[float, str, str]]:
    writers: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for student, text in texts.items():
        tokens = code_tokens(text) if kind == "code" else re.findall(r"\w+", text.lower())
        if len(tokens) >= FEWEST_TOKENS[kind]:
            writers[tuple(tokens)].append(student)
    rare = {t: s for t, s in writers.items() if len(s) <= max(2, COMMON * len(texts))}
    found = [(1.0, first, other) for first, *others in rare.values() for other in others]
    keys, firsts = [*rare], [first for first, *_ in rare.values()]
    for start in range(0, len(keys), 500):  # in blocks, to save memory
        measure: Any = {"scorer": Indel.normalized_similarity, "score_cutoff": ALIKE, "workers": -1}
        likeness = process.cdist(keys[start : start + 500], keys, dtype=numpy.float32, **measure)
        for i, j in numpy.argwhere(likeness).tolist():
            if start + i < j:
                found.append((round(float(likeness[i, j]), 3), firsts[start + i], firsts[j]))
    return found


def write(results: list[Result], folder: Path) -> None:
    """Write copies.html into a folder."""
    page = PAGES.get_template("copies.html").render(pairs=pairs(results))
    write_whole(folder / "copies.html", page)
