"""Run a grading process for each student, several at a time, with a single start of MXNet.

Each is forked from a process that has only imported the grader, so that students can't affect each
other. (MXNet stops its threads for a fork and restarts them.)
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import multiprocessing.util
import os
import signal
import sys
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, as_completed
from threading import Lock

GRADER = "tools.grader.student"


def _begin(target: Callable[..., int], arguments: tuple) -> None:
    os.setsid()  # Only the first process gets Ctrl-C; it then ends the others
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(target(*arguments))


def run_all(
    target: Callable[..., int], todo: dict[str, tuple], jobs: int, seconds: float | None = None
) -> Generator[tuple[str, bool], None, None]:
    """Call a function with each student's arguments, in `jobs` processes at a time.

    Yield each student, and whether the process returned 0. Kill a process after `seconds`.
    """
    os.environ["OMP_NUM_THREADS"] = "1"
    # Otherwise any user could send it work, in Python 3.9.15 and 3.10.8 (CVE-2022-42919)
    multiprocessing.util.abstract_sockets_supported = False  # type: ignore[misc]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([GRADER])
    one_at_a_time = Lock()  # starting a process also collects the exit codes of others
    stopped = False

    def run(arguments: tuple) -> bool:  # runs in a thread; signals interrupt only the main one
        process = context.Process(target=_begin, args=(target, arguments))
        with one_at_a_time:
            if stopped:
                return False
            process.start()
        ended = multiprocessing.connection.wait([process.sentinel], seconds)
        with one_at_a_time:
            if not ended:
                process.kill()
            process.join()
        return process.exitcode == 0

    with ThreadPoolExecutor(jobs) as threads:
        names = {threads.submit(run, arguments): name for name, arguments in todo.items()}
        try:
            for future in as_completed(names):
                yield names[future], future.result()
        finally:
            with one_at_a_time:
                stopped, left = True, multiprocessing.active_children()
                for process in left:
                    process.terminate()
            for process in left:
                if not multiprocessing.connection.wait([process.sentinel], 20):
                    process.kill()  # it ignores SIGTERM
