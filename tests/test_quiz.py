"""Guesses are answered with what went wrong first, and never with the solution."""

from __future__ import annotations

import re

import numpy
import pytest

from d2lconv.course.questions import QUESTIONS, guess
from d2lconv.course.quiz import DOTS, reply, shape_question
from tests.stored import NOTEBOOKS, printed, read

SHAPES = [name for name, question in QUESTIONS.items() if question.axes]
# Where a notebook computes what the question asks for: the cell's id
COMPUTED = {
    "who moves along": ("cell-61-16", "(True, False)"),
    "the block": ("cell-61-46", "(5.0, 5.0)"),
    "how many places": ("cell-62-07", "array([[19., 25.],\n       [37., 43.]])"),
    "the last element": ("cell-62-07", "43.]])"),
    "ten layers": ("cell-63-04", "(200, 200)"),
    "four outputs": ("cell-63-28", "array([[0., 8.],\n       [6., 8.]])"),
    "what two layers see": ("field-03", "[3, 5, 7]"),
    "everything at once": ("cell-63-40", "(2, 2)"),
}


def says(text: str, answer: object) -> bool:
    """Whether a text gives a numeric answer away."""
    numbers = re.findall(r"\d+\.?\d*", text)
    answers = [f"{abs(number):g}" for number in numpy.ravel(answer)]
    return any(numbers[i : i + len(answers)] == answers for i in range(len(numbers)))


@pytest.mark.parametrize("name", QUESTIONS)
def test_right_is_right_and_every_known_slip_is_told_without_the_solution(name):
    question = QUESTIONS[name]
    assert guess(name, question.answer).text.startswith("Right")
    assert question.slips
    for wrong, step in question.slips:
        if numpy.array_equal(wrong, question.answer):
            continue  # of a shape whose slip makes no difference
        answered = guess(name, wrong)
        first = next(step for slip, step in question.slips if numpy.array_equal(slip, wrong))
        assert answered.text == f"Not yet. {first}"
        assert answered.folded == ""
        if not question.choices:
            assert not says(step, question.answer), step
    if not question.choices:
        other = numpy.full_like(question.answer, 77).tolist()
        assert guess(name, other).text.startswith("Not yet. ")
        assert not says(question.look, question.answer), question.look


@pytest.mark.parametrize("name", SHAPES)
def test_a_wrong_shape_is_shown_the_window_that_proves_it(name):
    question = QUESTIONS[name]
    height, width = question.answer
    assert guess(name, (height, width)).figure is None
    for found in [(0, width), (height - 1, 9), (height, width + 1), (height + 3, 0), (height, 1)]:
        answered = guess(name, found)
        axis = [a != b for a, b in zip(found, question.answer)].index(True)
        n, k, p, s = question.axes[axis]
        label = answered.figure.get_label()
        start, end = (int(number) for number in re.findall(r"\d+", label)[1:])
        assert label.startswith(f"A strip of {n + 2 * p} cells") and end - start + 1 == k
        if found[axis] > question.answer[axis]:
            assert end > n + 2 * p and start == (found[axis] - 1) * s + 1  # it sticks out
        elif found[axis]:
            assert end <= n + 2 * p and start == found[axis] * s + 1  # it was left out
        drawn = [artist for artist in answered.figure.axes[0].get_children() if artist.get_gid()]
        (window,) = [artist for artist in drawn if artist.get_gid() == "window"]
        assert (window.get_x(), window.get_width()) == (start - 1, k)


PADDED = shape_question((9, 11), (2, 4), (1, 2), (1, 1))
STRIDED = shape_question((9, 11), (2, 4), (0, 0), (2, 3))


@pytest.mark.parametrize(
    ("question", "wrong", "step"),
    [
        (PADDED, (9, 11), "That counts the steps"),
        (PADDED, (9, 10), "You took p as a total"),
        (PADDED, (8, 8), "You left out the padding"),
        (PADDED, (11, 15), "You left out the kernel"),
        (PADDED, (12, 10), "Height comes first"),
        (STRIDED, (8, 8), "You left out the stride"),
        (STRIDED, (5, 4), "You rounded up"),
    ],
)
def test_the_usual_slips_of_a_shape(question, wrong, step):
    assert (PADDED.answer, STRIDED.answer) == ((10, 12), (4, 3))
    assert reply(question, wrong).text.startswith(f"Not yet. {step}")


