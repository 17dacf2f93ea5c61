"""Answers that are alike, side by side, for the teacher to judge: they cost no mark."""

from __future__ import annotations

import builtins
import io
import keyword
import re
import tokenize
from pathlib import Path
from typing import NamedTuple

import jinja2
import numpy
from rapidfuzz import process
from rapidfuzz.distance import Indel

from tools.grader.files import write_whole
from tools.grader.results import Result

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


def pairs(results: list[Result]) -> list[Pair]:
    """Return the answers of any two students that are alike, the most alike ones first.

    The measure is the normalized indel similarity of their tokens: twice the length of the longest
    common subsequence, over both lengths. Names of one's own are replaced by the place where they
    first stand, so that renaming changes nothing. What is short, and what a good part of the class
    has written alike, is left out.
    """
    answers: dict[tuple[str, str, bool], dict[str, str]] = {}
    for result in results:
        for section, graded in result.notebooks.items():
            texts = [(answer, True, text) for answer, text in graded.code.items()]
            texts += [(str(written.id), False, written.text) for written in graded.written]
            for answer, code, text in texts:
                answers.setdefault((section, answer, code), {})[result.student] = text
    found = []
    for (section, answer, code), by_student in answers.items():
        for likeness, *students in _alike(by_student, code):
            both = (by_student[students[0]], by_student[students[1]])
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


def write(results: list[Result], folder: Path) -> None:
    """Write copies.html into a folder."""
    template = Path(__file__).with_name("copies.html").read_text("utf-8")
    page = jinja2.Template(template, autoescape=True).render(pairs=pairs(results))
    write_whole(folder / "copies.html", page)
