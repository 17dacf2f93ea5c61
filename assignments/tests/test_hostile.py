"""Broken and hostile submissions get no mark they have not earned, and the report says why.

What needs a wall around the student's code is skipped where there is none (see README.md).
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
import uuid
from pathlib import Path

import psutil
import pytest

from assignments.grader.__main__ import close_to_others
from assignments.grader.course import ROOT, SECRET, marks, notebook
from assignments.grader.sandbox import Sandbox
from assignments.tests.submission import Submission, all_tests, best_mode, grade_file, lost

pytestmark = pytest.mark.slow
CORR2D = {"corr2d-visible", "corr2d-images", "corr2d-kernels"}
SECONDS = 8


@pytest.fixture
def mode():
    return best_mode()


@pytest.fixture
def wall(mode):
    if mode == "none":
        pytest.skip("nothing here keeps a student's code from files: no bubblewrap, no other user")
    return mode


def reasons(graded):
    return "\n".join(test["why"] for test in graded["tests"])


def corr2d(body, *before):
    """Return an answer to corr2d with this body, after some lines of the cell."""
    return "\n".join([*before, "def corr2d(X, K):", *(f"    {line}" for line in body.split("\n"))])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("while True: pass", f"no answer after {SECONDS} seconds"),
        (
            "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
            "no answer after",
        ),
        ("return [bytearray(2**30) for _ in range(10**6)]", "MemoryError"),
        ("return np.ones((2**16, 2**16)) * 2", "corr2d: "),
        ("import os; os._exit(0)", "the process ended (exit code 0)"),
        ("import os, signal; os.kill(os.getpid(), 9)", "the process ended"),
        ("import sys; sys.exit(0)", "SystemExit: 0"),
        ("import ctypes; ctypes.string_at(0)", "the process ended"),
        ("def deeper(): deeper()\ndeeper()", "RecursionError"),
        ("return 10**100_000", "corr2d: "),
        ("return [[]] * 10**7", "corr2d: "),
        ("x = []\nx.append(x)\nreturn x", "RecursionError"),
        ("return object()", "not plain data"),
        ("raise SystemExit", "SystemExit"),
        ("return None", "needed: an mxnet.np array"),
        ("return np.full(X.shape, np.nan)", "needed: "),
    ],
)
def test_a_function_that_misbehaves_costs_its_own_marks_alone(tmp_path, mode, body, said):
    graded = Submission("6.2").answer("corr2d", corr2d(body)).grade(tmp_path, mode, SECONDS)
    assert lost(graded) == CORR2D
    assert said in reasons(graded)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("while True: pass", "was left out: no answer after"),
        ("import os; os._exit(0)", "was left out: the process ended (exit code 0)"),
        ("hoard = [bytearray(2**30) for _ in range(10**6)]", "MemoryError"),
        ("def corr2d(X, K)", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_cell_that_misbehaves_costs_its_own_marks_alone(tmp_path, mode, line, said):
    graded = Submission("6.2").answer("corr2d", line).grade(tmp_path, mode, SECONDS)
    assert lost(graded) == CORR2D
    assert "corr2d is not defined" in reasons(graded)
    (note,) = graded["notes"]
    assert note.startswith("cell ")
    assert said in note


def test_endless_loops_everywhere_end(tmp_path, mode):
    submission = Submission("6.2")
    for cell in submission.cells:
        if cell["cell_type"] == "code":
            cell["source"] = "while True: pass"
    begun = time.monotonic()
    graded = submission.grade(tmp_path, mode, seconds=1)
    assert lost(graded) == all_tests("6.2")
    assert time.monotonic() - begun < 120  # no measurement: it would not end at all


@pytest.mark.parametrize("text", ["", "[", "[]", "{}", '{"cells": 5}', "[" * 10**5, "\x00\xff"])
def test_what_is_no_notebook_gets_nothing_and_is_called_so(tmp_path, mode, text):
    path = tmp_path / "6.2.ipynb"
    path.write_text(text)
    graded = grade_file(path, "6.2", mode, SECONDS)
    assert marks(graded) == 0
    assert len(graded["tests"]) == len(all_tests("6.2"))
    assert "the notebook can't be read: it is" in graded["notes"][0]


@pytest.mark.parametrize(
    "cell",
    [
        {"cell_type": "code"},
        {"cell_type": "code", "source": 5},
        {"cell_type": "code", "source": "", "metadata": None},
        {"cell_type": "code", "source": "", "metadata": {"nbgrader": 3}},
        None,
    ],
)
def test_a_notebook_with_an_odd_cell_gets_nothing(tmp_path, mode, cell):
    submission = Submission("6.2")
    submission.cells.append(cell)
    graded = submission.grade(tmp_path, mode, SECONDS)
    assert marks(graded) == 0
    assert "no notebook" in graded["notes"][0]


def test_a_link_to_the_solutions_is_not_followed(tmp_path, mode):
    (tmp_path / "6.2.ipynb").symlink_to(notebook("source", "6.2"))
    graded = grade_file(tmp_path / "6.2.ipynb", "6.2", mode, SECONDS)
    assert marks(graded) == 0
    assert "a link" in graded["notes"][0]


class TestOurCells:
    """Test cells that are deleted, edited or doubled: our own count, and the report says so."""

    @pytest.fixture(params=[(True, CORR2D), (False, all_tests("6.2"))], ids=["solved", "unsolved"])
    def submission(self, request):
        solved, self.loses = request.param
        return Submission("6.2", solved=solved).answer("corr2d", corr2d("return None"))

    def check(self, graded, said):
        assert lost(graded) == self.loses
        assert any(said in note for note in graded["notes"]), graded["notes"]

    def test_deleted(self, submission, tmp_path, mode):
        submission.cells.remove(submission.cell("corr2d-images"))
        self.check(submission.grade(tmp_path, mode), "corr2d-images is missing")

    def test_edited(self, submission, tmp_path, mode):
        for name in CORR2D:
            submission.cell(name)["source"] = "assert True"
        self.check(submission.grade(tmp_path, mode), "corr2d-visible was changed")

    def test_doubled(self, submission, tmp_path, mode):
        copy = json.loads(json.dumps(submission.cell("corr2d-visible")))
        submission.cells.append({**copy, "source": "assert True"})
        self.check(submission.grade(tmp_path, mode), "corr2d-visible is there 2 times")

    def test_renamed_to_an_answer(self, submission, tmp_path, mode):
        known = submission.cell("corr2d-visible")["metadata"]["nbgrader"]
        known.update(grade=False, solution=True, locked=False)
        self.check(submission.grade(tmp_path, mode), "corr2d-visible has other metadata")

    def test_other_points(self, submission, tmp_path, mode):
        for name in ("corr2d-visible", "convolution-any"):
            submission.cell(name)["metadata"]["nbgrader"]["points"] = 1000
        graded = submission.grade(tmp_path, mode)
        assert sum(test["points"] for test in graded["tests"]) == 30
        self.check(graded, "convolution-any has other metadata")

    def test_the_setup_changed(self, submission, tmp_path, mode):
        submission.cell("setup")["source"] += "\n\n\ndef same(*args):\n    pass"
        self.check(submission.grade(tmp_path, mode), "the cell setup was changed")

    def test_all_metadata_stripped(self, submission, tmp_path, mode):
        for cell in submission.cells:
            cell["metadata"] = {}
        self.check(submission.grade(tmp_path, mode), "corr2d-images is missing")

    def test_another_kernel_s_name(self, submission, tmp_path, mode):
        submission.content["metadata"]["kernelspec"]["name"] = "ir"
        self.check(submission.grade(tmp_path, mode), "the kernel 'ir'")


@pytest.mark.parametrize(
    "trick",
    [
        "import numpy.testing\nnumpy.testing.assert_allclose = lambda *a, **k: None\n"
        "numpy.allclose = numpy.array_equal = lambda *a, **k: True",
        "import builtins\nbuiltins.AssertionError = builtins.isinstance = lambda *a: True",
        "def same(actual, expected):\n    pass\n\n\nsummary = whole = same",
        "ip = get_ipython()\nip.input_transformers_cleanup.append(lambda lines: ['pass\\n'])",
        "import sys\nsys.modules['assignments.grader.judge'] = sys.modules['__main__']",
        "import gc, types\nfor f in gc.get_objects():\n"
        "    if isinstance(f, types.FunctionType) and f.__name__ in ('encode', 'answer'):\n"
        "        f.__code__ = (lambda *a, **k: {'result': True}).__code__",
    ],
)
def test_tampering_with_the_student_s_own_process_earns_nothing(tmp_path, mode, trick):
    graded = Submission("6.2", solved=False).append(trick).grade(tmp_path, mode, SECONDS)
    assert marks(graded) == 0


@pytest.mark.parametrize("section", ["6.1", "6.2", "6.3"])
def test_answering_in_the_place_of_the_worker_earns_nothing(tmp_path, mode, section):
    trick = (
        "import gc\n"
        "for d in gc.get_objects():\n"
        "    if isinstance(d, dict) and 'MEMORY_BYTES' in d:\n"
        "        d['answer'] = lambda *a: {'result': True, 'marks': 100}"
    )
    graded = Submission(section, solved=False).append(trick).grade(tmp_path, mode, SECONDS)
    assert marks(graded) == 0
    assert "NotImplementedError" not in reasons(graded)  # the forged answers did arrive


def test_an_answer_that_equals_everything_earns_nothing(tmp_path, mode):
    graded = (
        Submission("6.2", solved=False)
        .append(
            "class Yes:\n"
            "    def __eq__(self, other): return True\n"
            "    def __getattr__(self, name): return self\n"
            "    def __call__(self, *a, **k): return self\n"
            "    def __array__(self, *a): return numpy.ones((2, 2))\n"
            "    shape = (2, 2)\n\n\n"
            "class Array(np.ndarray):\n"
            "    __eq__ = shape = Yes()\n\n\n"
            "corr2d = convolve2d = lambda *a: Yes()\n"
            "windows = corr2d_product = diagonal_kernel = lambda *a: Array(np.ones((2, 2)).handle)"
        )
        .grade(tmp_path, mode, SECONDS)
    )
    assert marks(graded) == 0
    assert "not plain data: " in reasons(graded)


def test_talking_to_the_grader_directly_earns_nothing_and_costs_no_one_else(tmp_path, mode):
    forged = (
        "import os, socket\n"
        "for fd in range(3, 50):\n"
        "    try:\n"
        "        s = socket.socket(fileno=os.dup(fd))\n"
        '        s.send(b\'{"result": true, "marks": 9}\\n{"calls": 0, "args": 7}\\nrubbish\\n\')\n'
        "    except OSError: pass\n"
        "return True"
    )
    graded = Submission("6.2").answer("corr2d", corr2d(forged)).grade(tmp_path, mode, SECONDS)
    assert lost(graded) >= CORR2D


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("while True: layer(x)", f"no answer after {SECONDS} seconds"),
        ("return layer(np.zeros((1000, 1000)))", "the array is too large"),
        ("return layer(layer)", "not plain data"),
        ("return layer(x, x, x)", "TypeError"),
    ],
)
def test_a_function_of_ours_that_is_called_wrongly(tmp_path, mode, body, said):
    text = f"def moves_along(layer, x, by):\n    {body}"
    graded = Submission("6.1").answer("shift", text).grade(tmp_path, mode, SECONDS)
    assert lost(graded) == {"shift-visible", "shift-any"}
    assert said in reasons(graded)


def test_printing_a_hundred_megabytes_costs_nothing(tmp_path, mode):
    lines = "for _ in range(100):\n    print('x' * 10**6)\n    import os; os.write(1, b'x' * 10**6)"
    graded = Submission("6.2").append(lines).grade(tmp_path, mode)
    assert lost(graded) == set()
    assert "it printed 100,000,1" in graded["notes"][0]


def test_files_that_grow_without_end_are_stopped(tmp_path, mode):
    body = "with open('grow', 'wb') as file:\n    while True: file.write(b'x' * 2**20)"
    graded = Submission("6.2").answer("corr2d", corr2d(body)).grade(tmp_path, mode, SECONDS)
    assert lost(graded) == CORR2D
    assert "File too large" in reasons(graded)


def test_many_files_fill_no_disk(tmp_path, mode):
    if mode != "bwrap":
        pytest.skip("only bubblewrap limits how much many files take together")
    body = (
        "for i in range(1000):\n"
        "    with open(f'file{i}', 'wb') as file: file.write(b'x' * 2**20)\n"
        "return X"
    )
    graded = Submission("6.2").answer("corr2d", corr2d(body)).grade(tmp_path, mode, SECONDS)
    assert lost(graded) == CORR2D
    assert "No space left" in reasons(graded)


def test_the_solutions_and_others_files_can_t_be_read(tmp_path, wall):
    if wall == "user":
        close_to_others([*SECRET, tmp_path])  # as the grader does
    other = tmp_path / "other.ipynb"
    other.write_text(notebook("source", "6.2").read_text())
    for path in (notebook("source", "6.2"), other, ROOT / "tests" / "stored.py"):
        body = f"text = open({str(path)!r}).read()\nreturn np.array([len(text)])"
        graded = Submission("6.2").answer("corr2d", corr2d(body)).grade(tmp_path, wall)
        assert lost(graded) == CORR2D
        assert "FileNotFoundError" in reasons(graded) or "PermissionError" in reasons(graded)


def test_the_marks_can_t_be_written(tmp_path, wall):
    book = tmp_path / "marks.csv"
    book.write_text("student,total\n")
    for path in (book, tmp_path / "new", ROOT / "assignments" / "grader" / "new"):
        body = f"open({str(path)!r}, 'a').write('me,1000')\nreturn X"
        graded = Submission("6.2").answer("corr2d", corr2d(body)).grade(tmp_path, wall)
        assert lost(graded) == CORR2D
        assert "Error: [Errno" in reasons(graded)
    assert book.read_text() == "student,total\n"
    assert not (tmp_path / "new").exists()
    assert not (ROOT / "assignments" / "grader" / "new").exists()


def test_a_background_process_is_ended_and_reported(tmp_path, wall):
    mark = f"left-{uuid.uuid4()}"
    lines = (
        "import os, subprocess, sys\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        f"    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)', {mark!r}])\n"
        "    os._exit(0)\n"
        "os.wait()"
    )
    graded = Submission("6.2").append(lines).grade(tmp_path, wall)
    assert lost(graded) == set()
    assert graded["notes"] == ["it left 1 processes running; they were ended"]
    assert not [p for p in psutil.process_iter(["cmdline"]) if mark in (p.info["cmdline"] or [])]


def test_processes_are_few_and_ended(tmp_path, wall):
    if os.getuid() != 0:
        pytest.skip("the number of processes is limited for root's other users alone")
    # Not with fork: MXNet starts threads after one, and aborts where it may not
    lines = "import os\nfor _ in range(200): os.posix_spawn('/bin/sleep', ['sleep', '99'], {})"
    body = f"{lines}\nreturn X"
    graded = Submission("6.2").answer("corr2d", corr2d(body)).grade(tmp_path, wall)
    assert lost(graded) == CORR2D
    assert "BlockingIOError" in reasons(graded)
    assert "processes running; they were ended" in graded["notes"][0]
    sandbox = Sandbox(wall)
    sandbox.close()
    known = psutil.process_iter(["uids", "status"])
    alive = [p.info["uids"] for p in known if p.info["status"] != psutil.STATUS_ZOMBIE]
    assert sandbox.user not in [user.real for user in alive if user]


def test_killing_everything_kills_itself_alone(tmp_path, wall):
    body = "import os\nfor pid in (os.getppid(), -1, 1): os.kill(pid, 9)\nreturn X"
    graded = Submission("6.2").answer("corr2d", corr2d(body)).grade(tmp_path, wall, SECONDS)
    assert lost(graded) == CORR2D


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ranks processes that way")
def test_when_memory_runs_out_the_student_s_process_goes_first(tmp_path, mode):
    lines = "raise ValueError(open('/proc/self/oom_score_adj').read())"
    (note,) = Submission("6.2").append(lines).grade(tmp_path, mode)["notes"]
    assert "ValueError: 1000" in note


def test_there_is_no_network(tmp_path, mode):
    if mode != "bwrap":
        pytest.skip("only bubblewrap closes the network")
    with socket.create_server(("127.0.0.1", 0)) as server:
        body = (
            "import socket\n"
            f"socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 2)\n"
            "return X"
        )
        graded = Submission("6.2").answer("corr2d", corr2d(body)).grade(tmp_path, mode)
        assert lost(graded) == CORR2D
        assert "Error: [Errno" in reasons(graded)
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_the_worker_sees_python_and_the_package_alone(tmp_path, mode):
    if mode != "bwrap":
        pytest.skip("only bubblewrap hides the rest of the files")
    lines = "import os\nraise ValueError(sorted(os.listdir('/')), sorted(os.listdir('/proc')))"
    (note,) = Submission("6.2").append(lines).grade(tmp_path, mode)["notes"]
    bound = {Path(path).parts[1] for path in (sys.prefix, sys.base_prefix, ROOT)}
    for folder in {"home", "root", "var"} - bound:
        assert f"'{folder}'" not in note
    assert "'99'" not in note
    assert str(Path(sys.prefix).parts[1]) in note
