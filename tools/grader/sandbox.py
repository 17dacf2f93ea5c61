"""Run a student's code in a separate, limited process: send requests, measure time, and end it."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import psutil
from mxnet import np

from tools.grader import limits
from tools.grader.limits import shorten
from tools.grader.modes import MODES
from tools.grader.wire import Line, decode, encode
from tools.isolation import ROOT
from tools.isolation.cgroup import Group, available, in_cgroups, killed

OWN_PROCESSES = 8  # bubblewrap's and the shell's that starts it
WATCH_SECONDS = 0.2
LOOK_SECONDS = 0.5  # between measurements of a process's time
AGAIN_SECONDS = 10  # for a fork, which takes milliseconds
LEAST_BYTES = 512 * 2**20  # the least memory in which MXNet works
ENDED = {-signal.SIGKILL, -signal.SIGTERM, 128 + signal.SIGKILL, 128 + signal.SIGTERM}
WAITING = {psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP}  # for CPU or disk
RAISED = "the function raises an error with these arguments"


class Raised(Exception):  # noqa: N818 - the student's exception, reported
    """The student's code raised an exception; the process still runs."""


class Gone(Exception):  # noqa: N818 - the student's process, reported
    """The process ended, timed out, or sent a malformed answer; close it."""


class Ended(Gone):
    """The process ended by itself."""


class Ungraded(BaseException):  # not the student's error, and no test can hide it
    """The sandbox failed or was ended from outside, which isn't the student's fault."""


@functools.cache
def describe_limits(mode: str) -> str:
    """Describe the sandbox and its missing limits. Raises Ungraded if it doesn't work here."""
    with contextlib.closing(Sandbox(mode)) as sandbox:
        missing = ", ".join(what for what, is_so in sandbox.holds.items() if not is_so)
    return MODES[mode].about + (f"; not limited on this machine: {missing}" if missing else "")


class Clock:
    """Measure how long a student's code takes for an answer, from the first look on.

    Computing, sleep (or waiting for one of our functions), and waiting for the CPU or the disk on a
    busy machine are counted separately.
    """

    def __init__(self, seconds: float, measure: Callable[[], tuple[float, bool, float]]) -> None:
        self.seconds, self.measure = seconds, measure
        self.computed = self.slept = self.waited = 0.0
        self.last: tuple[float, float, float] | None = None
        self.due = time.monotonic() + LOOK_SECONDS

    def look(self) -> None:
        """Measure if it is due. Raises Gone after too long, and Ungraded if the machine is busy."""
        now = time.monotonic()
        if now < self.due:
            return
        worked, starved, delayed = self.measure()
        if self.last:
            then, worked_then, delayed_then = self.last
            worked = max(worked, worked_then)
            idle = max(now - then - (worked - worked_then), 0)
            waited = idle if starved else min(max(delayed - delayed_then, 0), idle)
            self.computed += worked - worked_then
            self.slept += idle - waited
            self.waited += waited
        self.last, self.due = (now, worked, delayed), now + LOOK_SECONDS
        if self.computed >= self.seconds:
            raise Gone(f"no answer after {self.seconds:.0f} seconds")
        if self.slept >= (most := limits.SLEEP * self.seconds):
            raise Gone(f"no answer after {most:.0f} seconds, most of which it slept")
        if self.waited >= limits.BUSY * self.seconds:
            raise Ungraded("the machine is too busy")


