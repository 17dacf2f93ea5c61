"""The questions that pages ask: what `guess` knows about a question, as data for guess.js."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import Any

import numpy
from docutils import nodes

from d2lconv.course.questions import QUESTIONS
from d2lconv.course.quiz import Question, full_answer

ASKED = re.compile(r'^guess\("([^"]*)"', re.MULTILINE)


def ask(app: Any, doctree: nodes.document) -> None:
    """Replace each cell that guesses with its question, and add the answers at the page's end."""
    names = []
    for cell in [box for box in doctree.findall(nodes.container) if "cell" in box["classes"]]:
        code = next(iter(cell.findall(nodes.literal_block)), None)
        found = ASKED.search(code.astext()) if code else None
        if not found:
            continue
        names.append(found[1])
        # a check's question is in its cell's comments
        asked = " ".join(re.findall(r"^# (.*)", code.astext(), re.MULTILINE))
        form = nodes.raw("", _form(found[1], len(names)), format="html")
        cell.replace_self([nodes.paragraph("", asked), form] if asked else [form])
    if names:
        doctree[0] += nodes.raw("", _answers(names), format="html")


def data(question: Question) -> dict[str, Any]:
    """Return what guess.js has to know about a question, as it goes into JSON."""
    wanted = numpy.shape(question.answer)

    def flat(answer: Any) -> Any:
        if isinstance(answer, str):
            return answer
        return numpy.broadcast_to(answer, wanted).ravel().tolist()

    known = {**question._asdict(), "answer": flat(question.answer), "full": full_answer(question)}
    return {**known, "slips": [[flat(slip), hint] for slip, hint in question.slips]}


def _form(name: str, number: int) -> str:
    """Return a question as HTML, in base64 to hide the answer from those who read the source."""
    code = base64.b64encode(json.dumps(data(QUESTIONS[name])).encode()).decode()
    where = f'<a href="#answer-{number}">answer</a> is at the end of this section'
    return (
        f'<div class="guess" id="guess-{number}" data-name="{name}" data-question="{code}">'
        f"<p>Your guess ({html.escape(QUESTIONS[name].form)})? The {where}.</p></div>"
    )


def _answers(names: list[str]) -> str:
    items = [
        f'<li id="answer-{number}">{html.escape(full_answer(QUESTIONS[name]))} '
        f'<a href="#guess-{number}" aria-label="To guess {number}">↑</a></li>'
        for number, name in enumerate(names, 1)
    ]
    title = "<summary><b>Answers to the guesses</b></summary>"
    return f'<details class="answers">{title}<ol>{"".join(items)}</ol></details>'
