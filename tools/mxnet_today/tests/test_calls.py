"""The calls in calls.tsv give the stored results, with NumPy 1 and with NumPy 2."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import mxnet
import pytest
from mxnet import npx

spec = importlib.util.spec_from_file_location("calls", Path(__file__).with_name("calls.py"))
calls = importlib.util.module_from_spec(spec)
spec.loader.exec_module(calls)
ROWS = calls.read()
npx.set_np()
pytestmark = pytest.mark.skipif(
    not mxnet.runtime.Features().is_enabled("MKLDNN"), reason="computed with oneDNN on x86-64"
)


def test_there_are_enough_calls_without_duplicates():
    assert len({row[0] for row in ROWS}) == len(ROWS) >= 250


def test_every_difference_has_a_reason():
    assert [row[0] for row in ROWS if bool(row[2]) != bool(row[3])] == []


@pytest.mark.parametrize("start", range(0, len(ROWS), 50))
def test_the_calls_give_the_stored_results(start):
    wrong = []
    for call, one, two, _ in ROWS[start : start + 50]:
        expected = (two or one) if calls.NUMPY_2 else one
        result = calls.make(call)
        if not calls.same(call, result, expected):
            wrong.append(f"{call}: {result}, not {expected}")
    assert wrong == []
