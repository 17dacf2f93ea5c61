"""Run a grading process for each student, several at a time, with a single start of MXNet.

Each is forked from a process that has only imported the grader, so that students can't affect each
other. (MXNet stops its threads for a fork and restarts them.)
"""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import multiprocessing.util
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Generator, Iterator
from multiprocessing.context import ForkServerContext, ForkServerProcess

import numpy

GRADER = "tools.grader.student"


def _begin(target: Callable[..., int], arguments: tuple) -> None:
    os.setsid()  # Only the first process gets Ctrl-C; it then ends the others
    numpy.random.seed()  # noqa: NPY002 - different numbers for each student, if a test draws this way
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(target(*arguments))


def run_all(
    target: Callable[..., int], todo: dict[str, tuple], jobs: int, seconds: float | None = None
) -> Generator[tuple[str, bool], None, None]:
    """Call a function with each student's arguments, in `jobs` processes at a time.

    Yield each student when the process exits, and whether it returned 0. A process that takes
    longer than `seconds` is killed.
    """
    os.environ["OMP_NUM_THREADS"] = "1"
    # Otherwise any user could send it work, in Python 3.9.15 and 3.10.8 (CVE-2022-42919)
    multiprocessing.util.abstract_sockets_supported = False  # type: ignore[misc]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([GRADER])
    waiting = list(todo.items())
    running: dict[ForkServerProcess, tuple[str, float]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                name, arguments = waiting.pop(0)
                with _undivided():
                    started = _start(context, target, arguments)
                    running[started] = name, time.monotonic()
            multiprocessing.connection.wait([process.sentinel for process in running], 1)
            for process, (name, begun) in list(running.items()):
                if seconds is not None and time.monotonic() - begun > seconds:
                    process.kill()
                    process.join()
                if process.exitcode is not None:
                    del running[process]
                    yield name, process.exitcode == 0
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.join(20)
            process.kill()  # a process that doesn't end


@contextlib.contextmanager
def _undivided() -> Iterator[None]:
    """Defer signals while a process is started but not yet recorded, or it would be orphaned."""
    came: list[int] = []
    stops = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {stop: signal.signal(stop, lambda number, _: came.append(number)) for stop in stops}
    try:
        yield
    finally:
        for stop, handler in before.items():
            signal.signal(stop, handler)
    for number in came:
        signal.raise_signal(number)


def _start(
    context: ForkServerContext, target: Callable[..., int], arguments: tuple
) -> ForkServerProcess:
    process = context.Process(target=_begin, args=(target, arguments))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads and forks: see above
        process.start()
    return process
