"""The pages show the code, its tests and failures; a student's page gives nothing away."""

from __future__ import annotations

import functools
import html
import re
from xml.etree import ElementTree

import pytest
from mxnet import gluon, np, npx
from mxnet.base import MXNetError

from tools.grader import messages, report
from tools.grader.assignments import SECTIONS, assignment
from tools.grader.limits import CALL_LETTERS
from tools.grader.results import Graded, Result, Test
from tools.grader.student import Job, grade_student
from tools.grader.tests.submission import PATIENCE, Submission, best_mode
from tools.grader.tests.test_handout import secrets, squeezed

pytestmark = pytest.mark.xdist_group("report")  # prepare it only once

SECTION = "6.1"


def answers():
    return [c for c in assignment(SECTION).teachers if c.is_code and c.is_answer]


def ready(layer):
    layer.initialize()
    return layer


def grade(tmp_path, submission, seed=None):
    path = submission.write(tmp_path / "in" / "me" / f"{SECTION}.ipynb").resolve()
    result = grade_student("me", [path], Job(tmp_path / "out", best_mode(), PATIENCE, seed))
    report.write("me", result, tmp_path / "out")
    pages = [tmp_path / "out" / "me.html", tmp_path / "out" / report.HANDED_BACK / "me.html"]
    return result, *(html.unescape(page.read_text()) for page in pages)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Return the result and both pages of a student whose functions return texts, for a seed."""
    submission = Submission(SECTION)
    for cell in answers():
        names = re.findall(r"^def (\w+)", cell.source, re.M)
        wrong = "\n\n\n".join(f"def {name}(*args):  # mine\n    return 'no'" for name in names)
        submission.answer(cell.id, wrong)
    for cell in submission.cells:
        known = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] == "markdown" and known.get("solution"):
            cell["source"] = "what I think of it"
    tmp_path = tmp_path_factory.mktemp("graded")
    return tmp_path, submission, grade(tmp_path, submission, seed=7)


@pytest.mark.slow
def test_the_teacher_s_page_has_code_inputs_and_model_answers(graded):
    _, submission, (result, page, _) = graded
    tests = result.notebooks[SECTION].tests
    assert len(tests) >= 10
    assert all(test.why for test in tests)
    for cell in answers():
        assert submission.cell(cell.id)["source"] in page
    called = [test for test in tests if test.call]
    assert len(called) == len(tests)
    for test in called:
        name = test.call.partition("(")[0]
        assert f"def {name}(" in submission.cell(test.answer)["source"]
        assert test.call.endswith("\nreturned 'no'")
        assert test.call in page
    assert "--seed 7" in page
    words = [c for c in assignment(SECTION).teachers if c.kind == "markdown"]
    models = [c for c in words if c.is_answer]
    assert models
    for cell in models:
        for text in (cell.source, words[words.index(cell) - 1].source):
            assert html.unescape(report.rendered(text)) in page
    assert page.count("what I think of it") == len(models)


@pytest.mark.slow
def test_the_student_s_page_hides_inputs_and_model_answers(graded):
    _, _, (result, _, page) = graded
    seen = squeezed(page)
    for text in map(squeezed, secrets(SECTION)):
        if len(text) > 30:
            assert text not in seen, text
    for test in result.notebooks[SECTION].tests:
        assert test.title in page
        hidden = "visible" not in test.id
        row = page.partition(f"({test.id})")[2].partition("</tr>")[0]
        assert (test.why in row) != hidden, test
        assert (test.call in page) != hidden
    assert "a wrong answer" in page
    assert "--seed" not in page
    assert "what I think of it" in page


@pytest.mark.slow
def test_a_seed_repeats_a_failure(graded):
    tmp_path, submission, (result, *_) = graded

    def seen(result):
        return [(test.why, test.call) for test in result.notebooks[SECTION].tests]

    assert seen(grade(tmp_path, submission, seed=7)[0]) == seen(result)
    assert seen(grade(tmp_path, submission)[0]) != seen(result)


def test_marks_by_hand_and_comments_are_on_both_pages(tmp_path):
    tests, words = [Test("t", "", 5, 3, "", "")], {"in-words": "I think", "more": ""}
    broken = Graded(False, 1, {}, tests, {}, "", {})
    notebooks = {"6.1": Graded(True, 1, {}, tests, {}, "", words), "6.2": broken}
    by_hand = {
        "6.1": [
            {"item": "in-words", "points": "2", "comment": "Well seen"},
            {"item": "late", "points": "-10%", "comment": "a day"},
        ],
        "6.3": [{"item": "talk", "points": "4", "comment": "A good talk"}],
    }
    report.write("ann", Result("ann", "", {}, [], False, notebooks), tmp_path, by_hand)
    teacher = (tmp_path / "ann.html").read_text()
    student = (tmp_path / report.HANDED_BACK / "ann.html").read_text()
    for page in (teacher, student):
        assert "6.1: 4.5 of 5" in page
        assert "(3 from the tests)" in page
        assert "6.2: unreadable, not 0" in page
        assert all(text in page for text in ("Well seen", "a day", "A good talk"))


def test_formulas_are_mathml_and_code_stays_code():
    text = r"**1.** $\lfloor n^2 \cdot s_{h} \rfloor < \mathbb{R}$, `a_b` <b>"
    line = ElementTree.fromstring(report.rendered(text))
    assert "".join(line.itertext()) == "1. ⌊n2·sh⌋<ℝ, a_b <b>"
    power, subscript = line.find(".//{*}msup"), line.find(".//{*}msub")
    assert ["".join(each.itertext()) for each in (power, subscript)] == ["n2", "sh"]
    assert line.find("code").text == "a_b"
    for section in SECTIONS:
        for cell in assignment(section).teachers:
            if cell.kind == "markdown" and cell.is_answer:
                page = ElementTree.fromstring(f"<p>{report.rendered(cell.source)}</p>")
                assert not re.search(r"[\\$]", "".join(page.itertext()))


def test_long_arrays_are_folded_and_private_notes_are_hidden(tmp_path):
    long = f"needed {[[0.125] * 9] * 9}, got [1, 2]"
    tests = [Test("t", "", 5, 3, long, ""), Test("u", "", 5, 3, "needed [1, 2]", "")]
    notes = {"it slept": False, "it saw 42": True}
    graded = Graded(True, 1, notes, tests, {}, "", {})
    report.write("ann", Result("ann", "", {}, [], False, {"6.1": graded}), tmp_path)
    page = (tmp_path / "ann.html").read_text()
    assert "it slept" in page and "it saw 42" in page
    student = (tmp_path / report.HANDED_BACK / "ann.html").read_text()
    assert "it slept" in student and "it saw 42" not in student
    short = re.escape("needed [[0.125, 0.125, 0.125, 0.125, 0.125, 0.1 … ") + "[^<]*, got "
    assert re.search(f"<summary><pre>{short}.*</summary><pre>{re.escape(long)}</pre>", page)
    assert '<td class="why"><pre>needed [1, 2]</pre>' in page.replace("\n", "")


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (lambda: np.ones((2, 3)).reshape(7, 7), "Cannot reshape array of size 6 into shape [7,7]"),
        (lambda: np.ones((2, 3)) + np.ones((4, 5)), "operands could not be broadcast together"),
        (lambda: ready(gluon.nn.Conv2D(1, 3))(np.ones((1, 1, 2, 2))), "kernel size exceed input"),
        (lambda: npx.load("/nowhere"), 'Open "/nowhere"'),
    ],
)
def test_mxnet_s_messages_lose_their_c_plus_plus_files(wrong, reason):
    npx.set_np()
    with pytest.raises((MXNetError, ValueError), match=r"\.(cc|h)\b") as raised:
        wrong()
    said = messages.strip_places(f"corr2d: {raised.typename}: {raised.value}")
    assert reason in said and said.startswith("corr2d: ")
    assert not re.search(r"\.(cc|h)\b|Traceback|\[\d\d:", said)


def test_long_values_are_shortened():
    text = messages.call("f", (np.ones((500, 500)), ["x" * 10**6] * 100), {}, np.ones((500, 500)))
    assert text.startswith("f(array of shape (500, 500), float32:")
    assert len(text) < 3 * CALL_LETTERS


@pytest.mark.parametrize(
    "piece", ["src/", "x", " ", "\n", "src/a.cc:1:", "[bt] ", 'File "', "expected"]
)
def test_hostile_messages_take_linear_time(piece):
    message = piece * (10**6 // len(piece))
    assert len(messages.strip_places(message)) <= len(message)


@pytest.mark.parametrize(
    "value",
    [
        "x" * 10**6,
        [[["x"] * 100] * 100] * 100,
        functools.reduce(lambda inner, _: [inner], range(900), []),
        np.ones((2,) * 16),
        np.ones((7,) * 7),
        10**4000,
    ],
    ids=["text", "wide", "deep", "axes", "array", "number"],
)
def test_long_answers_are_short_on_the_page(value):
    assert len(messages.call("f", (value,), {"X": value}, value)) < 3 * CALL_LETTERS
