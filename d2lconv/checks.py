"""What the assignments' tests are written with; the grader runs a copy of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy
from mxnet import np

rng = numpy.random.default_rng()


def whole(*shape: int) -> np.ndarray:
    """Draw an MXNet array of whole numbers, small enough for float32 to add them exactly."""
    return np.array(rng.integers(-50, 51, size=shape), dtype="float32")


def same(actual: np.ndarray, expected: np.ndarray) -> None:
    """Fail unless `actual` is an MXNet array with the shape and the numbers of `expected`."""
    assert isinstance(actual, np.ndarray), f"needed: an mxnet.np array, got: {type(actual)}"
    assert actual.shape == expected.shape, f"needed: shape {expected.shape}, got: {actual.shape}"
    got, needed = actual.asnumpy(), expected.asnumpy()
    close = numpy.isclose(got, needed, rtol=1e-4, atol=1e-4)
    if not close.all():
        place = tuple(numpy.argwhere(~close)[0].tolist())
        first = f"at {list(place)}: needed {needed[place]}, got {got[place]}"
        raise AssertionError(f"needed:\n{expected}\ngot:\n{actual}\n{first}")


def summary(*names: str) -> None:
    """Run the notebook's visible tests of these names, and print what is missing."""
    notebook = vars(sys.modules["__main__"])
    for name in names:
        if name not in notebook:
            print(f"{name}: run the cell that it is in")
            continue
        try:
            notebook[name]()
            print(f"{name}: passes")
        except NotImplementedError:
            print(f"{name}: still to do")
        except Exception as error:
            print(f"{name}: fails, {type(error).__name__}: {error}")


def try_grader(file: str) -> None:
    """Have the grader read a saved notebook and run its visible tests, and print what it says."""
    course = Path(__file__).resolve().parents[1]
    if not (course / "tools" / "grader" / "trial.py").exists():
        print("The grader is not here: it comes with the folder that has the assignments.")
        return
    if not os.path.exists(file):
        print(f"{file} is not here: save your notebook, and give its name")
        return
    command = [sys.executable, "-m", "tools.grader.trial", os.path.abspath(file)]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True)
    print(done.stdout or done.stderr, end="")
