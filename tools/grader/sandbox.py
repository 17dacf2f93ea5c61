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
from tools.grader.walls import WALLS
from tools.grader.wire import Line, decode, encode
from tools.isolation import ROOT
from tools.isolation.bwrap import in_cgroups
from tools.isolation.cgroup import Group, available, killed

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


class Ungraded(RuntimeError):  # noqa: N818 - not the student's error
    """The sandbox failed or was ended from outside, which isn't the student's fault."""


@functools.cache
def _can_group() -> bool:
    try:
        group = Group(LEAST_BYTES, OWN_PROCESSES)
    except OSError:
        return False
    try:
        return subprocess.run(in_cgroups(["true"], group.entrances())).returncode == 0
    finally:
        group.close()


@functools.cache
def _probe_limits(mode: str) -> dict[str, bool]:
    """Return which limits hold in this mode. Raises OSError or RuntimeError if it doesn't work."""
    sandbox = Sandbox(mode)
    sandbox.close()
    return sandbox.holds


def safest(wanted: str | None = None) -> str:
    """Return the safest sandbox mode that works here, or the `wanted` one.

    Raises RuntimeError if none works.
    """
    reason: Exception | None = None
    for mode in [wanted] if wanted else ["bwrap", "user"]:
        try:
            _probe_limits(mode)
            return mode
        except (OSError, RuntimeError) as error:
            reason = error
    raise RuntimeError(str(reason))


def describe_limits(mode: str) -> str:
    """Describe the sandbox and its missing limits in one line."""
    missing = ", ".join(what for what, is_so in _probe_limits(mode).items() if not is_so)
    return WALLS[mode].about + (f"; not limited on this machine: {missing}" if missing else "")


class Clock:
    """The time that a student's code takes for an answer.

    It is divided into computing, waiting for the CPU or the disk because the machine is busy
    (`waited`), and sleeping or waiting for a function of ours (`slept`).
    """

    def __init__(self, before: float, delayed: float, measure: Callable) -> None:
        self.before = self.last = before
        self.delayed, self.measure = delayed, measure
        self.began = self.looked = time.monotonic()
        self.waited = 0.0

    def look(self) -> None:
        now, (worked, waits, delayed) = time.monotonic(), self.measure()
        idle = max(now - self.looked - max(worked - self.last, 0), 0)
        self.waited += idle if waits else min(max(delayed - self.delayed, 0), idle)
        self.looked, self.last, self.delayed = now, max(worked, self.last), delayed

    @property
    def computed(self) -> float:
        return self.last - self.before

    @property
    def slept(self) -> float:
        return max(self.looked - self.began - self.computed - self.waited, 0)

    def check(self, seconds: float) -> None:
        """Raise Gone after that many seconds, or Ungraded if the machine was too busy for them."""
        if self.computed >= seconds:
            raise Gone(f"no answer after {seconds:.0f} seconds")
        if self.slept >= limits.SLEEP * seconds:
            after = f"after {limits.SLEEP * seconds:.0f} seconds"
            raise Gone(f"no answer {after}, most of which it slept")
        if self.waited >= limits.BUSY * seconds:
            raise Ungraded("the machine is too busy")


