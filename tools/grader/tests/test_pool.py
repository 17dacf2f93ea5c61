"""The processes share one start of MXNet; each is reported, and none outlives the first."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from multiprocessing.context import ForkServerProcess

import psutil
import pytest

from tools.grader import pool


def about_itself(what, more=""):
    """Replace the grader, in a process forked from one that has imported it."""
    if what == "ends":
        return int(more)
    if what == "sleeps":
        time.sleep(600)
    from mxnet import np

    assert float((np.ones((50, 50)) @ np.ones((50, 50))).sum()) == 50**3  # MXNet survives the fork
    with open(more, "w") as file:
        # set by the grader's import, before the fork
        file.write(f"{os.getpid()} {os.getppid()} {os.getsid(0)} {pool.GRADER in sys.modules}")
    return 0


def ended(jobs, seconds=None, **todo):
    return dict(pool.run_all(about_itself, todo, jobs, seconds))


@pytest.mark.slow
def test_each_student_is_reported_with_the_outcome():
    todo = {f"s{number}": ("ends", str(number % 3)) for number in range(7)}
    assert ended(3, **todo) == {name: code == "0" for name, (_, code) in todo.items()}


@pytest.mark.slow
def test_all_fork_from_one_process_with_the_grader_imported(tmp_path):
    todo = {f"s{number}": ("works", str(tmp_path / f"s{number}")) for number in range(4)}
    assert set(ended(2, **todo).values()) == {True}
    told = [(tmp_path / name).read_text().split() for name in todo]
    assert len({own for own, *_ in told}) == 4
    (parent,) = {parent for _, parent, *_ in told}
    assert int(parent) != os.getpid()
    assert {imported for *_, imported in told} == {"True"}


@pytest.mark.slow
def test_a_slow_process_is_killed_and_the_others_continue():
    assert ended(2, seconds=5, a=("sleeps",), b=("ends", "0")) == {"a": False, "b": True}


@pytest.mark.slow
def test_a_process_that_is_just_starting_is_ended_too(monkeypatch):
    start, started = ForkServerProcess.start, []

    def stopped_meanwhile(process):
        start(process)
        started.append(process)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(ForkServerProcess, "start", stopped_meanwhile)
    # A shell's background processes ignore Ctrl-C
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            list(pool.run_all(about_itself, {"a": ("sleeps",)}, 1))
    finally:
        signal.signal(signal.SIGINT, before)
    assert not psutil.pid_exists(started[0].pid)


@pytest.mark.slow
def test_stopping_ends_all_processes():
    processes = pool.run_all(about_itself, {"a": ("ends", "0"), "b": ("sleeps",)}, 2)
    assert next(processes) == ("a", True)
    (left,) = multiprocessing.active_children()
    processes.close()
    assert not psutil.pid_exists(left.pid)
