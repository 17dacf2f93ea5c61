"""Similar answers are found, and forbidden functions under any alias."""

from __future__ import annotations

import json

import pytest

from tools.grader import copies, forbidden, report
from tools.grader.assignments import Assignment
from tools.grader.cells import parse
from tools.grader.results import Graded, Result, Test

ANSWER = """
def corr2d(X, K):
    # the definition
    k_h, k_w = K.shape
    Y = np.zeros((X.shape[0] - k_h + 1, X.shape[1] - k_w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + k_h, j : j + k_w] * K).sum()
    return Y
"""
RENAMED = (
    ANSWER.replace("k_h", "height").replace("k_w", "width").replace("# the definition", "# mine")
)
NEARLY = RENAMED.replace("    return Y", "    print(height)\n    return Y")
OTHER = """
def corr2d(X, K):
    rows = []
    for top in range(len(X) - len(K) + 1):
        windows = [X[top : top + len(K), left : left + K.shape[1]] for left in range(9)]
        rows.append([float(numpy.vdot(window, K)) for window in windows if window.size == K.size])
    return np.array(rows)
"""
WORDS = (
    "The kernel has one place left, so the channels of each pixel are multiplied by one matrix, "
    "and a bias is added: the same dense layer everywhere, and an output depends on one pixel."
)


def result(code, written=None, own=""):
    return Graded(True, 1, {}, [TEST], code, own, written or {})


def results(**texts):
    return [
        Result(student, "", {}, [], False, {"6.2": result({"corr2d": text})})
        if "def" in text
        else Result(student, "", {}, [], False, {"6.2": result({}, {"w": text})})
        for student, text in texts.items()
    ]


def found(**texts):
    return {frozenset(pair.texts): pair.likeness for pair in copies.pairs(results(**texts))}


def test_similar_answers_are_listed_with_their_similarity():
    pairs = found(ann=ANSWER, bo=RENAMED, cy=OTHER, di=NEARLY)
    assert pairs[frozenset({"ann", "bo"})] == 1
    assert 0.9 <= pairs[frozenset({"ann", "di"})] < 1
    assert not any("cy" in pair for pair in pairs)


def test_the_measure_is_the_normalized_indel_similarity():
    one, other = copies.code_tokens(ANSWER), copies.code_tokens(NEARLY)
    length = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            longer = max(length[i][j + 1], length[i + 1][j])
            length[i + 1][j + 1] = length[i][j] + 1 if a == b else longer
    needed = 2 * length[-1][-1] / (len(one) + len(other))
    assert found(ann=ANSWER, di=NEARLY)[frozenset({"ann", "di"})] == pytest.approx(needed, abs=1e-3)


def test_words_are_compared_and_short_answers_are_not():
    assert found(ann=WORDS, bo=WORDS.upper().replace(",", ";"))[frozenset({"ann", "bo"})] == 1
    assert found(ann="It is the same.", bo="It is the same.") == {}
    short = "def corr2d(X, K):\n    return d2lconv.corr2d(X, K)"
    assert found(ann=short, bo=short) == {}


def test_code_that_can_t_be_parsed_is_compared_word_by_word():
    broken = ANSWER * 3 + "    text = '''"
    assert found(ann=broken, bo=broken)[frozenset({"ann", "bo"})] == 1


def test_answers_that_many_share_are_not_listed():
    assert found(**{f"s{number}": ANSWER for number in range(20)}) == {}


def test_the_page_shows_both_and_runs_none_of_their_code(tmp_path):
    trick = ANSWER + "\n# <script>alert(1)</script>"
    copies.write(results(ann=ANSWER, bo=trick), tmp_path)
    page = (tmp_path / "copies.html").read_text()
    assert "corr2d: 1.0" in page
    assert page.count("def corr2d(X, K):") == 2
    assert "<script>" not in page


def forbid(monkeypatch, *names):
    """Forbid functions in the metadata of the answer's cell."""
    setup = {"cell_type": "code", "source": "import d2lconv, numpy\nfrom mxnet import np"}
    answer = {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "corr2d"}}}
    answer["metadata"]["forbidden"] = names
    setup["metadata"] = {"nbgrader": {"grade_id": "setup"}}
    source = parse(json.dumps({"cells": [setup, answer], "metadata": {}}).encode())
    monkeypatch.setattr(forbidden, "assignment", lambda section: Assignment("6.2", source, source))


@pytest.mark.parametrize(
    "code",
    [
        "return d2lconv.corr2d(X, K)",
        "import d2lconv as d\n    return d.corr2d(X, K)",
        "from d2lconv import corr2d as c\n    return c(X, K)",
        "return getattr(d2lconv, 'corr2d')(X, K)",
        "f = d2lconv.corr2d\n    return f(X, K)",
        "return numpy.convolve(X, K)",
        "return mine(X, K)",
    ],
)
def test_a_forbidden_function_is_found_under_any_alias(monkeypatch, code):
    forbid(monkeypatch, "d2lconv.corr2d", "numpy.convolve")
    own = "def mine(X, K):\n    return d2lconv.corr2d(X, K)" if "mine" in code else ""
    answer = f"def corr2d(X, K):\n    {code}"
    assert forbidden.uses_forbidden("6.2", {"corr2d": answer}, own)
    told = report.about("6.2", result({"corr2d": answer}, own=own), [])
    assert told["forbidden"]["corr2d"]


TEST = Test("t", "", 1, 1, "", "corr2d")


def test_allowed_functions_are_not_flagged(monkeypatch):
    forbid(monkeypatch, "numpy.convolve")
    for code in (ANSWER, "def corr2d(X, K):\n    return np.convolve(X, K)", "def corr2d(", ""):
        assert forbidden.uses_forbidden("6.2", {"corr2d": code}, "") == {}
