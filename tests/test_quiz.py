"""A wrong guess gets a hint at its first wrong step, and never the solution."""

from __future__ import annotations

import re

import numpy
import pytest

from d2lconv.course.questions import QUESTIONS, guess
from d2lconv.course.quiz import Question, reply, shape_question
from tests.stored import NOTEBOOKS, printed, read

SHAPES = [name for name, question in QUESTIONS.items() if question.axes]
DOTS = "Replace the dots with your guess ("
# The id of the cell that computes the answer
COMPUTED = {
    "a modest layer": ("layer", "1,000,000,000"),
    "which output shifts": ("shifted", "shared shifts along; dense does not shift along"),
    "shared weights": ("shared-bar", "shared: 3,996,001"),
    "images to learn from": ("learning", "dense from 1.99 to 0, reached at 48"),
    "the block": ("detector", "activation (7 by 10: smallest 0, largest 5)"),
    "one kernel for two": ("relu", "one kernel, 5 × 5 (2 by 4: 10, 5, -34, 13; 0, 6, -7, 5)"),
    "the brightest place": ("raw", "((42, 750), (212, 762))"),
    "the lamp": ("lamp", "((930, 819), (212, 762))"),
    "the last element": ("cell-62-07", "43.]])"),
    "a row of the output": ("cell-62-28", "[[ 0.,  1.,  0.,  0.,  0., -1.,  0.],"),
    "transposed image": ("cell-62-32", "array([[0., 0., 0., 0., 0.],"),
    "ten layers": ("cell-63-04", "after: (200, 200)"),
    "four outputs": ("cell-63-28", "array([[0., 8.],\n       [6., 8.]])"),
    "which sizes": ("inverse-02", "\n7 gives 4\n8 gives 4\n9 gives 5"),
    "everything at once": ("cell-63-40", "(2, 2)"),
}


def says(text: str, answer: object) -> bool:
    """Return whether a text gives away a numeric answer."""
    numbers = [f"{float(number):g}" for number in re.findall(r"\d+\.?\d*", text)]
    answers = [f"{abs(number):g}" for number in numpy.ravel(answer)]
    return any(numbers[i : i + len(answers)] == answers for i in range(len(numbers)))


def is_a_test(question: Question, slip: object) -> bool:
    """Return whether a slip is a test of the guess rather than an answer."""
    return isinstance(slip, str) and not question.choices


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_slip_gets_its_hint_without_the_solution(name):
    question = QUESTIONS[name]
    assert question.slips
    for wrong, hint in question.slips:
        if not question.choices:
            assert not says(hint, question.answer), hint
        if is_a_test(question, wrong) or numpy.array_equal(wrong, question.answer):
            continue  # tests of a guess have rows in the table; some slips don't change a shape
        replied = guess(name, wrong)
        first = next(hint for slip, hint in question.slips if numpy.array_equal(slip, wrong))
        assert (replied.verdict, replied.text) == ("Not yet", first)
    if not question.choices:
        other = numpy.full_like(question.answer, 77).tolist()
        assert guess(name, other).verdict == "Not yet"
        assert not says(question.look, question.answer), question.look


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_explanation_follows_right_and_wrong_guesses(name):
    question = QUESTIONS[name]
    right = guess(name, question.answer)
    assert right.verdict == "Right" and right.folded == ""
    assert right.text.endswith(question.why)
    wrong = question.slips[0][0] if question.choices else numpy.full_like(question.answer, 77)
    for replied in (guess(name), guess(name, wrong), guess(name, object())):
        assert replied.folded.endswith(question.why)
        assert bool(question.why) == ("<details>" in replied._repr_html_())
        assert not question.why or question.why not in repr(replied)


def test_verdicts_differ_in_sign_colour_and_word():
    right, wrong, odd = (guess("channels", value)._repr_html_() for value in (600, 75, "many"))
    assert "✓ Right" in right and "#00694d" in right
    assert "✗ Not yet" in wrong and "#a33d00" in wrong
    assert not {"✓", "✗", "Right", "Not yet"} & set(re.findall(r"✓|✗|Right|Not yet", odd))


