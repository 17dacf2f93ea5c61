"""Run MXNet's own Python tests, to see what current NumPy and Python change for MXNet.

    python upstream.py run FOLDER RESULTS [FILE ...]    FOLDER: the sources of MXNet 1.9.1
    python upstream.py compare OLD NEW                  OLD: Python 3.11, NumPy 1.23; NEW: 2.x
    python upstream.py compare OLD NEW --write          update upstream.tsv

`run` runs every test file that needs no GPU, and appends a line of JSON to RESULTS for each test.
Each file runs in a separate process. The timeouts are `--test-seconds`, of the processor's time,
and `--file-seconds`. To continue a run, start the same command again. `--retry` repeats the tests
that were too slow. `--sample 5` runs only every fifth test of a file; the others are listed as not
run until a run without it. `compare` fails if two results differ and `REASONS` gives no reason.
"""

from __future__ import annotations

import argparse
import collections
import faulthandler
import functools
import importlib.machinery
import json
import os
import re
import signal
import sys
import time
import types
import unittest
import unittest.mock
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("upstream.tsv")
ONNX = "../python-pytest/"
FOLDERS = ("unittest", "mkl", "quantization", "train", "doctest", f"{ONNX}onnx")
EVERY = 20  # of the parameters of a test: the ONNX tests have 11,700
# The differences between NumPy 1 and NumPy 2, with reasons; docs/mxnet.md lists them too
REASONS = {
    "unittest/test_dgl_graph.py::test_uniform_sample": "calls int() on an array of one element, "
    "which NumPy 2 refuses",
    "unittest/test_numpy_interoperability.py::test_np_array_function_protocol": "calls NumPy's own "
    "functions: NumPy 2 returns tuples instead of lists",
    "unittest/test_numpy_op.py::test_np_nonzero": "calls numpy.nonzero of a number, which NumPy "
    "2.1 and later refuse",
    "unittest/test_numpy_op.py::test_np_percentile": "calls NumPy with interpolation=, which NumPy "
    "2.4 dropped",
    "unittest/test_numpy_op.py::test_np_quantile": "calls NumPy with interpolation=, which NumPy "
    "2.4 dropped",
    "unittest/test_numpy_op.py::test_np_unique": "compares with numpy.unique: since NumPy 2.0 its "
    "inverse has the shape of the array",
    "unittest/test_operator.py::test_init": "calls numpy.arange with -100 as an unsigned integer, "
    "which NumPy 2 refuses",
    "unittest/test_numpy_ndarray.py::test_np_ndarray_indexing": "sets a NumPy element to an array "
    "of one element, which NumPy 2 refuses",
}


class OldModules:
    """Find the tests, and give them the dropped names: they are as old as MXNet."""

    def __init__(self, tests: Path) -> None:
        self.path = [str(tests / folder) for folder in (*FOLDERS, "common")]

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return the spec of a module in the tests' folders."""
        spec = path is None and importlib.machinery.PathFinder.find_spec(name, self.path, target)
        if spec and hasattr(spec.loader, "exec_module"):
            from mxnet_today.repair import repaired

            spec.loader.exec_module = repaired(spec.loader)
        return spec or None


def stand_ins() -> dict[str, types.ModuleType]:
    """Return replacements for the parts of nose and mock that MXNet's tests use."""
    import pytest

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
    return {"nose": package, "nose.tools": tools, "mock": unittest.mock}