class Sandbox:
    """A running worker, and the parent process, which can fork a replacement.

    `mode` is a key of `walls.WALLS`. `alone` means that nothing else is graded now, so a killed
    process has caused this itself. `holds` has the limits that this machine allows, `at` the last
    statement that the worker started, and `spent` the seconds of the last answer, without those in
    which the machine was busy. Raises Ungraded if it doesn't start.
    """

    def __init__(self, mode: str, seconds: float = 120, alone: bool = True) -> None:
        self.mode, self.alone = mode, alone
        self.own: set[psutil.Process] = set()  # the processes before any student's code has run
        self.killed_before = killed()
        try:
            self.wall = WALLS[mode]()
        except OSError as error:
            raise Ungraded(str(error)) from error
        self.group: Group | None = None
        # Leave room for a second sandbox and for the grader
        self.memory = max(LEAST_BYTES, min(limits.MEMORY_BYTES, available() // 3))
        if _can_group():
            self.group = Group(self.memory, limits.PROCESSES + OWN_PROCESSES)
        options = {name: getattr(self.wall, name) for name in ("user", "counted", "can_mount")}
        command = [sys.executable, "-m", "tools.grader.worker", json.dumps(options)]
        entrances = self.group.entrances() if self.group else []
        ours, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            in_cgroups(self.wall.command(command), entrances),
            cwd=ROOT,
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "HOME": str(self.wall.home),
                "TMPDIR": str(self.wall.home),
                "LANG": "C.UTF-8",
                "MPLBACKEND": "Agg",
                "OMP_NUM_THREADS": "1",
                "MXNET_CPU_PRIORITY_NTHREADS": "1",  # instead of 4 in each process
                "PYTHONDONTWRITEBYTECODE": "1",
            },
        )
        theirs.close()
        self.line = Line(ours)
        try:
            said = self._ready(seconds)
        except (OSError, EOFError, ValueError, psutil.Error) as error:
            self.close()
            raise Ungraded(f"the sandbox {mode!r} doesn't start: {error!r}") from error
        self.holds = {
            "memory of all processes together": self.group is not None,
            "processes": self.wall.counted or self.group is not None,
            "number of files": bool(said.get("files")) or self.group is not None,
            "calls to the kernel": bool(said.get("calls")),
            "keys of the session": bool(said.get("keys")) or bool(said.get("calls")),
        }
        self.too_large = False
        if not self.group:
            threading.Thread(target=self._watch, daemon=True).start()

    def _ready(self, seconds: float) -> dict:
        """Wait for a worker that hasn't run any student's code."""
        said = self.line.receive(seconds)
        self.printed, self.others = 0, 0.0  # `others`: CPU seconds of the other processes
        running = self._running()
        parents = {process.ppid() for process in running}
        workers = [process for process in running if process.pid not in parents]
        if len(workers) != 1:
            raise EOFError("it has ended")
        self.worker, self.own = workers[0], {*running}
        return said

    def recycle(self) -> bool:
        """Replace the worker with a fresh fork; False if it left anything: then close this."""
        worker, own = self.worker, self.own
        if {*self._running()} != own or (self.group and self.group.killed()):
            return False
        try:
            self.line.send({"again": True}, AGAIN_SECONDS)
            self._ready(AGAIN_SECONDS)
        except (OSError, EOFError, ValueError, psutil.Error):
            return False
        return self.own ^ own == {worker, self.worker}  # all other processes are unchanged

    def ask(
        self, request: dict, seconds: float, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        """Send a request, serve the calls to our functions, and return the result as plain data.

        Raises Raised if the student's code raised an error, Gone if there is no result within the
        limits on computing and sleep, and Ungraded if the machine was too busy.
        """
        functions: list[Any] = []

        def remember(function: Callable) -> int:
            functions.append(function)
            return len(functions) - 1

        request["args"] = encode(args, remember)
        request["kwargs"] = {n: encode(value, remember) for n, value in (kwargs or {}).items()}
        clock = Clock(self._own() + self.others, self._delayed(), self._measure)
        self.at, self.spent = 0, 0.0
        due = clock.began + min(LOOK_SECONDS, seconds)

        def receive() -> dict:
            nonlocal due
            while True:
                if time.monotonic() >= due:
                    clock.look()
                    due = clock.looked + LOOK_SECONDS
                    clock.check(seconds)
                with contextlib.suppress(socket.timeout):
                    return self.line.receive(due - time.monotonic())

        try:
            self.line.send(request, limits.SLEEP * seconds)
            while "calls" in (reply := receive()) or "at" in reply:
                if "at" in reply:
                    self.at = int(reply["at"])
                else:
                    began, worked = time.monotonic(), time.process_time()
                    answer = self._call(functions, reply)
                    # The student's code waits for us while we may be waiting for the CPU
                    waited = time.monotonic() - began - (time.process_time() - worked)
                    clock.waited += max(waited, 0)
                    self.line.send(answer, limits.SLEEP * seconds)
            self.printed = max(self.printed, min(int(reply.get("printed", 0)), 10**15))
            error = shorten(str(reply.get("error", "")), limits.REASON_LETTERS)
            if error.startswith("MemoryError"):
                raise Gone(error)  # the memory may still be full
            if error:
                raise Raised(error)
            return decode(reply["result"])
        except (Raised, Gone, Ungraded):
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
            if clock.looked > clock.began:
                self.spent = clock.computed + clock.slept

    def _watch(self) -> None:
        """Kill the sandbox if its processes together exceed the memory, as a cgroup would."""
        while not self.too_large and self.process.poll() is None:
            used = 0
            for process in self._students():
                with contextlib.suppress(psutil.Error):
                    used += process.memory_info().rss
            if used > self.memory:
                self.too_large = True
                self.process.kill()
            time.sleep(WATCH_SECONDS)

    def _own(self) -> float:
        """Return the CPU seconds of the worker and its finished children."""
        try:
            return sum(self.worker.cpu_times()[:4])
        except psutil.Error:
            return 0.0

    def _delayed(self) -> float:
        """Return the seconds that the worker and this process have waited for a CPU."""
        seconds = 0.0
        for pid in (self.worker.pid, "self"):
            with contextlib.suppress(OSError, IndexError, ValueError):  # if Linux has no schedstat
                seconds += int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
        return seconds

    def _measure(self) -> tuple[float, bool, float]:
        """Return the CPU seconds of the student's processes, whether one is starved, and delays.

        A process is starved if it is waiting for the CPU or the disk.
        """
        self.others, waits = 0.0, False
        for process in self._students():
            with contextlib.suppress(psutil.Error):
                waits |= process.status() in WAITING
                if process != self.worker:
                    self.others += sum(process.cpu_times()[:4])
        return self._own() + self.others, waits, self._delayed()

    def _end(self) -> Exception:
        """Return why the worker has ended: `Ungraded` if something else may have killed it."""
        code = self._code()
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
            named = reply.get("kwargs", {})
            if len(json.dumps([reply["args"], named])) > limits.ARGUMENT_LETTERS:
                raise ValueError("the array is too large")
            args = _given(decode(reply["args"], numbers=limits.ARGUMENT_NUMBERS))
            kwargs = {n: _given(decode(named[n], numbers=limits.ARGUMENT_NUMBERS)) for n in named}
        except Exception as error:
            return {"error": shorten(f"{type(error).__name__}: {error}", limits.REASON_LETTERS)}
        try:
            return {"result": encode(_as_float32(functions[int(reply["calls"])](*args, **kwargs)))}
        except Exception:
            return {"error": RAISED}

    def _code(self) -> int | None:
        try:
            return self.process.wait(2)
        except subprocess.TimeoutExpired:
            return None

    def _running(self) -> list[psutil.Process]:
        return [p for p in self.wall.processes(self.process.pid, self.group) if _lives(p)]

    def _students(self) -> list[psutil.Process]:
        return [process for process in self._running() if process not in self.own - {self.worker}]

    def close(self) -> int:
        """End every process of the sandbox. Return how many the student's code left running."""
        running = self._running()
        abandoned = {*running} - self.own
        self.process.kill()
        self.wall.end(running)
        self.process.wait()
        deadline = time.monotonic() + 10
        while any(map(_lives, running)) and time.monotonic() < deadline:
            time.sleep(0.01)  # killed, but not yet gone
        self.line.socket.close()
        if self.group:
            self.group.close()
        self.wall.close()
        return len(abandoned)


def _as_float32(value: Any) -> Any:
    """Convert a value's arrays to MXNet's float32."""
    if isinstance(value, (np.ndarray, numpy.ndarray)):
        return np.array(value, dtype="float32")
    return tuple(map(_as_float32, value)) if isinstance(value, (list, tuple)) else value


def _given(value: Any) -> Any:
    """Convert an argument to the only form that our functions get.

    Raises TypeError for types that only some functions could handle.
    """
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