class Sandbox:
    """A running worker, and the parent process, which can fork a replacement.

    `alone` means that no other student is being graded, so none can be why a process was killed.
    `holds` says which limits work on this machine. `spent` is how many seconds the last answer
    took, without waiting for a busy machine. Raises Ungraded if the sandbox doesn't start.
    """

    def __init__(self, mode: str, seconds: float = 120, alone: bool = True) -> None:
        self.alone, self.spent, self.too_large = alone, 0.0, False
        self.own: set[psutil.Process] = set()  # the processes before any student's code has run
        self.killed_before = killed()
        try:
            self.mode = MODES[mode]()
        except OSError as error:
            raise Ungraded(str(error)) from error
        # Leave room for a second sandbox and for the grader
        self.memory = max(LEAST_BYTES, min(limits.MEMORY_BYTES, available() // 3))
        self.group: Group | None = None
        with contextlib.suppress(OSError):
            self.group = Group(self.memory, limits.PROCESSES + OWN_PROCESSES)
        command = [sys.executable, "-m", "tools.grader.worker"]
        command += ["processes"] if self.mode.counted else []
        entrances = self.group.entrances() if self.group else []
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                in_cgroups(self.mode.command(command), entrances),
                cwd=ROOT,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env={
                    "PATH": os.environ.get("PATH", os.defpath),
                    "HOME": str(self.mode.home),
                    "TMPDIR": str(self.mode.home),
                    "LANG": "C.UTF-8",
                    "MPLBACKEND": "Agg",
                    "OMP_NUM_THREADS": "1",
                    "MXNET_ENGINE_TYPE": "NaiveEngine",  # computes at once, without more threads
                    "PYTHONDONTWRITEBYTECODE": "1",
                },
            )
        self.line = Line(ours)
        try:
            said = self._ready(seconds)
            if not self.group:
                threading.Thread(target=self._watch, daemon=True).start()
        except (OSError, EOFError, ValueError, RuntimeError, psutil.Error) as error:
            self.close()
            raise Ungraded(f"the sandbox {mode!r} doesn't start: {error!r}") from error
        self.holds = {
            "memory of all processes together": self.group is not None,
            "processes": self.mode.counted or self.group is not None,
            "number of files": bool(said.get("files")) or self.group is not None,
            "calls to the kernel": bool(said.get("calls")),
        }

    def _ready(self, seconds: float) -> dict:
        """Wait for a worker that hasn't run any student's code."""
        said = self.line.receive(seconds)
        running = self._running()
        parents = {process.ppid() for process in running}
        (self.worker,) = [process for process in running if process.pid not in parents]
        self.own = {*running}
        return said

    def recycle(self) -> bool:
        """Replace the worker with a fresh fork. Return False if it left traces: then close this."""
        worker, own = self.worker, self.own
        try:
            worker.suspend()  # so that it can't start another process
            if {*self._running()} != own or (self.group and self.group.killed()):
                return False
            worker.kill()
            self._ready(AGAIN_SECONDS)
        except (OSError, EOFError, ValueError, psutil.Error):
            return False
        return self.own ^ own == {worker, self.worker}  # all other processes are unchanged

    def ask(self, request: dict, seconds: float, given: Any = ((), ())) -> Any:
        """Send a request, serve the calls to our functions, and return the result as plain data.

        `given` holds a call's arguments. Without a result, the error is Raised, Gone or Ungraded.
        """
        functions: list[Any] = []

        def remember(function: Callable) -> int:
            functions.append(function)
            return len(functions) - 1

        given = encode(given, remember)
        clock = Clock(seconds, self._measure)

        def receive() -> dict:
            while True:
                clock.look()
                with contextlib.suppress(socket.timeout):
                    return self.line.receive(max(clock.due - time.monotonic(), 1e-3))

        try:
            self.line.send({**request, "given": given}, limits.SLEEP * seconds)
            while "given" in (reply := receive()):
                self.line.send(self._call(functions, reply), limits.SLEEP * seconds)
            if "ready" in reply:  # from a replacement
                raise EOFError
            error = shorten(str(reply.get("error", "")), limits.REASON_LETTERS)
            if error.startswith("MemoryError"):
                raise Gone(error)  # the memory may still be full
            if error:
                raise Raised(error)
            return decode(reply["result"])
        except (Raised, Gone):
            raise
        except socket.timeout:  # TimeoutError since Python 3.10
            raise Gone("it doesn't read our messages") from None
        except (EOFError, ConnectionError):
            raise self._end() from None
        except OSError as error:
            raise Ungraded(f"the machine failed: {error}") from error
        except Exception as error:
            reason = shorten(str(error), limits.REASON_LETTERS)
            raise Gone(f"the answer can't be read: {reason}") from None
        finally:
            self.spent = clock.computed + clock.slept

    def _watch(self) -> None:
        """Kill the sandbox if its processes together exceed the memory, as a cgroup would."""
        while not self.too_large and self.process.poll() is None:
            used = 0
            for process in {*self._running()} - self.own | {self.worker}:
                with contextlib.suppress(psutil.Error):
                    used += process.memory_info().rss
            if used > self.memory:
                self.too_large = True
                self.process.kill()
            time.sleep(WATCH_SECONDS)

    def _measure(self) -> tuple[float, bool, float]:
        """Return CPU seconds, whether a process waits for the CPU or the disk, and all delays."""
        worked, starved, delayed = 0.0, False, 0.0
        running = self._running()
        for process in running:
            with contextlib.suppress(psutil.Error):
                worked += sum(process.cpu_times()[:4])
                starved |= process.status() in WAITING
        for pid in ("self", *(process.pid for process in running)):
            with contextlib.suppress(OSError, IndexError, ValueError):  # if Linux has no schedstat
                delayed += int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
        return worked, starved, delayed

    def _end(self) -> BaseException:
        """Return why the worker has ended: `Ungraded` if something else may have killed it."""
        code = -signal.SIGKILL  # the worker's, if the parent still runs
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self.process.wait(2)
        if self.group:
            ended = self.group.killed()
            ran_out = ended and self.group.full()
        else:
            ended, ran_out = killed() > self.killed_before, self.too_large
        if ran_out and (self.alone or self.memory == limits.MEMORY_BYTES):
            return Gone(f"it used more than {self.memory // 2**20} MiB of memory and was ended")
        if code in ENDED and (ended or not self.alone):
            return Ungraded(f"it was ended from outside, or by itself (exit code {code})")
        return Ended(f"the process ended (exit code {code})")

    @staticmethod
    def _call(functions: list[Any], reply: dict) -> dict:
        """Call a function of ours. The answer reveals only what the function returns.

        Arrays are float32 in both directions, and errors have no message. Types and messages would
        reveal how a function is written, and so which of several functions is right.
        """
        try:
            if len(json.dumps(reply["given"])) > limits.ARGUMENT_LETTERS:
                raise ValueError("the array is too large")
            args, named = _given(decode(reply["given"], numbers=limits.ARGUMENT_NUMBERS))
        except Exception as error:
            return {"error": shorten(f"{type(error).__name__}: {error}", limits.REASON_LETTERS)}
        try:
            value = functions[int(reply["calls"])](*args, **dict(named))
            return {"result": encode(_as_float32(value))}
        except Exception:
            return {"error": RAISED}

    def _running(self) -> list[psutil.Process]:
        found: list[psutil.Process] = []
        for pid in self.group.running() if self.group else [self.process.pid]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(pid)
                found += [process] if self.group else process.children(recursive=True)
        return [process for process in found if _lives(process)]

    def close(self) -> int:
        """End every process of the sandbox. Return how many the student's code left running."""
        running = self._running()
        abandoned = {*running} - self.own
        self.process.kill()
        for process in running:  # those that survive the first
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()
        deadline = time.monotonic() + 10
        while any(map(_lives, running)) and time.monotonic() < deadline:
            time.sleep(0.01)  # Linux may need a moment
        self.line.socket.close()
        if self.group:
            self.group.close()
        self.mode.close()
        return len(abandoned)


def _as_float32(value: Any) -> Any:
    """Convert a value's arrays to MXNet's float32."""
    if isinstance(value, (np.ndarray, numpy.ndarray)):
        return np.array(value, dtype="float32")
    return tuple(map(_as_float32, value)) if isinstance(value, (list, tuple)) else value


def _given(value: Any) -> Any:
    """Convert an argument to the one form in which our functions get it. None is a TypeError."""
    if isinstance(value, (list, tuple)):
        return tuple(map(_given, value))
    if isinstance(value, (bool, float)) and value == value // 1:
        return int(value)
    if value is None:
        raise TypeError("an argument must be an array, a number, a text or a tuple, got None")
    return _as_float32(value)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
