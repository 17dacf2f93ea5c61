"""No answer is visible above its question or beside it, in code, outputs or prose."""

from __future__ import annotations

import copy
import html
import re

import numpy
import pytest

from d2lconv.course.questions import QUESTIONS
from tests.stored import NOTEBOOKS, read

FOLDED = re.compile(r"(?s)<details>.*?</details>|<(script|style)\b.*?</\1>|<[^>]*>")
ASKS = re.compile(r'^guess\("([^"]*)"', re.MULTILINE)

# Where the answer's word or digit is part of the question: a name, or an argument
GIVEN = {
    "which output shifts",  # one layer is "shared and local"
    "the block",  # "Waldo scores 5"
    "equal use",  # padding in (0, 1, 2, 3)
    "everything at once",  # strides and kernel, in the code that computes the shape
}


def visible(cell):
    """Return what JupyterLab shows of a cell before anyone runs it or unfolds anything."""
    hidden = cell.metadata.get("jupyter", {})
    texts = [] if hidden.get("source_hidden") else [cell.source]
    if not hidden.get("outputs_hidden"):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            texts.append(data.get("text/html") or data.get("text/plain") or output.get("text", ""))
            texts += re.findall('alt="([^"]*)"', texts[-1])  # a screen reader reads it out
    return html.unescape(FOLDED.sub(" ", "\n".join(texts)))


def questions():
    """Yield each question with its notebook's cells and its own position."""
    for path in NOTEBOOKS:
        cells = read(path).cells
        for place, cell in enumerate(cells):
            if cell.cell_type == "code" and (found := ASKS.search(cell.source)):
                yield pytest.param(found[1], cells, place, id=found[1])


def beside(cells, place):
    """Return where the cells begin and end that are seen together with a question's cell."""
    start = end = place
    while cells[start].cell_type != "markdown" or ASKS.search(cells[start + 1].source) is None:
        start -= 1
    while end + 1 < len(cells) and cells[end].cell_type != "markdown":
        end += 1
    return start, end + 1


def says(text, question):
    """Whether a text has a question's answer: its numbers in a row, or its word."""
    if question.choices:
        return re.search(rf"(?i)\b{re.escape(question.answer)}\b", text) is not None
    answer = [f"{number:g}" for number in numpy.ravel(question.answer).astype(float)]
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text.replace("−", "-"))
    numbers = [f"{float(number):g}" for number in re.findall(r"-?\d+\.?\d*", text)]
    rows = zip(*(numbers[i:] for i in range(len(answer))))
    return any(list(row) == answer for row in rows)


@pytest.mark.parametrize(("name", "cells", "place"), questions())
def test_no_explanation_or_large_answer_is_visible_above(name, cells, place):
    question = QUESTIONS[name]
    above = "\n".join(map(visible, cells[:place]))
    assert question.why not in above
    telling = not question.choices and (
        numpy.size(question.answer) > 3 or numpy.min(numpy.abs(question.answer)) >= 100
    )
    assert not (telling and says(above, question))


def spoilers(name, cells, place):
    """Return the texts seen together with a question that have its answer."""
    start, end = beside(cells, place)
    found = []
    for cell in [*cells[start:place], *cells[place + 1 : end]]:
        text = re.sub(r"(?s)^.*(?=\*\*Guess first|\n#+ )", "", visible(cell))
        begins = cell.cell_type == "markdown" and text.startswith("#")  # another part
        if says(text, QUESTIONS[name]) and not ASKS.search(cell.source) and not begins:
            found.append(text)
    return found


@pytest.mark.parametrize(("name", "cells", "place"), questions())
def test_no_answer_is_visible_beside_its_question(name, cells, place):
    assert bool(spoilers(name, cells, place)) == (name in GIVEN), spoilers(name, cells, place)


def test_an_answer_that_is_not_folded_is_found():
    found = {}
    for name, cells, place in (param.values for param in questions()):
        opened = copy.deepcopy(cells)
        for cell in opened:
            cell.metadata.pop("jupyter", None)
        found[name] = bool(spoilers(name, opened, place))
    assert sum(found.values()) > len(GIVEN) + 10
    assert found["ten layers"] and found["padding for 5 by 3"] and found["the last element"]
