"""Each typical wrong answer loses the marks of the tests that are about it, and no others.

They are files in `wrong/SECTION/`: `# answer:` says which exercise a file is an answer to, and
`# loses:` which tests it has to fail. A new file is all that a new wrong answer takes.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.grader.course import SECTIONS
from tools.grader.tests.submission import Submission, all_tests, best_mode, lost

WRONG = sorted(Path(__file__).with_name("wrong").glob("*/*.py"))


def header(path: Path, what: str) -> list[str]:
    """Return the words that stand in a comment at the head of a file."""
    comment = re.search(rf"^# {what}: (.*(?:\n#  .*)*)", path.read_text(), re.MULTILINE)
    assert comment, f"{path.name} must have a line '# {what}: ...'"
    return re.findall(r"[^\s#]+", comment[1])


@pytest.mark.slow
@pytest.mark.parametrize("path", WRONG, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_wrong_answer_loses_exactly_its_marks(tmp_path, path):
    (answer,), loses = header(path, "answer"), {*header(path, "loses")}
    graded = (
        Submission(path.parent.name).replace(answer, path.read_text()).grade(tmp_path, best_mode())
    )
    assert lost(graded) == loses, str(graded)
    worth = sum(test.points for test in graded.tests if test.id in loses)
    assert graded.marks == graded.points - worth
    assert graded.notes == []


def test_every_test_can_be_lost():
    named = {(path.parent.name, test) for path in WRONG for test in header(path, "loses")}
    assert named == {(section, test) for section in SECTIONS for test in all_tests(section)}
