"""Broken and hostile submissions get only the marks they earn, and the report says why.

Tests that need a sandbox are skipped if there is none (see assignments/README.md).
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path

import psutil
import pytest

from tools.grader import judge, limits, modes, report
from tools.grader import sandbox as sandbox_module
from tools.grader.assignments import assignment, notebook
from tools.grader.limits import ARGUMENT_NUMBERS
from tools.grader.sandbox import Clock, Gone, Sandbox, Ungraded
from tools.grader.student import Job, grade_student
from tools.grader.tests.submission import (
    PATIENCE,
    Submission,
    all_tests,
    best_mode,
    grade_file,
    lost,
    run,
)
from tools.grader.wire import decode
from tools.isolation import ROOT, cgroup, users
from tools.isolation.bwrap import exposed
from tools.isolation.cgroup import Group

pytestmark = pytest.mark.slow
CORR2D = {"corr2d-visible", "corr2d-images", "corr2d-kernels"}
SECONDS = 8


@pytest.fixture
def mode():
    return best_mode()


@pytest.fixture
def isolated(mode):
    if mode == "none":
        pytest.skip("nothing here keeps a student's code from files: no bubblewrap")
    return mode


def reasons(graded):
    return "\n".join(test.why for test in graded.tests)


def corr2d(body, *before):
    """Return an answer to corr2d with this body, below other lines."""
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
        ("return None", "expected: an mxnet.np array"),
        ("return np.full(X.shape, np.nan)", "expected: "),
    ],
)
def test_a_bad_function_costs_only_its_own_marks(tmp_path, mode, body, said):
    graded = Submission("6.2").answer("corr2d", corr2d(body)).grade(tmp_path, mode, SECONDS)
    assert lost(graded) == CORR2D
    assert said in reasons(graded)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("while True: pass", "was skipped: no answer after"),
        ("import os; os._exit(0)", "was skipped: the process ended (exit code 0)"),
        ("hoard = [bytearray(2**30) for _ in range(10**6)]", "MemoryError"),
        ("def corr2d(X, K)", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_bad_cell_costs_only_its_own_marks(tmp_path, mode, line, said):
    graded = Submission("6.2").answer("corr2d", line).grade(tmp_path, mode, SECONDS)
    assert lost(graded) == CORR2D
    assert "corr2d is not defined" in reasons(graded)
    (note,) = graded.notes
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
    assert time.monotonic() - begun < 120  # not a measurement: it would never end


@pytest.mark.parametrize("text", ["", "[", "[]", "{}", '{"cells": 5}', "[" * 10**5, "\x00\xff"])
def test_files_that_are_not_notebooks_are_unreadable(tmp_path, mode, text):
    path = tmp_path / "6.2.ipynb"
    path.write_text(text)
    graded = grade_file(path, "6.2", mode, SECONDS)
    assert not graded.readable
    assert (graded.marks, graded.points) == (0, 30)
    assert "the notebook can't be read: it is" in next(iter(graded.notes))


def test_a_link_to_the_solutions_is_not_followed(tmp_path, mode):
    (tmp_path / "6.2.ipynb").symlink_to(notebook("source", "6.2"))
    graded = grade_file(tmp_path / "6.2.ipynb", "6.2", mode, SECONDS)
    assert graded.marks == 0
    assert "a link" in next(iter(graded.notes))


class TestOurCells:
    """If test cells are deleted, edited or doubled, ours count, and the report says so."""

    @pytest.fixture(params=[(True, CORR2D), (False, all_tests("6.2"))], ids=["solved", "unsolved"])
    def submission(self, request):
        solved, self.loses = request.param
        return Submission("6.2", solved=solved).answer("corr2d", corr2d("return None"))

    def check(self, graded, changed):
        assert lost(graded) == self.loses
        (note,) = [note for note in graded.notes if "the originals were used" in note]
        assert {*note.partition(": ")[2].split(", ")} == changed

    def test_deleted(self, submission, tmp_path, mode):
        submission.cells.remove(submission.cell("corr2d-images"))
        self.check(submission.grade(tmp_path, mode), {"corr2d-images"})

    def test_edited(self, submission, tmp_path, mode):
        for name in CORR2D:
            submission.cell(name)["source"] = "assert True"
        self.check(submission.grade(tmp_path, mode), CORR2D)

    def test_doubled(self, submission, tmp_path, mode):
        copy = json.loads(json.dumps(submission.cell("corr2d-visible")))
        submission.cells.append({**copy, "source": "assert True"})
        self.check(submission.grade(tmp_path, mode), {"corr2d-visible"})

    def test_renamed_to_an_answer(self, submission, tmp_path, mode):
        known = submission.cell("corr2d-visible")["metadata"]["nbgrader"]
        known.update(grade=False, solution=True, locked=False)
        self.check(submission.grade(tmp_path, mode), {"corr2d-visible"})

    def test_other_points(self, submission, tmp_path, mode):
        names = {"corr2d-visible", "convolution-any"}
        for name in names:
            submission.cell(name)["metadata"]["nbgrader"]["points"] = 1000
        graded = submission.grade(tmp_path, mode)
        assert sum(test.points for test in graded.tests) == 30
        self.check(graded, names)

    def test_the_setup_changed(self, submission, tmp_path, mode):
        submission.cell("setup")["source"] += "\n\n\ndef same(*args):\n    pass"
        self.check(submission.grade(tmp_path, mode), {"setup"})

    def test_all_metadata_stripped(self, submission, tmp_path, mode):
        for cell in submission.cells:
            cell["metadata"] = {}
        given = assignment("6.2").given
        ours = {cell.id for cell in given if cell.id and not cell.is_answer}
        self.check(submission.grade(tmp_path, mode), ours)


@pytest.mark.parametrize(
    "trick",
    [
        "import numpy.testing\nnumpy.testing.assert_allclose = lambda *a, **k: None\n"
        "numpy.allclose = numpy.array_equal = lambda *a, **k: True",
        "import builtins\nbuiltins.AssertionError = builtins.isinstance = lambda *a: True",
        "def same(actual, expected):\n    pass\n\n\nsummary = whole = same",
        "ip = get_ipython()\nip.input_transformers_cleanup.append(lambda lines: ['pass\\n'])",
        "import sys\nsys.modules['tools.grader.judge'] = sys.modules['__main__']",
        "import gc, types\nfor f in gc.get_objects():\n"
        "    if isinstance(f, types.FunctionType) and f.__name__ in ('encode', 'answer'):\n"
        "        f.__code__ = (lambda *a, **k: {'result': True}).__code__",
    ],
)
def test_tampering_with_the_own_process_earns_nothing(tmp_path, mode, trick):
    graded = Submission("6.2", solved=False).append(trick).grade(tmp_path, mode, SECONDS)
    assert graded.marks == 0


@pytest.mark.parametrize("section", ["6.1", "6.2", "6.3"])
def test_answering_instead_of_the_worker_earns_nothing(tmp_path, mode, section):
    trick = (
        "import gc\n"
        "for d in gc.get_objects():\n"
        "    if isinstance(d, dict) and 'make_shell' in d:\n"
        "        d['answer'] = lambda *a: {'result': True, 'marks': 100}"
    )
    graded = Submission(section, solved=False).append(trick).grade(tmp_path, mode, SECONDS)
    assert graded.marks == 0
    assert "NotImplementedError" not in reasons(graded)  # the forged answers arrived


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
    assert graded.marks == 0
    assert "not plain data: " in reasons(graded)


def test_talking_to_the_grader_directly_earns_nothing(tmp_path, mode):
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
        ("while True: layer(x)", "no answer after"),
        ("return layer(np.zeros((1000, 1000)))", "the array is too large"),
        ("return layer(np.zeros((0, 2 * 10**8)))", "the array is too large"),
        ("return layer(layer)", "not plain data"),
        ("return layer(x, x, x)", "the function raises an error with these arguments"),
        ("return layer(x, None)", "must be an array, a number, a text or a tuple, got None"),
    ],
)
def test_calling_our_functions_wrongly_fails_safely(tmp_path, mode, body, said):
    text = f"def moves_along(layer, x, by):\n    {body}"
    graded = Submission("6.1").answer("shift", text).grade(tmp_path, mode, SECONDS)
    assert lost(graded) == {"shift-visible", "shift-any"}
    assert said in reasons(graded)


def test_printing_a_hundred_megabytes_costs_nothing(tmp_path, mode):
    lines = "for _ in range(100):\n    print('x' * 10**6)\n    import os; os.write(1, b'x' * 10**6)"
    graded = Submission("6.2").append(lines).grade(tmp_path, mode)
    assert lost(graded) == set()
    assert not graded.notes


def test_endlessly_growing_files_are_stopped(tmp_path, mode):
    body = "with open('grow', 'wb') as file:\n    while True: file.write(b'x' * 2**20)"
    graded = Submission("6.2").answer("corr2d", corr2d(body)).grade(tmp_path, mode, SECONDS)
    assert lost(graded) == CORR2D
    assert "File too large" in reasons(graded)


def test_many_files_do_not_fill_the_disk(tmp_path, mode):
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


def test_solutions_and_other_students_files_are_unreadable(tmp_path, isolated):
    other = tmp_path / "other.ipynb"
    other.write_text(notebook("source", "6.2").read_text())
    for path in (notebook("source", "6.2"), other, ROOT / "tests" / "stored.py"):
        body = f"text = open({str(path)!r}).read()\nreturn np.array([len(text)])"
        graded = Submission("6.2").answer("corr2d", corr2d(body)).grade(tmp_path, isolated)
        assert lost(graded) == CORR2D
        assert "FileNotFoundError" in reasons(graded) or "PermissionError" in reasons(graded)


def test_the_marks_can_t_be_written(tmp_path, isolated):
    book = tmp_path / "marks.csv"
    book.write_text("student,total\n")
    for path in (book, tmp_path / "new", ROOT / "assignments" / "grader" / "new"):
        body = f"open({str(path)!r}, 'a').write('me,1000')\nreturn X"
        graded = Submission("6.2").answer("corr2d", corr2d(body)).grade(tmp_path, isolated)
        assert lost(graded) == CORR2D
        assert "Error: [Errno" in reasons(graded)
    assert book.read_text() == "student,total\n"
    assert not (tmp_path / "new").exists()
    assert not (ROOT / "assignments" / "grader" / "new").exists()


def test_a_background_process_is_ended_and_reported(tmp_path, isolated):
    mark = f"left-{uuid.uuid4()}"
    lines = (
        "import os, subprocess, sys\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        f"    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)', {mark!r}])\n"
        "    os._exit(0)\n"
        "os.wait()"
    )
    graded = Submission("6.2").append(lines).grade(tmp_path, isolated)
    assert lost(graded) == set()
    assert [*graded.notes] == ["it left 1 processes running; they were ended"]
    assert not [p for p in psutil.process_iter(["cmdline"]) if mark in (p.info["cmdline"] or [])]


def test_processes_are_limited_and_ended(tmp_path, isolated):
    grouped(isolated, "processes")
    # Not with fork: MXNet starts threads afterwards, and aborts if it can't
    lines = "import os\nfor _ in range(200): os.posix_spawn('/bin/sleep', ['sleep', '99'], {})"
    body = f"{lines}\nreturn X"
    graded = Submission("6.2").answer("corr2d", corr2d(body)).grade(tmp_path, isolated)
    assert lost(graded) == CORR2D
    assert "BlockingIOError" in reasons(graded)
    assert "processes running; they were ended" in next(iter(graded.notes))
    if os.getuid() != 0:
        return
    sandbox = Sandbox(isolated)
    sandbox.close()
    known = psutil.process_iter(["uids", "status"])
    alive = [p.info["uids"] for p in known if p.info["status"] != psutil.STATUS_ZOMBIE]
    assert sandbox.mode.user not in [user.real for user in alive if user]


def test_a_student_s_processes_leave_room_for_others(isolated):
    grouped(isolated, "processes")
    hoarding = Sandbox(isolated)
    kept = users.free_user() if os.getuid() == 0 else None
    users.free_user.cache_clear()  # as in a separate process
    innocent = Sandbox(isolated)
    assert not kept or hoarding.mode.user != innocent.mode.user
    hoard = (
        "import os, time\nfor _ in range(200): os.posix_spawn('/bin/sleep', ['sleep', '99'], {})"
    )
    work = (
        "import os, threading\n"
        "for _ in range(10): os.posix_spawn('/bin/sleep', ['sleep', '1'], {})\n"
        "thread = threading.Thread(target=print)\nthread.start()\nthread.join()"
    )
    try:
        assert "BlockingIOError" in str(run(hoarding, hoard))
        assert run(innocent, work) == []
    finally:
        assert 10 < hoarding.close() < 40
        innocent.close()


def test_killing_everything_kills_only_itself(tmp_path, isolated):
    body = "import os\nfor pid in (os.getppid(), -1, 1): os.kill(pid, 9)\nreturn X"
    graded = Submission("6.2").answer("corr2d", corr2d(body)).grade(tmp_path, isolated, SECONDS)
    assert lost(graded) == CORR2D


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ranks processes that way")
def test_without_memory_the_student_s_process_is_killed_first(tmp_path, mode):
    lines = "raise ValueError(open('/proc/self/oom_score_adj').read())"
    (note,) = Submission("6.2").append(lines).grade(tmp_path, mode).notes
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


def test_the_worker_sees_only_python_and_the_package(tmp_path, mode):
    if mode != "bwrap":
        pytest.skip("only bubblewrap hides the rest of the files")
    lines = "import os\nraise ValueError(sorted(os.listdir('/')), sorted(os.listdir('/proc')))"
    (note,) = Submission("6.2").append(lines).grade(tmp_path, mode).notes
    bound = {Path(path).parts[1] for path in (sys.prefix, sys.base_prefix, ROOT)}
    for folder in {"home", "root", "var"} - bound:
        assert f"'{folder}'" not in note
    assert "'99'" not in note
    assert str(Path(sys.prefix).parts[1]) in note


def test_unneeded_system_calls_are_blocked(tmp_path, mode):
    sandbox = Sandbox(mode)
    sandbox.close()
    if not sandbox.holds["calls to the kernel"]:
        pytest.skip("no libseccomp here")
    numbers = {"x86_64": (250, 425, 319, 101, 298), "aarch64": (219, 425, 279, 117, 241)}
    lines = (
        "import ctypes, errno, os, socket\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "open_, x86 = [], os.uname().machine == 'x86_64'\n"
        "def closed(name, result):\n"
        "    if result >= 0 or ctypes.get_errno() != errno.EPERM: open_.append(name)\n"
        "    ctypes.set_errno(0)\n"
        "for flag in (0x20000, 0x10000000, 0x40000000):\n"
        "    closed('unshare', libc.unshare(flag))\n"
        "    closed('clone', libc.syscall(56 if x86 else 220, flag | 17, 0))\n"
        "closed('mount', libc.mount(b'x', b'/tmp', b'tmpfs', 0, None))\n"
        "closed('memfd', libc.memfd_create(b'x', 0))\n"
        "closed('shm', libc.shmget(0, 4096, 0o1600))\n"
        "closed('sem', libc.semget(0, 1, 0o1600))\n"
        "closed('msg', libc.msgget(0, 0o1600))\n"
        f"for number in {numbers}[os.uname().machine]:\n"
        "    closed(number, libc.syscall(number, 0, 0, 0, 0, 0))\n"
        "for family in (40, 40 + 2**32, 38, 17):  # the kernel uses only the lower half\n"
        "    closed(family, libc.syscall(41 if x86 else 198, ctypes.c_long(family), 1, 0))\n"
        "raise ValueError(open_)"
    )
    (note,) = Submission("6.2").append(lines).grade(tmp_path, mode).notes
    assert note.endswith("raises ValueError: []")


def test_the_session_s_keys_are_unreachable(tmp_path, isolated):
    add_key, keyctl = {"x86_64": (248, 250), "aarch64": (217, 219)}[os.uname().machine]
    kernel = ctypes.CDLL(None)
    name = f"d2lconv-{uuid.uuid4()}".encode()
    key = kernel.syscall(add_key, b"user", name, b"secret", 6, -3)  # the session's
    if key < 0:
        pytest.skip("this machine keeps no keys")
    assert name.decode() in Path("/proc/keys").read_text()
    try:
        lines = "try: said = open('/proc/keys').read()\nexcept OSError: said = 'closed'\n"
        lines += "raise ValueError(said)"
        (note,) = Submission("6.2").append(lines).grade(tmp_path, isolated).notes
    finally:
        kernel.syscall(keyctl, 3, key)  # revoked
    assert "ValueError" in note
    assert name.decode() not in note


def grouped(mode, what):
    sandbox = Sandbox(mode)
    sandbox.close()
    if not sandbox.holds[what]:
        pytest.skip(f"not limited here: {what}")


def test_open_files_and_sockets_are_limited(tmp_path, mode):
    body = "import socket\nkept = [socket.socketpair() for _ in range(10**4)]\nreturn X"
    graded = Submission("6.2").answer("corr2d", corr2d(body)).grade(tmp_path, mode)
    assert lost(graded) == CORR2D
    assert "Too many open files" in reasons(graded)


def test_empty_files_are_limited_too(tmp_path, mode):
    if mode != "bwrap":
        pytest.skip("only bubblewrap has a separate folder")
    grouped(mode, "number of files")
    for folder in ("os.environ['HOME']", "'/dev/shm'", "'/proc/1/root' + os.environ['HOME']"):
        lines = f"import os\nfolder = {folder}\nfor i in range(10**5): "
        lines += "open(f'{folder}/{i}', 'w').close()"
        body = f"{lines}\nreturn X"
        graded = Submission("6.2").answer("corr2d", corr2d(body)).grade(tmp_path, mode)
        assert lost(graded) == CORR2D
        assert "No space left" in reasons(graded)


def test_without_capabilities_bubblewrap_still_isolates(monkeypatch):
    monkeypatch.setattr(modes.os, "getuid", lambda: 1000)
    monkeypatch.setattr(modes, "bwrap_can", lambda *options, start=(): not start)
    mode = modes.Bubblewrap()
    assert mode.options == ["--unshare-user", "--disable-userns"]
    command = mode.command(["worker"])
    assert command[-3:] == ["--remount-ro", "/dev", "worker"]
    assert not {"--cap-add", "unshare", "setpriv"} & {*command}


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives sandboxes a user")
def test_sandboxes_take_any_free_user(monkeypatch, tmp_path):
    monkeypatch.setattr(users, "TAKEN", tmp_path / "taken")
    monkeypatch.setattr(users.random, "sample", lambda population, k: [*population][-2:])
    found = []
    for _ in range(2):
        users.free_user.cache_clear()
        found.append(users.free_user())
    assert [user for user, _ in found] == [65278, 65279]
    users.free_user.cache_clear()
    with pytest.raises(OSError, match="no user left"):
        users.free_user()
    users.free_user.cache_clear()


def test_the_memory_of_all_processes_is_limited_together(tmp_path, isolated):
    # at most 6 x 500 MB: allowed for one process, but not for all
    text = "import time; x = b'x' * 500_000_000; time.sleep(99)"
    body = (
        "import os, sys\n"
        f"for _ in range(6): os.posix_spawn(sys.executable, ['python', '-c', {text!r}], {{}})\n"
        "while True: pass"
    )
    graded = Submission("6.2").answer("corr2d", corr2d(body)).grade(tmp_path, isolated, 30)
    assert lost(graded) == CORR2D
    assert "MiB of memory and was ended" in reasons(graded) or "no answer" in reasons(graded)


def test_a_killed_student_is_graded_again_alone(tmp_path, mode):
    submission = Submission("6.2").answer(
        "corr2d", corr2d("import os, signal; os.kill(os.getpid(), 9)")
    )
    with pytest.raises(Ungraded, match="ended from outside, or by itself"):
        submission.grade(tmp_path, mode, alone=False)
    assert lost(submission.grade(tmp_path, mode, alone=True)) == CORR2D


@pytest.fixture
def around(monkeypatch):
    """A control group of 400 MiB that contains those of the sandboxes."""
    try:
        outer = Group(400 * 2**20, 200)
    except OSError:
        pytest.skip("no control groups here")
    for folder in set(outer.folders.values()):
        if (folder / "cgroup.subtree_control").exists():
            (folder / "cgroup.subtree_control").write_text("+memory +pids")
    with monkeypatch.context() as patch:
        patch.setattr(cgroup, "_own", lambda: outer.folders)
        yield outer
    outer.close()


def fill(entrances):
    """Use more memory than the group has."""
    lines = "".join(f"open({str(each)!r}, 'w').write('0')\n" for each in entrances)
    subprocess.run([sys.executable, "-c", f"{lines}x = bytearray(2**30)"], check=False)


def test_running_out_of_memory_is_read_from_the_own_cgroup(around):
    roomy, tight = Group(2**31, 20), Group(50 * 2**20, 20)
    idle, outside = Group(2**31, 20), sandbox_module.killed()
    try:
        assert [(each.killed(), each.full()) for each in (roomy, tight, idle)] == 3 * [(False,) * 2]
        fill(tight.entrances())
        assert (tight.killed(), tight.full()) == (True, True)
        fill(roomy.entrances())  # the outer limit is reached first
        assert (roomy.killed(), roomy.full()) == (True, False)
        assert (idle.killed(), idle.full()) == (False, False)
        assert sandbox_module.killed() >= outside + 2
    finally:
        for each in (roomy, tight, idle):
            each.close()


@pytest.mark.parametrize("events", ["oom 0\noom_kill {}", "oom_kill_disable 0\noom_kill {}"])
def test_both_cgroup_versions_report_running_out_of_memory(tmp_path, events):
    group = Group.__new__(Group)
    group.folders = {"memory": tmp_path}
    second = "oom 0" in events
    file = tmp_path / ("memory.events.local" if second else "memory.oom_control")
    for killed, full in [(0, 0), (1, 0), (1, 1)]:
        file.write_text(events.format(killed).replace("oom 0", f"oom {full}"))
        if not second:
            (tmp_path / "memory.limit_in_bytes").write_text(f"{2**30}\n")
            (tmp_path / "memory.max_usage_in_bytes").write_text(f"{2 ** (29 + full)}\n")
        assert (group.killed(), group.full()) == (bool(killed), bool(full))


@pytest.mark.parametrize("grouped", [True, False])
def test_others_running_out_of_memory_costs_a_student_no_marks(mode, monkeypatch, grouped):
    if not grouped:
        monkeypatch.setattr(cgroup, "_own", dict)
    sandbox = Sandbox(mode)
    if bool(sandbox.group) != grouped:
        sandbox.close()
        pytest.skip("no control groups here")
    try:
        monkeypatch.setattr(sandbox_module, "killed", lambda: sandbox.killed_before + 1)
        with pytest.raises(Gone if grouped else Ungraded, match="exit code"):
            run(sandbox, "import os; os.kill(os.getpid(), 9)")
    finally:
        sandbox.close()


def test_sleeping_code_gets_more_time_but_not_unlimited(tmp_path, mode):
    submission = Submission("6.2").append("import time\ntime.sleep(4)\ntime.sleep(99)")
    graded = submission.grade(tmp_path, mode, 3, alone=False)
    assert lost(graded) == set()
    (note,) = graded.notes
    assert "statement 3 was skipped: no answer after 9 seconds, most of which it slept" in note


def test_a_sandbox_that_does_not_start_costs_no_marks(tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise Ungraded("it does not start")

    monkeypatch.setattr(judge, "Sandbox", fail)
    path = Submission("6.2").write(tmp_path / "6.2.ipynb")
    with pytest.raises(Ungraded):
        grade_file(path, "6.2", "none")
    with pytest.raises(Ungraded):
        grade_student("me", [path], Job(tmp_path, "none", 1))
    assert not [*tmp_path.glob("results/*"), *tmp_path.glob("*.html")]


def test_a_student_s_notebooks_share_a_time_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "STUDENT_CALLS", 0)
    graded = Submission("6.2").grade(tmp_path, "none", 1)
    assert lost(graded) == all_tests("6.2")
    assert "has used up its time" in reasons(graded)


@pytest.mark.parametrize(
    "sent",
    [
        {"mxnet": ["float32", [0, 2 * 10**8], ""]},
        {"numpy": ["float64", [2 * 10**8, 0], ""]},
        {"numpy": ["int8", [1] * 33, "AA=="]},
        {"numpy": ["float64", [-1, 0], ""]},
        {"numpy": ["O", [1], "AAAAAAAAAAA="]},
        {"numpy": ["x" * 10**6, [1], ""]},
        {"list": 10**6 * [1] + [{"numpy": ["U1", [1], "AAAA"]}]},
        {"function": 1},
        {},
        [],
    ],
    ids=lambda sent: str(sent)[:30],
)
def test_malformed_answers_are_refused(sent):
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)) as caught:
        decode(sent, numbers=ARGUMENT_NUMBERS)
    assert len(str(caught.value)) < 500


def test_long_ids_notes_and_answers_do_not_bloat_the_page(tmp_path):
    submission = Submission("6.2", solved=False)
    for number in range(400):
        known = {"grade_id": f"{number}" + "<" * 2**14, "solution": True}
        cell = {"cell_type": "markdown", "metadata": {"nbgrader": known}, "source": "<" * 30_000}
        submission.cells.append(cell)
    submission.content["metadata"]["kernelspec"]["name"] = "<" * 2**20
    path = submission.write(tmp_path / "6.2.ipynb")
    report.write("me", grade_student("me", [path], Job(tmp_path, "none", PATIENCE)), tmp_path)
    assert (tmp_path / "me.html").stat().st_size < 6_000_000


def test_secrets_in_folders_that_students_can_read_are_refused(tmp_path):
    for folder in ("/usr/local/course", "/usr", "/bin/x", sys.prefix, f"{sys.base_prefix}/a/b"):
        assert "which the students' code has to see" in exposed("bwrap", [tmp_path, Path(folder)])
    (tmp_path / "link").symlink_to("/usr/share")
    assert exposed("bwrap", [tmp_path / "link" / "submissions"])
    assert exposed("bwrap", [tmp_path, Path("/usrx"), Path("/home/usr")]) is None
    assert exposed("none", [Path("/usr")]) is None


def test_a_busy_machine_costs_no_marks(monkeypatch):
    now, worked, waits, delayed = [0.0], [0.0], [True], [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    clock = Clock(12, lambda: (worked[0], waits[0], delayed[0]))

    def later(seconds, computing, waiting, limit=12):
        now[0], worked[0], waits[0] = now[0] + seconds, worked[0] + computing, waiting
        clock.seconds = limit
        clock.look()
        return round(clock.computed, 6), round(clock.slept, 6), round(clock.waited, 6)

    assert later(1, 0.3, True) == (0, 0, 0)  # the first look
    assert later(10, 1, True) == (1, 0, 9)
    assert later(10, 10, True) == (11, 0, 9)
    assert later(0.1, 0, False) == (11, 0, 9)  # too early for another look
    assert later(4.9, 0, False) == (11, 5, 9)
    with pytest.raises(Gone, match="no answer after 11 seconds"):
        later(1, 0, True, limit=11)
    delayed[0] = 3  # of the five seconds, the time when the machine was busy
    assert later(5, 0, False) == (11, 7, 13)
    later(1000, 0.5, True, limit=20)
    with pytest.raises(Ungraded, match="the machine is too busy"):
        later(1, 0, True, limit=15)