class Outcomes:
    """A pytest plugin that writes each test's outcome immediately."""

    def __init__(self, arguments: argparse.Namespace, file: str) -> None:
        self.results, self.seconds = arguments.results, arguments.test_seconds
        self.sample, self.file = arguments.sample, file
        self.done = {name for name, (it, _) in read(self.results).items() if it != "not run"}

    def name(self, nodeid: str) -> str:
        """Return the name of a test, even if its file is outside pytest's folder."""
        return f"{self.file}::{nodeid.partition('::')[2] or 'import'}"

    def note(self, nodeid: str, outcome: str, why: str = "") -> None:
        """Append a line; a later line replaces `started`."""
        with self.results.open("a") as file:
            file.write(json.dumps([self.name(nodeid), outcome, why]) + "\n")

    def pytest_collection_modifyitems(self, items: list) -> None:
        """Skip tests that have run, and note the others, so that each gets a line."""
        counted = collections.Counter()
        for item in list(items):
            test = item.nodeid.partition("[")[0]
            if counted[test] % EVERY:
                items.remove(item)
            counted[test] += 1
        kept = set(items[:: self.sample])
        items[:] = [item for item in items if self.name(item.nodeid) not in self.done]
        for item in items:
            self.note(item.nodeid, "not run")
        items[:] = [item for item in items if item in kept]

    def pytest_collectreport(self, report: Any) -> None:
        """Note a file that can't be imported as one failed test."""
        if report.failed:
            self.note(report.nodeid, "failed", last_line(report.longreprtext))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Note the start, and end the process after the timeout, even inside C++.

        Only the processor's time counts, because the machine may be busy. A test that waits for
        something ends after ten minutes.
        """
        self.note(nodeid, "started")
        signal.setitimer(signal.ITIMER_PROF, self.seconds)
        faulthandler.dump_traceback_later(max(600, 2 * self.seconds), exit=True)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note the outcome. A failed setup or teardown counts, too."""
        if report.when == "call" or report.outcome != "passed":
            self.note(report.nodeid, report.outcome, last_line(report.longreprtext))

    def pytest_runtest_logfinish(self) -> None:
        """Cancel the timeout."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.cancel_dump_traceback_later()


def last_line(text: str) -> str:
    """Return the last error message of a traceback, without addresses and paths."""
    lines = [line[1:].strip() for line in text.splitlines() if line.startswith("E  ")]
    line = next((line for line in lines if re.match(r"[\w.]+(Error|Exception|Warning)", line)), "")
    line = line or (lines[0] if lines else (text.strip().splitlines() or [""])[-1])
    line = re.sub(r".*(Skipped: .*)'\)", r"\1", line)
    line = re.sub(r"0x[0-9a-f]+|\S*/(?=[\w.]+)", "", line).replace("\t", " ")
    return line[:160]


def read(results: Path) -> dict[str, list[str]]:
    """Return the last outcome of each test, with its reason."""
    lines = results.read_text().splitlines() if results.exists() else []
    return {name: [outcome, why] for name, outcome, why in map(json.loads, lines)}


def run_file(arguments: argparse.Namespace, tests: Path, file: str) -> None:
    """Run one file in this forked process, and exit."""
    import pytest

    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    outcomes = Outcomes(arguments, file)
    options = ["-q", "--assert=plain", "--tb=short", "-p", "no:cacheprovider", "-p", "no:nbval"]
    options += ["-p", "no:faulthandler", "-p", "no:unraisableexception", "-p", "no:threadexception"]
    options += ["-c", os.devnull, f"--rootdir={tests}", str(tests / file)]
    sys.meta_path[0].path.insert(0, str((tests / file).parent))  # several folders have a common.py
    os._exit(pytest.main(options, plugins=[outcomes]))


def run(arguments: argparse.Namespace) -> None:
    """Run each file in a fork of this process, with a timeout."""
    tests = arguments.folder.resolve() / "tests" / "python"
    found = [path for folder in FOLDERS for path in (tests / folder).glob("*.py")]
    found = [path for path in found if re.search(r"^test_|_test\.py$", path.name)]
    found.sort(key=lambda path: path.stat().st_size)
    files = arguments.files or [os.path.relpath(path, tests) for path in found]
    os.environ.update(MXNET_TEST_SEED="1", MXNET_MODULE_SEED="1", OMP_NUM_THREADS="1")
    os.chdir(arguments.folder)
    sys.modules.update(stand_ins())
    sys.meta_path.insert(0, OldModules(tests))
    for name in ("mxnet", "pytest", "scipy.stats"):  # slow imports: do them once
        importlib.import_module(name)
    from mxnet_today.repair import NEEDED, namespace

    if NEEDED:  # dropped names that only the tests use
        vars(namespace()["__import__"]("numpy")).update(float=float, object=object)
    drop(arguments.results, "started", files)  # after an interrupted run
    if arguments.retry:
        drop(arguments.results, "too slow", files)
    for file in files:
        ended = f"{file} has ended"
        until = time.monotonic() + arguments.file_seconds
        while ended not in read(arguments.results):
            child = os.fork()
            if child == 0:
                run_file(arguments, tests, file)
            while not (status := os.waitpid(child, os.WNOHANG))[0]:
                if time.monotonic() > until:
                    os.kill(child, signal.SIGKILL)
                time.sleep(0.1)
            if time.monotonic() > until:
                drop(arguments.results, "started", [file])
                print(f"{file}: timed out; run this again to continue", flush=True)
                break
            code = os.waitstatus_to_exitcode(status[1])
            outcomes = read(arguments.results).items()
            started = [n for n, (it, _) in outcomes if it == "started" and n.startswith(file)]
            with arguments.results.open("a") as out:
                for name in started:
                    outcome = "too slow" if code in (1, -signal.SIGPROF) else "crashed"
                    out.write(json.dumps([name, outcome, f"exit {code}"]) + "\n")
                if not started and arguments.sample == 1:
                    out.write(json.dumps([ended, "", str(code)]) + "\n")
            if not started:
                break
        counts = collections.Counter(
            it for name, (it, _) in read(arguments.results).items() if name.startswith(file + ":")
        )
        print(time.strftime("%H:%M:%S"), file, dict(counts), flush=True)


def drop(results: Path, unwanted: str, files: list[str]) -> None:
    """Delete the tests of some files with this outcome, so that the next run repeats them."""
    outcomes = read(results)
    for name, (outcome, _) in list(outcomes.items()):
        file = name.partition("::")[0]
        if outcome == unwanted and file in files:
            del outcomes[name]
            outcomes.pop(f"{file} has ended", None)
    lines = [json.dumps([name, *outcome]) for name, outcome in outcomes.items()]
    results.write_text("".join(f"{line}\n" for line in lines))


def folded(results: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return one outcome for each test, whatever its parameters."""
    tests = collections.defaultdict(list)
    for name, (outcome, why) in results.items():
        tests[name.replace(ONNX, "").partition("[")[0]].append((outcome, why))
    outcomes = {}
    for name, each in tests.items():
        count = collections.Counter(outcome for outcome, _ in each)
        text = ", ".join(f"{count[it]} {it}" if len(count) > 1 else it for it in sorted(count))
        waiting = count["not run"] or count["started"]
        why = next((why for outcome, why in each if outcome != "passed"), "")
        outcomes[name] = ["not run" if waiting else text, why]
    return outcomes


