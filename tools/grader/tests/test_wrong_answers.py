"""Right answers get full marks; wrong answers fail exactly the tests for their mistake.

They are files in `right/SECTION/` and `wrong/SECTION/`: `# answer:` says which exercise a file
answers, and `# loses:` which tests it must fail. To add an answer, add a file.
A submission that is graded holds one answer to each exercise, so that few have to be.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from pathlib import Path

import pytest

from tools.grader.assignments import SECTIONS, notebook
from tools.grader.cells import parse
from tools.grader.forbidden import uses_forbidden
from tools.grader.results import Graded
from tools.grader.tests.submission import THREE, Submission, all_tests, best_mode, lost
from tools.grader.tests.test_solutions import OTHER_WAYS

WRONG, RIGHT = (
    sorted(Path(__file__).with_name(kind).glob("*/*.py")) for kind in ("wrong", "right")
)


def header(path: Path, what: str) -> list[str]:
    """Return the words in a comment at the start of a file."""
    comment = re.search(rf"^# {what}: (.*(?:\n#  .*)*)", path.read_text(), re.MULTILINE)
    assert comment, f"{path.name} must have a line '# {what}: ...'"
    return re.findall(r"[^\s#]+", comment[1])


def submissions(paths: list[Path]) -> list:
    """Return groups of answers to different exercises of one section."""
    found: dict[tuple[str, str], list[Path]] = {}
    for path in paths:
        found.setdefault((path.parent.name, *header(path, "answer")), []).append(path)
    return [
        pytest.param(section, [path for path in row if path], id=f"{section}-{number}")
        for section in SECTIONS
        for number, row in enumerate(
            itertools.zip_longest(*(some for key, some in found.items() if key[0] == section))
        )
    ]


def graded(section: str, answers: list[Path], folder: Path) -> Graded:
    submission = Submission(section)
    for path in answers:
        submission.replace(*header(path, "answer"), path.read_text())
    return submission.grade(folder, best_mode())


@pytest.mark.slow
@pytest.mark.parametrize(("section", "answers"), submissions(WRONG))
def test_wrong_answers_lose_exactly_their_marks(tmp_path, section, answers):
    found = graded(section, answers, tmp_path)
    assert lost(found) == {test for path in answers for test in header(path, "loses")}, str(found)
    assert [note for note in found.notes if "was graded in its state after" not in note] == []


@pytest.mark.slow
@pytest.mark.parametrize(("section", "answers"), submissions(RIGHT))
def test_right_answers_lose_nothing(tmp_path, section, answers):
    found = graded(section, answers, tmp_path)
    assert lost(found) == set(), str(found)
    assert [note for note in found.notes if "was graded in its state after" not in note] == []
    assert uses_forbidden(section, found.code, found.own) == {}


@pytest.mark.slow
def test_a_test_gives_partial_marks_and_names_the_rest(tmp_path):
    (path,) = [path for path in WRONG if path.name == "count-best-match.py"]
    (test,) = [t for t in graded("6.1", [path], tmp_path).tests if t.id == "count-any"]
    assert (test.marks, test.points) == (1, 2)
    assert test.kind == "a wrong answer; not: one pixel off, or absent"
    assert test.why.startswith("1 of 2 properties hold")


def test_each_exercise_has_enough_right_and_wrong_answers():
    counts = {kind: Counter() for kind in ("right", "wrong")}
    for kind, paths in (("right", RIGHT), ("wrong", WRONG)):
        counts[kind].update((path.parent.name, *header(path, "answer")) for path in paths)
    counts["right"].update((section, name) for section, names in OTHER_WAYS for name in names)
    for section in THREE:
        for cell in parse(notebook("source", section).read_bytes()):
            if cell.is_code and cell.is_answer:
                assert counts["right"][section, cell.id] >= 2, cell.id  # and the model solution
                assert counts["wrong"][section, cell.id] >= 5, cell.id


def test_every_test_can_be_lost():
    named = {(path.parent.name, test) for path in WRONG for test in header(path, "loses")}
    assert named == {(section, test) for section in SECTIONS for test in all_tests(section)}


@pytest.mark.parametrize(
    ("section", "answer", "code"),
    [
        ("6.1", "echo", "import scipy.signal\nscipy.signal.deconvolve([1], [1])"),
        ("6.2", "corr2d", "def corr2d(X, K):\n    return d2lconv.corr2d(X, K)"),
        ("6.2", "product", "def corr2d_product(X, K):\n    return d2lconv.corr2d(X, K)"),
        ("6.2", "convolution", "from scipy.signal import convolve2d"),
        ("6.2", "gradient", "with autograd.record():\n    pass"),
        ("6.3", "shape", "d2lconv.conv2d_output_shape((3, 3), 2)"),
        ("6.3", "mirror", "def pad_mirror(X, p):\n    return np.pad(X, p, mode='reflect')"),
        ("6.3", "mirror", "numpy.pad([1], 1)"),
    ],
)
def test_forbidden_functions_are_flagged(section, answer, code):
    assert answer in uses_forbidden(section, {answer: code}, "")
