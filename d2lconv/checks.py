"""Functions for the assignments' tests. The grader imports a separate copy."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy
from mxnet import np

rng = numpy.random.default_rng()


def whole(*shape: int) -> np.ndarray:
    """Draw an MXNet array of whole numbers, small enough for float32 to add them exactly."""
    return np.array(rng.integers(-50, 51, size=shape), dtype="float32")


def same(actual: np.ndarray, expected: np.ndarray) -> None:
    """Fail unless `actual` is an MXNet array with the shape and the numbers of `expected`."""
    assert isinstance(actual, np.ndarray), f"expected: an mxnet.np array, got: {type(actual)}"
    assert actual.shape == expected.shape, f"expected: shape {expected.shape}, got: {actual.shape}"
    got, needed = actual.asnumpy(), expected.asnumpy()
    close = numpy.isclose(got, needed, rtol=1e-4, atol=1e-4)
    if not close.all():
        place = tuple(numpy.argwhere(~close)[0].tolist())
        first = f"at {list(place)}: expected {needed[place]}, got {got[place]}"
        raise AssertionError(f"expected:\n{expected}\ngot:\n{actual}\n{first}")


UNTRIED = "it was not tried"


class PartError(AssertionError):
    """Only some properties hold; the grader gives that share of the marks."""

    def __init__(self, failed: dict[str, str], of: int) -> None:
        self.failed, self.share = list(failed), 1 - len(failed) / of
        reasons = "\n".join(f"{name}: {why}" for name, why in failed.items())
        super().__init__(f"{of - len(failed)} of {of} properties hold\n{reasons}")


class Properties:
    """Properties that one test checks, each worth an equal share of the test's marks.

    `with holds("square kernels"): ...` records a failure and continues. At the end of the test,
    `holds.check()` fails if anything failed. A property may be tried several times.

    Parameters
    ----------
    *names : str
        All properties. A property that is never tried doesn't hold.
    """

    def __init__(self, *names: str) -> None:
        self.why = dict.fromkeys(names, UNTRIED)  # empty: it holds

    @contextlib.contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Try a property. NotImplementedError passes through: the exercise isn't done yet."""
        before = self.why[name]
        try:
            yield
        except NotImplementedError:
            raise
        except Exception as error:
            if before in ("", UNTRIED):  # report only the first failure
                self.why[name] = str(error) or type(error).__name__
        else:
            self.why[name] = "" if before == UNTRIED else before

    def check(self) -> None:
        """Raise PartError if a property doesn't hold."""
        failed = {name: why for name, why in self.why.items() if why}
        if failed:
            raise PartError(failed, len(self.why))


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
    """Run a saved notebook's visible tests as the grader does, and print the results."""
    course = Path(__file__).resolve().parents[1]
    if not (course / "tools" / "grader" / "trial.py").exists():
        print("The grader isn't installed here. It is in the folder with the assignments.")
        return
    if not os.path.exists(file):
        print(f"{file} doesn't exist: save your notebook, and change the name in this cell")
        return
    command = [sys.executable, "-m", "tools.grader.trial", os.path.abspath(file)]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True)
    print(done.stdout or done.stderr, end="")
