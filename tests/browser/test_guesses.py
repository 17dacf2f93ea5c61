"""The site asks the notebooks' questions without a kernel, and replies as the notebooks do."""

from __future__ import annotations

import html
import re
from pathlib import Path

import numpy
import pytest
import yaml

from d2lconv.course.questions import QUESTIONS, guess
from d2lconv.course.quiz import full_answer

ROOT = Path(__file__).parents[2]
SITE = ROOT / "build" / "site"
PAGES = sorted(SITE.glob("notebooks/*.html"))
ODD = [77, 0.5, -3, (1, 2), (4.5, 2.25), (1, 2, 3), "many", True, None, 1e9]
TABLES = [yaml.safe_load(p.read_text("utf-8")) for p in (ROOT / "tests/tables").glob("guesses-*")]

# Type each guess, or press the button that has it, and return what the page says
ANSWER = """([name, typed]) => {
    const box = document.querySelector(`.guess[data-name="${name}"]`);
    const field = box.querySelector("input"), buttons = [...box.querySelectorAll("button")];
    return typed.map((text) => {
        if (field) { field.value = text; buttons[0].click(); }
        else buttons.find((button) => button.textContent === text).click();
        const strip = box.querySelector(".strip svg");
        return [box.querySelector(".badge").dataset.verdict, box.querySelector(".badge").innerText,
            box.querySelector(".reply span").textContent, strip?.getAttribute("aria-label") ?? "",
            getComputedStyle(box.querySelector("details")).display !== "none"];
    });
}"""


def guesses(name):
    """Return guesses at a question: the answer, all slips, the table's, and odd ones."""
    question = QUESTIONS[name]
    if question.choices:
        return list(question.choices)
    plain = [slip for slip, _ in question.slips if not isinstance(slip, str)]
    table = [wrong for table in TABLES for wrong, _ in table.get(name, [])]
    some = [question.answer, *plain, *table, *ODD, numpy.full_like(question.answer, 7).tolist()]
    near = numpy.asarray(question.answer, float)
    return [*some, *((near + step).tolist() for step in (-1, 1, 0.25, 1e-9))]


def expected(name, value):
    """Return what the notebook says: verdict, text, alternative text, whether a fold is left."""
    replied = guess(name, value)
    label = replied.figure.get_label() if replied.figure else ""
    return [replied.verdict, replied.text, label, bool(replied.folded)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_page_replies_as_the_notebook_to_every_guess(path, visit):
    page = visit(path.as_uri(), SITE.as_uri())
    names = page.locator(".guess").evaluate_all("all => all.map(box => box.dataset.name)")
    assert names
    for name in names:
        values = guesses(name)
        typed = values if QUESTIONS[name].choices else list(map(repr, values))
        shown = page.evaluate(ANSWER, [name, typed])
        for value, (verdict, badge, *others) in zip(values, shown):
            assert [verdict, *others] == expected(name, value), (name, value)
            assert badge == {"Right": "✓ Right", "Not yet": "✗ Not yet", "": "…"}[verdict]


def test_every_question_is_on_a_page_with_its_answer_at_the_end():
    asked = []
    for path in PAGES:
        page, answers = path.read_text().split('<details class="answers">')
        asked += (names := re.findall('class="guess".*? data-name="(.*?)"', page))
        for number, name in enumerate(names, 1):
            answer = html.escape(full_answer(QUESTIONS[name]))
            assert f'id="answer-{number}">{answer}' in answers
            assert answer not in page
        assert "guess(" not in re.sub("<.*?>", "", page)
    assert sorted(asked) == sorted(QUESTIONS)


def test_guesses_are_read_as_people_type_them(visit):
    (path,) = [path for path in PAGES if "6.3" in path.name]
    page = visit(path.as_uri(), SITE.as_uri())
    for text in ("200, 200", "(200,200)", "[200, 200]", "200 × 200", "200x200", "200", "5*40, 2e2"):
        assert page.evaluate(ANSWER, ["ten layers", [text]])[0][0] == "Right", text
    for text in ("105,415,200", "105_415_200", "105415200", "55**2 * 96 * (11^2) * 3"):
        assert page.evaluate(ANSWER, ["multiplications", [text]])[0][0] == "Right", text
    for text in ("2 +", "200 200", "(200, 200", "200, 200)", "alert(1)", "1/0", "-", "''"):
        verdict, _, said, *_ = page.evaluate(ANSWER, ["ten layers", [text]])[0]
        assert (verdict, said) == ("", f"A guess here is a shape (height, width). Yours is {text}.")


def test_a_guess_is_made_and_an_answer_unfolded_by_keys(visit):
    (path,) = [path for path in PAGES if "6.3" in path.name]
    page = visit(path.as_uri(), SITE.as_uri())
    box = page.locator(".guess").first
    box.get_by_role("textbox").fill("240, 240")
    page.keyboard.press("Enter")
    assert box.locator(".reply").inner_text().startswith("✗ Not yet")
    assert box.locator("details p").inner_text() == ""
    box.locator("summary").focus()
    page.keyboard.press("Enter")
    box.locator("details p", has_text="200 × 200").wait_for()


def test_without_scripts_a_question_leads_to_its_answer(visit):
    page = visit(PAGES[0].as_uri(), SITE.as_uri(), java_script_enabled=False)
    page.locator(".guess a").first.click()
    assert page.url.endswith("#answer-1")