@pytest.mark.parametrize("name", SHAPES)
def test_a_wrong_shape_gets_the_window_that_proves_it(name):
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
        (PADDED, (9, 11), "You counted the steps"),
        (PADDED, (9, 10), "You took the padding as a total"),
        (PADDED, (8, 8), "You left out the padding"),
        (PADDED, (11, 15), "You left out the size of the kernel"),
        (PADDED, (12, 10), "You exchanged the two"),
        (STRIDED, (8, 8), "You left out the stride"),
        (STRIDED, (5, 4), "You rounded up"),
    ],
)
def test_the_usual_slips_of_a_shape(question, wrong, step):
    assert (PADDED.answer, STRIDED.answer) == ((10, 12), (4, 3))
    assert repr(reply(question, wrong)).startswith(f"Not yet: {step}")


def test_dots_get_no_verdict_and_the_answer_stays_hidden():
    for name, question in QUESTIONS.items():
        open_ = guess(name)
        assert repr(open_).startswith(DOTS) and question.form in repr(open_)
        if not question.choices:
            assert not says(repr(open_), question.answer)
    assert repr(guess("seven", (..., 3))).startswith(DOTS)


@pytest.mark.parametrize(
    "odd", ["many", (4,), (4, 4, 4), [[1], [2, 3]], None, True, numpy.nan, {}, 1j, 10**999]
)
def test_a_guess_of_the_wrong_form_gets_one_friendly_line(odd):
    replied = guess("seven", odd)
    assert replied.verdict == ""
    assert repr(replied).startswith("A guess here is a shape (height, width). Yours is ")
    assert "<details>" in replied._repr_html_()


def test_a_word_is_read_without_its_case_and_quotes():
    for word in ("invariant", "Invariant", " INVARIANT. ", "'invariant'"):
        assert guess("in it or where", word).verdict == "Right"
    assert repr(guess("in it or where", "none")).startswith("A guess here is one of 'equi")


def test_one_number_stands_for_a_square_shape():
    assert repr(guess("ten layers", 200)) == repr(guess("ten layers", (200, 200)))
    assert guess("ten layers", 240 - 50).verdict == "Not yet"


def test_whole_numbers_are_exact():
    for near in (599, 600.5, 600.0001, 601, 608):
        assert guess("channels", near).verdict == "Not yet"
    assert guess("channels", 600.5).text == "The answer is in whole numbers."
    assert guess("all to all", 1024**2 + 1).verdict == "Not yet"
    assert guess("everything at once", (2.67, 2.25)).text.startswith("Round down")


def test_measured_numbers_have_a_tolerance():
    assert guess("strictly learned", (-0.984, 0.993)).verdict == "Right"
    assert guess("strictly learned", (-0.9, 0.993)).verdict == "Not yet"
    fractions = [
        q for q in QUESTIONS.values() if not q.choices and (numpy.array(q.answer) % 1).any()
    ]
    assert all(question.tolerance for question in fractions)


def test_an_unknown_question_is_an_error():
    with pytest.raises(ValueError, match=r"name must be one of .*, got 'eight'"):
        guess("eight", 8)


def test_numbers_of_any_type_are_accepted():
    from mxnet import np

    for value in (43, 43.0, numpy.int64(43), np.array(43)):
        assert repr(guess("the last element", value)).startswith("Right: 43.")
    for value in ([2, 3], np.array([2, 3])):
        assert guess("how many positions", value).verdict == "Right"


def asked(cell):
    return re.findall(r'^guess\("([^"]*)"', cell.source, re.MULTILINE)


