"""List similar answers side by side, for the teacher to judge. They cost no marks."""

import ast
import re
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy
from rapidfuzz import process
from rapidfuzz.distance import Indel

from tools.grader.cells import parsed
from tools.grader.files import write_whole
from tools.grader.report import PAGES
from tools.grader.results import Result

ALIKE = 0.9  # the least similarity of a listed pair
FEWEST_TOKENS = {"code": 40, "text": 25}  # shorter honest answers are often equal
MOST_PAIRS = 500
COMMON = 0.05  # a larger share of the class must have found the answer independently


class Pair(NamedTuple):
    """Two students' similar answers."""

    likeness: float
    section: str
    answer: str
    texts: dict[str, str]


def code_tokens(text: str) -> list[str]:
    """Return the kinds of the code's syntax nodes, which names, numbers and layout don't change."""
    tree = parsed(text)
    return [type(node).__name__ for node in ast.walk(tree)] if tree else text.split()


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
    measure: Any = {"scorer": Indel.normalized_similarity, "score_cutoff": ALIKE, "workers": -1}
    thousandths = process.cdist(keys, keys, score_multiplier=1000, dtype=numpy.uint16, **measure)
    places = [(i, j) for i, j in numpy.argwhere(thousandths).tolist() if i < j]
    return found + [(int(thousandths[i, j]) / 1000, firsts[i], firsts[j]) for i, j in places]


def write(results: list[Result], folder: Path) -> None:
    """Write copies.html into a folder."""
    page = PAGES.get_template("copies.html").render(pairs=pairs(results))
    write_whole(folder / "copies.html", page)
