"""The functions for the assignments' tests fail when they must, and show the expected result."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy
import pytest
from mxnet import np, npx

from d2lconv.checks import PartError, Properties, same, summary, whole

npx.set_np()
A = np.array([[1, 2], [3, 4]])


def test_whole_draws_numbers_that_float32_adds_exactly():
    drawn = whole(40, 50)
    assert (drawn.shape, drawn.dtype) == ((40, 50), "float32")
    assert set(drawn.asnumpy().ravel()) == set(range(-50, 51))
    assert (whole(40, 50) != drawn).any()


def test_equal_arrays_pass():
    same(A, A.copy())
    same(A + 1e-5, A)


@pytest.mark.parametrize(
    ("actual", "said"),
    [
        (A.asnumpy(), r"expected: an mxnet.np array, got: <class 'numpy.ndarray'>"),
        (None, r"expected: an mxnet.np array, got: <class 'NoneType'>"),
        (A[0], r"expected: shape \(2, 2\), got: \(2,\)"),
        (A + 1e-2, r"expected:\n\[\[1. 2.\]"),
        (A + np.array([[0, 0], [3, 0]]), r"at \[1, 0\]: expected 3.0, got 6.0"),
        (np.array(5), r"expected: shape \(2, 2\)"),
        (A * numpy.nan, r"expected:\n\[\[1. 2.\]"),
    ],
)
def test_other_arrays_fail_and_the_message_shows_both(actual, said):
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
        "wrong: fails, AssertionError: expected: shape (2,), got: (2, 2)",
        "unsolved: still to do",
        "elsewhere: run the cell that it is in",
    ]


def tried(*outcomes):
    """Try properties a, b, ... with cases that pass or fail; return the error, if any."""
    holds = Properties(*(name for name, _ in outcomes))
    for name, cases in outcomes:
        for passes in cases:
            with holds(name):
                if not passes:
                    raise AssertionError(f"{name} is wrong")
    try:
        holds.check()
    except PartError as error:
        return error


def test_failed_properties_are_named_and_cost_their_share():
    assert tried(("a", [True, True]), ("b", [True])) is None
    error = tried(("a", [True, True]), ("b", [True, False, True]))
    assert (error.share, error.failed) == (0.5, ["b"])
    assert str(error) == "1 of 2 properties hold\nb: b is wrong"
    assert tried(("a", [False]), ("b", [False])).share == 0
    assert tried(("a", [False, True]), ("b", [True])).failed == ["a"]


def test_a_property_that_is_never_tried_does_not_hold():
    assert str(tried(("a", [True]), ("b", []))).endswith("b: it was not tried")


def test_unknown_names_and_undone_exercises_raise():
    holds = Properties("a")
    with pytest.raises(KeyError, match="b"), holds("b"):
        pass
    with pytest.raises(NotImplementedError), holds("a"):
        raise NotImplementedError
