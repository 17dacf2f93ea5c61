"""The grader's functions and pages don't reveal which answer is right."""

from __future__ import annotations

import functools
import html
import json
import uuid

import numpy
import pytest
from mxnet import np, npx

import d2lconv
from tools.grader import report
from tools.grader.results import Result
from tools.grader.sandbox import RAISED, Sandbox
from tools.grader.tests.submission import Submission, best_mode, lost
from tools.grader.wire import decode, encode

npx.set_np()
HIDDEN = {"bug-kernel", "bug-padding", "bug-strides"}
K = [[1.0, 2.0], [3.0, 4.0]]


def plain(X, K, padding, strides):
    (p_h, p_w), (s_h, s_w) = padding, strides
    return d2lconv.corr2d(np.pad(X, ((p_h, p_h), (p_w, p_w))), K)[::s_h, ::s_w]


def changed(kernel=lambda K: K):
    return lambda X, K, padding, strides: plain(X, kernel(K), padding, strides)


class Layer:
    """A layer object with a state."""

    def __call__(self, X, K, padding, strides):
        return plain(X, K, padding, strides)

    def method(self, X, K, padding, strides):
        return numpy.array(plain(X, K, padding, strides).asnumpy(), dtype="float64")


ALIKE = {
    "function": plain,
    "lambda": changed(),
    "object": Layer(),
    "method": Layer().method,
    "partial": functools.partial(plain),
}
GOOD = [numpy.arange(12.0).reshape(3, 4), numpy.array(K), (1, 0), (1, 2)]
ODD = {
    "none": [],
    "one": GOOD[:1],
    "five": [*GOOD, 1],
    "a text": ["X", *GOOD[1:]],
    "None": [*GOOD[:2], None, None],
    "numbers": [1, 2, 3, 4],
    "three axes": [GOOD[0].reshape(3, 2, 2), *GOOD[1:]],
    "a kernel that does not fit": [GOOD[0][:1, :1], GOOD[1], (0, 0), (1, 1)],
    "a stride of 0": [*GOOD[:3], (0, 0)],
}


def said(function, args, kwargs=None):
    reply = {"calls": 0, "given": encode([args, [*(kwargs or {}).items()]])}
    return json.dumps(Sandbox._call([function], reply), sort_keys=True)


@pytest.mark.parametrize("odd", ODD)
def test_errors_reveal_nothing_about_our_functions(odd):
    assert len({said(function, ODD[odd]) for function in ALIKE.values()}) == 1
    assert RAISED in said(plain, ODD[odd]) or "got None" in said(plain, ODD[odd])
    assert len({said(f, GOOD, {"strides": (1, 1)}) for f in ALIKE.values()}) == 1


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "bool", "uint8"])
@pytest.mark.parametrize("make", [np.array, numpy.array])
def test_our_functions_return_only_one_type(dtype, make):
    X, kernel = (make(numpy.array(each), dtype=dtype) for each in (GOOD[0], GOOD[1]))
    for padding, strides in [((1, 0), (1, 2)), ([1.0, 0.0], [True, 2])]:
        replies = {said(function, [X, kernel, padding, strides]) for function in ALIKE.values()}
        (reply,) = map(json.loads, replies)
        assert list(reply) == ["result"]
        assert reply["result"]["mxnet"][0] == "float32"


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (2, 3)])
def test_arrays_of_any_shape_arrive(shape):
    for array in (np.ones(shape), numpy.ones(shape)):
        got = decode(json.loads(json.dumps(encode(array))))
        assert type(got) is type(array) and got.dtype == array.dtype and got.shape == shape
        assert float(got.sum()) == float(array.sum())


ATTACKS = {
    "its text": "try: layer()\nexcept Exception as error: said = str(error)",
    "a lambda's name": "try: layer()\nexcept Exception as error: said = '<lambda>' in str(error)",
    "the error's type": (
        "try: layer(whole(2, 2), whole(3, 3), (0, 0), (1, 1))\n"
        "except Exception as error: said = repr(error)"
    ),
    "its attributes": "said = [layer.__name__, layer.__qualname__, str(layer.__dict__)]\n"
    "said += [str(layer.__code__.co_consts), str(layer.__defaults__), repr(type(layer))]",
    "what it closes over": "said = [cell.cell_contents for cell in layer.__closure__]",
    "the type of a result": (
        "Y = layer(whole(4, 4).astype('float64'), whole(2, 2).astype('float64'), (1, 1), (1, 1))\n"
        "said = str(Y.dtype) + str(type(Y))"
    ),
    "None": "try: said = str(layer(whole(4, 4), whole(2, 2), None, None).shape)\n"
    "except Exception as error: said = str(error)",
    "other names": "try: layer(X=1, kernel=2)\nexcept Exception as error: said = str(error)",
}


@pytest.mark.slow
@pytest.mark.parametrize("what", ATTACKS)
def test_a_layer_s_other_traces_earn_nothing(tmp_path, what):
    lines = "\n".join(f"    {line}" for line in ATTACKS[what].split("\n"))
    code = f"seen = []\n\n\ndef is_right(layer):\n{lines}\n    said = str(said)\n"
    code += "    seen.append(said)\n    return len(set(seen)) > 1 or 'changed' not in said"
    graded = Submission("6.3").answer("bug", code).grade(tmp_path, best_mode())
    assert lost(graded) >= HIDDEN
    assert "returned True" in str([test.call for test in graded.tests if test.id in HIDDEN])


REMEMBERS = """seen = []


def output_shape(n, k, p, s, rounding):
    seen.append((n, k, p, s, rounding))
    {then}
    return (4, 4)


def receptive_field(layers):
    raise ValueError(f'seen: {{seen}}')
"""
LATER = """import os
path = '/tmp/{file}'
if os.path.exists(path):
    raise ValueError(open(path).read())
"""
WAYS = {
    "in the error of a later test": ("pass", ""),
    "by how it ends": ("if n != (9, 9): os._exit(n[1])", ""),
    "in a file, when its cells run again": (
        "open(path, 'a').write(str(seen))\n    if n != (9, 9): os._exit(3)",
        LATER,
    ),
    "by the processes that it leaves": (
        "[os.posix_spawn('/bin/sleep', ['sleep', '9'], {}) for _ in range(n[1] % 5)]",
        "",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["best", "none"])
@pytest.mark.parametrize("way", WAYS)
def test_no_hidden_input_reaches_the_student_s_page(tmp_path, way, mode):
    mode = best_mode() if mode == "best" else mode
    then, first = WAYS[way]
    first = first.format(file=f"seen-{uuid.uuid4()}")
    submission = Submission("6.3").answer("shape", f"import os\n{first}")
    submission.answer("field", "").append(REMEMBERS.format(then=then))
    graded = submission.grade(tmp_path, mode, 20)
    report.write("me", Result("me", "", {}, [], False, {"6.3": graded}), tmp_path)
    told = html.unescape((tmp_path / "for-students" / "me.html").read_text())
    assert "(9, 12)" not in told  # an input of the hidden test shape-axes
    assert "exit code" not in told
    assert "it left" not in told
    (field,) = [test for test in graded.tests if test.id == "field-visible"]
    assert "seen: [((9, 9), (3, 3), (0, 0), (2, 2), 'floor')" in field.why
    assert "seen: [((9, 9), (3, 3)" in told