def compare(arguments: argparse.Namespace) -> int:
    """Print the differences of two results. Return 1 if one has no reason."""
    old, new = folded(read(arguments.old)), folded(read(arguments.new))
    rows, surprises = {}, 0
    if arguments.write:  # keep the tests that neither has run
        rows = {row[0]: row for row in (line.split("\t") for line in TABLE.open())}
        rows = {name: [part.strip("\n") for part in row] for name, row in rows.items()}
    for name in sorted(name for name in {*old, *new} if "::" in name):
        (a, why_a), (b, why_b) = (results.get(name, ["not run", ""]) for results in (old, new))
        reason = ""
        if "not run" in (a, b):
            reason = why_a or why_b
        elif a != b:
            reason = REASONS.get(name, "")
            surprises += not reason
            print(f"{name}: {a}, {b}: {reason or 'NO REASON: ' + (why_b or why_a)}")
        elif a != "passed":
            offline = re.search("resolve|Max retries|Failed downloading|ConnectionError", why_a)
            reason = "needs the internet" if offline else why_a
        rows[name] = [name, a, b, reason]
    for column, results in ((1, "old"), (2, "new")):
        print(results, dict(collections.Counter(row[column] for row in rows.values())))
    differ = sum(row[1] != row[2] and "not run" not in row for row in rows.values())
    print(f"{differ} differ, {surprises} without a reason")
    if arguments.write:
        lines = sorted("\t".join(row).rstrip("\t") + "\n" for row in rows.values())
        TABLE.write_text("".join(lines))
    return surprises > 0


def main() -> int:
    """Run the given command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(required=True)
    running = commands.add_parser("run")
    running.set_defaults(act=run)
    running.add_argument("folder", type=Path)
    running.add_argument("results", type=Path)
    running.add_argument("files", nargs="*")
    running.add_argument("--retry", action="store_true")
    running.add_argument("--sample", type=int, default=1)
    running.add_argument("--test-seconds", type=int, default=240)
    running.add_argument("--file-seconds", type=int, default=3600)
    comparing = commands.add_parser("compare")
    comparing.set_defaults(act=compare)
    comparing.add_argument("old", type=Path)
    comparing.add_argument("new", type=Path)
    comparing.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    if getattr(arguments, "results", None):
        arguments.results = arguments.results.resolve()
    return arguments.act(arguments) or 0


if __name__ == "__main__":
    sys.exit(main())
