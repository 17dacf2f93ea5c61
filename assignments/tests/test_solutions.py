"""The solutions get full marks and the untouched release none; for the rest: make test-grading."""

from __future__ import annotations

import pytest

from assignments.grader.course import SECTIONS, marks, notebook, points
from assignments.tests.submission import THREE, Submission, all_tests, best_mode, grade_file, lost


@pytest.mark.parametrize("section", SECTIONS)
def test_the_solutions_get_full_marks(tmp_path, section):
    graded = Submission(section).grade(tmp_path, best_mode())
    assert lost(graded) == set()
    assert {test["id"] for test in graded["tests"]} == all_tests(section)
    assert marks(graded) == points(graded) >= (15 if section in THREE else 1)
    assert graded["notes"] == []


@pytest.mark.parametrize("section", SECTIONS)
def test_the_untouched_release_gets_no_marks(section):
    graded = grade_file(notebook("release", section), section, best_mode())
    assert lost(graded) == all_tests(section)
    assert marks(graded) == 0
    assert graded["notes"] == []
