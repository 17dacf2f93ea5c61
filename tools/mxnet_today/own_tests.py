"""Run MXNet's own unit tests, to see what today's NumPy and Python change for it.

    python tools/mxnet_today/own_tests.py FOLDER RESULTS     FOLDER: the sources of MXNet 1.9.1
    python tools/mxnet_today/own_tests.py --compare RESULTS RESULTS

The first runs a selection with this Python and writes each test's outcome to a JSON file. The
second compares two of them, and fails if they differ elsewhere than `DIFFERENT` says.
"""

from __future__ import annotations

import collections
import functools
import importlib.machinery
import json
import os
import platform
import signal
import sys
import types
import unittest
from pathlib import Path

import pytest

SELECTION = ["ndarray", "numpy_ndarray", "autograd", "init", "loss", "base", "attr"]
SELECTION += ["gluon", "gluon_save", "gluon_trainer", "gluon_utils", "numpy_gluon"]
SECONDS = 300  # a test that takes longer fails
# What passes with NumPy 1.23 and fails with NumPy 2, and why: docs/mxnet.md says more
DIFFERENT = {
    "test_ndarray.py::test_large_int_rounding": "gives NumPy an mxnet.nd array as it is",
    "test_numpy_ndarray.py::test_np_ndarray_indexing": "sets a NumPy element to an array of one",
}


class OldModules:
    """Finds the tests, and gives them the names of NumPy's that MXNet gets: they are as old."""

    def __init__(self, folder: Path) -> None:
        self.path = [str(folder / "unittest"), str(folder / "common")]

    def find_spec(self, name, path=None, target=None):
        """Return the spec of a module in the tests' folders."""
        spec = path is None and importlib.machinery.PathFinder.find_spec(name, self.path, target)
        if spec:
            from mxnet_today.repair import repaired

            spec.loader.exec_module = repaired(spec.loader)
        return spec or None


def nose() -> dict[str, types.ModuleType]:
    """Return the little of nose that MXNet's tests use; nose itself ended with Python 3.9."""

    def raises(*exceptions):
        def decorate(test):
            @functools.wraps(test)
            def run(*args, **kwargs):
                with pytest.raises(exceptions):
                    test(*args, **kwargs)

            return run

        return decorate

    def ok_(condition, message=None):
        assert condition, message

    package, tools = types.ModuleType("nose"), types.ModuleType("nose.tools")
    case = unittest.TestCase()
    tools.raises, tools.ok_ = raises, ok_
    tools.make_decorator = lambda old: functools.partial(functools.update_wrapper, wrapped=old)
    tools.assert_raises, tools.assert_equal = case.assertRaises, case.assertEqual
    tools.assert_almost_equal = case.assertAlmostEqual
    tools.__all__ = [name for name in vars(tools) if not name.startswith("__")]
    package.tools, package.SkipTest = tools, unittest.SkipTest
    return {"nose": package, "nose.tools": tools}


class Outcomes:
    """A plugin of pytest's that notes each test's outcome, and stops a test that hangs."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {}

    def pytest_runtest_logreport(self, report) -> None:
        """Note it: what fails before or after the test itself has failed."""
        name = report.nodeid.rpartition("/")[2]
        if report.when == "call" or report.outcome != "passed":
            self.of[name] = report.outcome

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        """Raise in a test after `SECONDS`."""

        def late(number, frame):
            raise TimeoutError(f"{item.name} takes more than {SECONDS} seconds")

        signal.signal(signal.SIGALRM, late)
        signal.alarm(SECONDS)
        try:
            return (yield)
        finally:
            signal.alarm(0)


def run(folder: Path, results: Path) -> None:
    """Run the selection, and write the outcomes."""
    tests = folder / "tests" / "python"
    os.environ.update(MXNET_TEST_SEED="1", MXNET_MODULE_SEED="1")
    sys.modules.update(nose())
    sys.meta_path.insert(0, OldModules(tests))
    outcomes = Outcomes()
    files = [str(tests / "unittest" / f"test_{name}.py") for name in SELECTION]
    options = ["-q", "--assert=plain", "--tb=short", "-p", "no:cacheprovider", "-p", "no:nbval"]
    pytest.main([*options, "-c", os.devnull, f"--rootdir={tests}", *files], plugins=[outcomes])
    import mxnet
    import numpy

    about = {
        "Python": platform.python_version(),
        "NumPy": numpy.__version__,
        "MXNet": mxnet.__version__,
    }
    results.write_text(json.dumps({"about": about, "outcomes": outcomes.of}, indent=1) + "\n")


def compare(one: dict, other: dict) -> int:
    """Print how the two differ. Return the number of surprises."""
    for results in (one, other):
        counts = collections.Counter(results["outcomes"].values())
        print(*(f"{name} {version}" for name, version in results["about"].items()), dict(counts))
    a, b = one["outcomes"], other["outcomes"]
    differ = {name for name in {*a, *b} if a.get(name) != b.get(name)}
    for name in sorted(differ):
        print(f"{name}: {a.get(name)}, {b.get(name)}: {DIFFERENT.get(name, 'NOT EXPECTED')}")
    for name in sorted(set(DIFFERENT) - differ):
        print(f"{name} was expected to differ: {DIFFERENT[name]}")
    return len(differ ^ set(DIFFERENT))


if __name__ == "__main__":
    if sys.argv[1] == "--compare":
        sys.exit(compare(*(json.loads(Path(path).read_text()) for path in sys.argv[2:])) > 0)
    run(Path(sys.argv[1]), Path(sys.argv[2]))