def test_dots_are_no_guess_and_the_text_hides_the_answer():
    for name, question in QUESTIONS.items():
        open_ = guess(name)
        assert open_.text.startswith(DOTS)
        assert bool(open_.folded) == bool(question.why)
        if not question.choices:
            assert not says(repr(open_), question.answer)
    assert guess("seven", (..., 3)).text.startswith(DOTS)
    assert "<details>" in guess("seven")._repr_html_()
    assert "<details>" not in guess("seven", (3, 3))._repr_html_()


@pytest.mark.parametrize("wrong", ["4", (4,), (4, 4, 4), [[1], [2, 3]], None, (True, False), 4])
def test_what_is_no_shape_is_refused(wrong):
    with pytest.raises(TypeError, match=r"guess must be a shape \(height, width\), got "):
        guess("seven", wrong)


def test_what_is_no_choice_and_no_question_is_refused():
    with pytest.raises(ValueError, match=r"guess must be one of 'both', .*, got 'all'"):
        guess("who moves along", "all")
    with pytest.raises(ValueError, match=r"name must be one of .*, got 'eight'"):
        guess("eight", 8)


def test_numbers_of_any_kind_are_taken():
    from mxnet import np

    for value in (43, 43.0, numpy.int64(43), np.array(43)):
        assert guess("the last element", value).text == "Right: 43."
    assert guess("how many places", [2, 2]).text == guess("how many places", np.array([2, 2])).text


def asked(cell):
    return re.findall(r'^guess\("([^"]*)"', cell.source, re.MULTILINE)


def test_each_question_is_asked_once_and_five_at_the_end_of_each_notebook():
    names = []
    for path in NOTEBOOKS:
        cells = read(path).cells
        (start,) = [i for i, cell in enumerate(cells) if "## Check yourself" in cell.source]
        at_the_end = [name for cell in cells[start:] for name in asked(cell)]
        assert len(at_the_end) == 5
        assert all(QUESTIONS[name].why for name in at_the_end)  # an answer to unfold
        names += [name for cell in cells for name in asked(cell)]
    assert sorted(names) == sorted(QUESTIONS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_follows_a_prompt_is_folded_and_stays_a_prompt(path):
    cells = read(path).cells
    prompts = [i for i, cell in enumerate(cells) if "**Guess first:**" in cell.source]
    assert len(prompts) >= 4
    for i in prompts:
        assert cells[i].cell_type == "markdown" and asked(cells[i + 1])
    for cell in cells:
        if asked(cell):
            (said,) = printed(cell)
            assert said.startswith(DOTS)  # nobody has stored a guess
    for start in prompts:
        shown = [
            cell for cell in until_text(cells[start + 1 :]) if cell.outputs and not asked(cell)
        ]
        assert shown, "what answers the prompt"
        for cell in shown:
            assert cell.metadata.jupyter.outputs_hidden  # in JupyterLab
            assert cell.metadata.tags in (["hide-output"], ["hide-cell"])  # on the site


def until_text(cells):
    """Return the code cells before the next text."""
    for i, cell in enumerate(cells):
        if cell.cell_type == "markdown":
            return cells[:i]
    return cells


@pytest.mark.parametrize("name", COMPUTED)
def test_the_notebook_computes_the_answer(name):
    id_, shown = COMPUTED[name]
    cells = [cell for path in NOTEBOOKS for cell in read(path).cells if cell.id == id_]
    (cell,) = cells
    assert shown in "\n".join(printed(cell))
    answer = numpy.ravel(QUESTIONS[name].answer)
    if answer.dtype.kind != "U" and name != "how many places":
        found = [float(number) for number in re.findall(r"\d+", shown)]
        assert set(answer.tolist()) <= set(found)
