"""The checks of notebooks fail when something is broken."""

from __future__ import annotations

import base64
import copy
import io
import signal
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from tests import nbval_numbers
from tests.outputs import same_output
from tests.stored import ROOT, faults

ARRAY = "array([[ 0.9925716, -0.9841616],\n       [ 0.       , 10.5      ]])"


def png(size=(60, 40), dot=None) -> str:
    """Return a white picture in base64, with a black square of 4 by 4 pixels at `dot`."""
    image, file = Image.new("RGB", size, "white"), io.BytesIO()
    if dot:
        image.paste("black", (*dot, dot[0] + 4, dot[1] + 4))
    image.save(file, "png")
    return base64.b64encode(file.getvalue()).decode()


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ("loss: 5.0633144", "loss: 5.063314"),
        ("1e-8", "0.0"),
        ("-3.0e-8", "5e-8"),
        ("100000.0", "100000.9"),
        (ARRAY, ARRAY.replace("0.9925716", "0.992571 ")),
        ("[[0.9, -0.9]]", "[[ 0.9, -0.9]]"),
        ("[1.   2.25]", "[1.  2.25]"),
        ("[0.5, 0.25]", "[0.5,\n  0.25]"),
        ("shape (2, 2), True", "shape (2, 2), True"),
        (png(), png()),
        ("0.5", "np.float64(0.5)"),
        ("[0.5, 1, 'a']", "[np.float64(0.5), np.int64(1), np.str_('a')]"),
        ("(True, [1.0000001])", "(np.True_, [np.float32(1.0)])"),
        ("{'a': -inf}", "{'a': np.float64(-inf)}"),
        ("array([0., ..., 9.])", "array([0., ..., 9.], shape=(2000,))"),
        (
            "array([0., ..., 9.], dtype=float32)",
            "array([0., ..., 9.],\n      shape=(2000,), dtype=float32)",
        ),
        ("<Line2D at 0x7f3a5c0d1e80>", "<Line2D at 0x7f0000000010>"),
    ],
)
def test_equal_outputs_pass(stored, fresh):
    assert same_output(stored, fresh)
    assert same_output(fresh, stored)


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ("loss: 5.0633144", "loss: 5.0634"),
        ("loss: 5.06", "Loss: 5.06"),
        ("loss: 5.06", "loss : 5.06"),
        ("5.06", "-5.06"),
        ("1e-6", "0.0"),
        ("(2, 2)", "(2, 3)"),
        ("100001 weights", "100000 weights"),
        ("2", "2.0"),
        ("1e5", "100000"),
        (ARRAY, ARRAY.replace("10.5", "10.6")),
        (ARRAY, ARRAY.replace("array", "Array")),
        (ARRAY, ARRAY + " "),
        ("[1. 2.]", "[1. 2. 2.]"),
        ("[1. 2.]", "[12.]"),
        ("[[1.], [2.]]", "[[1., 2.]]"),
        ("nan", "inf"),
        ("True", "False"),
        ("0.5", "nan"),
        (png(dot=(8, 8)), png(dot=(16, 8))),
        (png(dot=(8, 8)), png()),
        (png(), png((60, 41))),
        (png(), "text"),
        ("0.5", "np.float64(0.6)"),
        ("1", "np.float64(1.0)"),
        ("True", "np.False_"),
        ("'a'", "np.str_('b')"),
        ("array([0., 9.], shape=(2000,))", "array([0., 9.], shape=(2001,))"),
        ("array([0.], dtype=float32)", "array([0.], dtype=float64)"),
        ("<Line2D at 0x7f3a5c0d1e80>", "<Line3D at 0x7f3a5c0d1e80>"),
        ("0x10", "0x11"),
    ],
)
def test_different_outputs_fail(stored, fresh):
    assert not same_output(stored, fresh)
    assert not same_output(fresh, stored)


def value(text: str) -> NotebookNode:
    """Return an output for the value of a cell's last line; nbval ignores its number."""
    return new_output("execute_result", {"text/plain": text}, execution_count=1)


def printed(text: str) -> NotebookNode:
    return new_output("stream", name="stdout", text=text)


def shown(**data: str) -> NotebookNode:
    """Return an output that a cell displays; `image_png` stands for image/png."""
    return new_output("display_data", {mime.replace("_", "/"): text for mime, text in data.items()})


