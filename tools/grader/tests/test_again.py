"""One start of MXNet serves all of a student's notebooks, each with a separate worker."""

from __future__ import annotations

import contextlib
import time

import pytest

from tools.grader import judge
from tools.grader import sandbox as sandbox_module
from tools.grader.sandbox import Gone, Sandbox
from tools.grader.student import Job, grade_student
from tools.grader.tests.submission import PATIENCE, THREE, Submission, best_mode, lost, run

pytestmark = pytest.mark.slow


@pytest.fixture(params=["best", "none"])
def sandbox(request):
    mode = best_mode()
    if request.param == "none" == mode:
        pytest.skip("it is the best one here")
    made = Sandbox(mode if request.param == "best" else "none")
    yield made
    made.close()


def told(sandbox, expression):
    """Evaluate an expression in the student's notebook."""
    run(sandbox, f"def tell(): return {expression}")
    return sandbox.ask({"call": "tell"}, PATIENCE)


def test_the_next_worker_sees_no_changes(sandbox):
    run(
        sandbox,
        "import os, resource, sys\n"
        "from mxnet import np\n"
        "kept = 1\n"
        "np.ones = np.zeros\n"
        "os.environ['CHANGED'] = 'yes'\n"
        "os.chdir('/')\n"
        "sys.path.append('/changed')\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))",
    )
    assert told(sandbox, "float(np.ones(3).sum())") == 0
    before = sandbox.worker
    assert sandbox.recycle()
    assert sandbox.worker != before
    run(sandbox, "import os, resource, sys\nfrom mxnet import np")
    assert told(sandbox, "float(np.ones(3).sum())") == 3
    assert told(sandbox, "'CHANGED' in os.environ or '/changed' in sys.path") is False
    assert told(sandbox, "os.getcwd() == os.environ['HOME']") is True
    assert told(sandbox, "resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 9") is True
    assert "NameError" in str(run(sandbox, "kept"))
    assert sandbox.close() == 0


def test_no_two_workers_draw_the_same_numbers(sandbox):
    draws = "[__import__('numpy').random.rand(), __import__('random').random()]"
    first = told(sandbox, draws)
    assert sandbox.recycle()
    second = told(sandbox, draws)
    assert first[0] != second[0]
    assert first[1] != second[1]


@pytest.mark.parametrize(
    "left",
    [
        "open('left', 'w').close()",
        "import os; os.makedirs('left/' + 'deep/' * 50)",
        "import os; os.symlink('/nowhere', 'left')",
        "import os; os.mkdir('left', 0)",
        "import os; os.posix_spawn('/bin/sleep', ['sleep', '99'], {})",
        "import os; os.fork() or __import__('time').sleep(99)",
        "import os; os.mkdir('left'); os.rmdir('left'); os.chmod('.ipython', 0o700)",
    ],
)
def test_code_that_leaves_files_gets_a_new_sandbox_next_time(sandbox, left, monkeypatch):
    monkeypatch.setattr(sandbox_module, "AGAIN_SECONDS", 2)
    run(sandbox, left)
    assert not sandbox.recycle()
    assert sandbox.close() == ("posix_spawn" in left or "fork" in left)


def test_a_worker_that_stops_its_parent_gains_nothing(sandbox, monkeypatch):
    monkeypatch.setattr(sandbox_module, "AGAIN_SECONDS", 2)
    run(sandbox, "kept = 1\nimport os, signal; os.kill(os.getppid(), signal.SIGSTOP)")
    if sandbox.recycle():  # process 1 of a namespace can't be stopped from within
        assert "NameError" in str(run(sandbox, "kept"))


def test_a_worker_that_claims_to_be_another_is_replaced(sandbox):
    claim = """import gc
for line in [each for each in gc.get_objects() if type(each).__name__ == 'Line']:
    line.send({'result': None})
    line.send({'ready': True})"""
    run(sandbox, f"kept = 1\n{claim}")
    if sandbox.recycle():
        with contextlib.suppress(Gone):
            assert "NameError" in str(run(sandbox, "kept"))


def test_running_out_of_memory_gives_a_new_sandbox_next_time(sandbox, monkeypatch):
    if not sandbox.group:
        pytest.skip("no control groups here")
    assert sandbox.recycle()
    monkeypatch.setattr(sandbox.group, "killed", lambda: True)
    assert not sandbox.recycle()


@pytest.mark.parametrize("code", [0, 3, 137])
def test_a_worker_that_exits_is_lost_with_any_code(sandbox, code):
    begun = time.monotonic()
    with pytest.raises(Gone):
        run(sandbox, f"import os; os._exit({code})")
    assert time.monotonic() - begun < PATIENCE / 2
    assert not sandbox.recycle()


@pytest.mark.parametrize("number", [9, 15])
def test_the_signal_that_ended_a_worker_is_reported(sandbox, number):
    with pytest.raises(Gone, match=rf"exit code (-{number}|{128 + number})\)"):
        run(sandbox, f"import os; os.kill(os.getpid(), {number})")


def test_three_notebooks_share_one_start_and_keep_their_marks(tmp_path, monkeypatch):
    started = []

    class Counted(Sandbox):
        def __init__(self, *args, **kwargs):
            started.append(self)
            super().__init__(*args, **kwargs)

    monkeypatch.setattr(judge, "Sandbox", Counted)
    breaks = "import mxnet\nfor name in dir(mxnet.np): setattr(mxnet.np, name, None)"
    files = [Submission(s).append(breaks).write(tmp_path / f"{s}.ipynb") for s in THREE]
    job = Job(tmp_path, best_mode(), PATIENCE)
    graded = grade_student("ann", files, job).notebooks
    assert list(graded) == THREE
    broken = [lost(graded[section]) for section in THREE]
    alone = [lost(Submission(s).append(breaks).grade(tmp_path / s, best_mode())) for s in THREE]
    assert broken == alone
    assert len(started) == 1 + len(THREE)
    assert all(sandbox.process.poll() is not None for sandbox in started)

    started.clear()
    files = [Submission(s).write(tmp_path / f"{s}.ipynb") for s in THREE]
    graded = grade_student("eve", files, job).notebooks
    assert [lost(graded[section]) for section in THREE] == 3 * [set()]
    assert len(started) == 1

    started.clear()
    left = Submission("6.1").append("open('left', 'w').close()").write(tmp_path / "6.1.ipynb")
    files = [left, *(Submission(s).write(tmp_path / f"{s}.ipynb") for s in THREE[1:])]
    graded = grade_student("bob", files, job).notebooks
    assert [lost(graded[section]) for section in THREE] == 3 * [set()]
    assert len(started) == 2
    assert all(sandbox.process.poll() is not None for sandbox in started)
