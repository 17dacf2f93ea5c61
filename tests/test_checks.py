"""What the assignments' tests are written with fails where it must, and says what was needed."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy
import pytest
from mxnet import np, npx

from d2lconv.checks import same, summary, whole

npx.set_np()
A = np.array([[1, 2], [3, 4]])


def test_whole_numbers_of_both_signs_that_float32_adds_exactly():
    drawn = whole(40, 50)
    assert (drawn.shape, drawn.dtype) == ((40, 50), "float32")
    assert set(drawn.asnumpy().ravel()) == set(range(-50, 51))
    assert (whole(40, 50) != drawn).any()


def test_the_same_numbers_pass():
    same(A, A.copy())
    same(A + 1e-5, A)


@pytest.mark.parametrize(
    ("actual", "said"),
    [
        (A.asnumpy(), r"needed: an mxnet.np array, got: <class 'numpy.ndarray'>"),
        (None, r"needed: an mxnet.np array, got: <class 'NoneType'>"),
        (A[0], r"needed: shape \(2, 2\), got: \(2,\)"),
        (A + 1e-2, r"needed:\n\[\[1. 2.\]"),
        (A + np.array([[0, 0], [3, 0]]), r"at \[1, 0\]: needed 3.0, got 6.0"),
        (np.array(5), r"needed: shape \(2, 2\)"),
        (A * numpy.nan, r"needed:\n\[\[1. 2.\]"),
    ],
)
def test_others_fail_and_the_message_says_what_was_needed(actual, said):
    with pytest.raises(AssertionError, match=said):
        same(actual, A)


def test_the_summary_runs_each_test_and_says_what_is_missing(monkeypatch, capsys):
    def unsolved():
        raise NotImplementedError

    notebook = SimpleNamespace(right=lambda: None, wrong=lambda: same(A, A[0]), unsolved=unsolved)
    monkeypatch.setitem(sys.modules, "__main__", notebook)
    summary("right", "wrong", "unsolved", "elsewhere")
    assert capsys.readouterr().out.splitlines() == [
        "right: passes",
        "wrong: fails, AssertionError: needed: shape (2,), got: (2, 2)",
        "unsolved: still to do",
        "elsewhere: run the cell that it is in",
    ]