DRAWN = "from matplotlib import pyplot as plt; plt.figure(figsize=(1, 1)); plt.show()"
FIGURE = "<Figure size 100x100 with 1 Axes>"
TAMPERED = [  # a cell, its stored outputs, and nbval's expected verdict
    ("0.1 + 0.2", [value("0.3000001")], "passed"),
    ("0.1 + 0.2", [value("0.3001")], "failed"),
    ("(2, 2)", [value("(2, 3)")], "failed"),
    ("print('loss: 0.25')", [printed("loss: 0.2500001\n")], "passed"),
    ("print('loss: 0.25')", [printed("Loss: 0.25\n")], "failed"),
    ("print('more')", [], "failed"),
    ("1 / 0", [], "failed"),
    ("import warnings; warnings.warn('once')", [], "failed"),
    (DRAWN, [shown(image_png=png(), text_plain=FIGURE)], "failed"),
    (DRAWN, [shown(text_plain=FIGURE)], "failed"),
]


@pytest.mark.slow
def test_nbval_fails_on_every_changed_cell(tmp_path):
    notebook = new_notebook()
    for number, (source, outputs, _) in enumerate(TAMPERED, 1):
        notebook.cells.append(new_code_cell(source, execution_count=number, outputs=outputs))
    nbformat.write(notebook, tmp_path / "tampered.ipynb")
    options = [
        "-n0",
        "-rA",
        "--tb=no",
        "--rootdir=.",
        "-c",
        "setup.cfg",
    ]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tmp_path / "tampered.ipynb")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    results = {}
    for line in run.stdout.splitlines():
        if "::Cell " in line and line.startswith(("PASSED", "FAILED")):
            results[int(line.split("::Cell ")[1].split()[0])] = line.split()[0].lower()
    assert [results.get(i) for i in range(len(TAMPERED))] == [said for *_, said in TAMPERED]


CLEAN = new_notebook(
    cells=[
        new_code_cell("1", execution_count=1),
        new_code_cell("2", execution_count=2, metadata={"tags": []}),
    ],
    metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
)
ERROR = new_output("error", ename="ValueError", evalue="no", traceback=["no"])


def broken(change):
    notebook = copy.deepcopy(CLEAN)
    change(notebook.cells[1], notebook)
    return notebook


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda cell, nb: cell.update(execution_count=None), "numbered None"),
        (lambda cell, nb: cell.update(execution_count=3), "numbered 3"),
        (lambda cell, nb: nb.cells.reverse(), "numbered 2"),
        (lambda cell, nb: cell.outputs.append(ERROR), "raises ValueError"),
        (
            lambda cell, nb: cell.outputs.append(new_output("stream", name="stderr", text="!")),
            "stderr",
        ),
        (lambda cell, nb: cell.update(source="#NBVAL_SKIP\n2"), "skipped"),
        (lambda cell, nb: cell.metadata.tags.append("nbval-skip"), "skipped"),
        (lambda cell, nb: cell.update(source="# NBVAL_IGNORE_OUTPUT\n2"), "doesn't say why"),
        (lambda cell, nb: nb.metadata.kernelspec.update(name="ir"), "kernel"),
        (lambda cell, nb: cell.update(source="\n"), "cell 2 is empty"),
        (lambda cell, nb: cell.update(source="open('/home/me/x')"), "absolute path"),
    ],
)
def test_a_notebook_that_was_not_run_cleanly_is_found(change, fault):
    assert faults(CLEAN) == []
    found = faults(broken(change))
    assert found
    assert fault in found[0]


def test_an_announced_error_passes():
    def announce(cell, notebook):
        cell.outputs.append(ERROR)
        cell.metadata.tags.append("raises-exception")

    assert faults(broken(announce)) == []


def test_a_worker_that_cleans_up_can_t_be_interrupted(monkeypatch):
    said = []
    monkeypatch.setattr(signal, "signal", lambda *call: said.append(call))
    nbval_numbers.pytest_sessionfinish(SimpleNamespace(config=SimpleNamespace(workerinput={})))
    assert said == [(signal.SIGINT, signal.SIG_IGN)]
    nbval_numbers.pytest_sessionfinish(SimpleNamespace(config=SimpleNamespace()))
    assert len(said) == 1  # the first process can