def test_each_question_is_asked_once_and_some_at_each_end():
    names = []
    for path in NOTEBOOKS:
        cells = read(path).cells
        for start in [i for i, cell in enumerate(cells) if "## Check yourself" in cell.source]:
            at_the_end = [name for cell in cells[start:] for name in asked(cell)]
            assert len(at_the_end) >= 4
            assert all(QUESTIONS[name].why for name in at_the_end)  # an answer to unfold
        names += [name for cell in cells for name in asked(cell)]
    assert sorted(names) == sorted(QUESTIONS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_answers_to_prompts_are_folded(path):
    cells = read(path).cells
    prompts = [i for i, cell in enumerate(cells) if "**Guess first:**" in cell.source]
    assert len(prompts) >= (2 if "extra" in path.name else 4)
    for i in prompts:
        assert cells[i].cell_type == "markdown" and asked(cells[i + 1])
    for cell in cells:
        if asked(cell):
            (said,) = printed(cell)
            assert said.startswith(DOTS)  # nobody has stored a guess
    for start in prompts:
        after = until_text(cells[start + 1 :])
        shown = [cell for cell in after if cell.outputs and not asked(cell)]
        text = cells[start + 1 + len(after)].source
        assert shown or "<details>" in text, "what answers the prompt"
        for cell in shown:
            assert cell.metadata.jupyter.outputs_hidden  # in JupyterLab
            assert cell.metadata.tags in (["hide-output"], ["hide-cell"])  # on the site


# Documented outputs of one line, or whose first line answers; the course's own lab hides that line
TOLD = {"a row of the output", "everything at once"}


def in_sight(cell):
    """Return what JupyterLab shows of a cell as it opens: of what is folded, the first line."""
    if cell.cell_type == "markdown":
        unfolded = re.sub("(?s)<details>.*?</details>", "", cell.source)
        return re.split("^#", unfolded, flags=re.MULTILINE)[0]
    folds = cell.metadata.get("jupyter", {})
    lines = cell.source.splitlines()[: 1 if folds.get("source_hidden") else None]
    if cell.outputs and folds.get("outputs_hidden"):
        data = cell.outputs[0].get("data", {"text/plain": cell.outputs[0].get("text")})
        text = data.get("text/html", data.get("text/plain"))
        lines.append(next(line for line in text.split("\n") if line))
    return "\n".join(lines)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_nothing_in_sight_below_a_prompt_gives_the_answer_away(path):
    cells = read(path).cells
    for start in [i for i, cell in enumerate(cells) if "**Guess first:**" in cell.source]:
        after = until_text(cells[start + 1 :])
        below = [cell for cell in after if not asked(cell)] + [cells[start + 1 + len(after)]]
        for name in {name for cell in after for name in asked(cell)} - TOLD:
            question = QUESTIONS[name]
            short = question.choices or (str(question.answer).isdigit() and question.answer < 10)
            for cell in below:
                if short and cell.cell_type == "code":
                    continue  # code has this word or digit for other reasons
                text = in_sight(cell)
                if question.choices:
                    assert question.answer not in text, (name, text)
                else:
                    assert not says(text.replace(",", ""), question.answer), (name, text)


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
    if answer.dtype.kind != "U":
        found = [float(number) for number in re.findall(r"-?\d+", shown.replace(",", ""))]
        assert set(answer.tolist()) <= set(found)


def shown_by(id_):
    """Return what a cell of 6.3 shows."""
    (path,) = [path for path in NOTEBOOKS if path.name.startswith("6.3")]
    (cell,) = [cell for cell in read(path).cells if cell.id == id_]
    return "\n".join(printed(cell))


@pytest.mark.parametrize(
    ("name", "id_", "case"),
    [
        ("corner and middle", "reach-03", "kernel 3×3, padding 0, stride 1"),
        ("checkerboard", "checkerboard-01", "kernel 3×3, padding 1, stride 2"),
    ],
)
def test_a_picture_of_pixel_use_shows_the_answer(name, id_, case):
    along = re.search(f"{case}: ([\\d, ]+)", shown_by(id_))[1].split(", ")
    counts = sorted({int(row) * int(column) for row in along for column in along})
    assert (counts[0], counts[-1]) == QUESTIONS[name].answer


def test_the_smallest_padding_for_equal_counts_is_right():
    counts = re.findall(r"padding (\d), stride 1: ([\d, ]+)", shown_by("use-02"))
    equal = [int(padding) for padding, along in counts if len(set(along.split(", "))) == 1]
    assert equal[0] == QUESTIONS["equal use"].answer


def test_the_pictures_of_two_layers_show_what_they_see():
    seen = [re.search(r"sees (\d+) pixels", shown_by(id_))[1] for id_ in ("field-03", "field-04")]
    assert tuple(map(int, seen)) == QUESTIONS["what two layers see"].answer


def test_the_cost_of_the_layer_is_computed():
    answer = QUESTIONS["multiplications"].answer
    assert f"convolution: {answer:,} multiplications" in shown_by("cost-02")
