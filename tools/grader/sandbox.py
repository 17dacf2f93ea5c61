"""A process of its own for a student's code, with limits, and as far away as the system allows."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import json
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Callable

import psutil

from tools.grader.group import Group, available, killed
from tools.grader.limits import (
    ARGUMENT_LETTERS,
    ARGUMENT_NUMBERS,
    FOLDER_BYTES,
    MEMORY_BYTES,
    PROCESSES,
    REASON_LETTERS,
    short,
)
from tools.grader.walls import ROOT, bound, on_the_way, signal_all, visible
from tools.grader.wire import Line, decode, encode

OWN_PROCESSES = 8  # of bubblewrap and of the way to it
WATCH_SECONDS = 0.2
MOST_OF = 0.9  # of the time that it was given, who loops without end has had a processor
AGAIN_SECONDS = 10  # for a fork, which takes some milliseconds
LONGER = 5  # times as long, at most, for who has to wait for one
LEAST_BYTES = 512 * 2**20  # of memory, in which MXNet works
ENDED = {-signal.SIGKILL, -signal.SIGTERM, 128 + signal.SIGKILL, 128 + signal.SIGTERM}
SANDBOX_USERS = range(61184, 65280)  # the numbers that systemd keeps for users of the moment
DEFENDED = {
    "bwrap": "bubblewrap: it sees neither the course nor other files, and no network",
    "user": "a user of its own: it reads what others may read, and the network is open",
    "none": "limits on time and memory alone: it can read and write what you can",
}


class Raised(Exception):  # noqa: N818 - the student's exception, reported
    """The student's code raised an exception; the process lives."""


class Gone(Exception):  # noqa: N818 - the student's process, reported
    """The process ended, took too long, or said what it should not: it has to be closed."""


class Ungraded(RuntimeError):  # noqa: N818 - nobody's error
    """The sandbox failed, or was ended from outside: never the student's fault."""


@functools.cache
def _bwrap_can(*options: str) -> bool:
    command = ["bwrap", *options, "--ro-bind", "/", "/", "/bin/true"]
    try:
        return subprocess.run(command, stderr=subprocess.DEVNULL, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _bwrap() -> tuple[list[str], bool]:
    """Return the command up to the worker's, and whether the worker can mount a folder."""
    command = ["bwrap", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    rights: tuple[str, ...] = ("--cap-add", "CAP_SYS_ADMIN")
    if os.getuid() == 0:
        command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        command += ["--cap-add", "CAP_SETPCAP", *rights]
        can_mount = True
    else:
        closed: tuple[str, ...] = ("--unshare-user", "--disable-userns")
        closed = closed if _bwrap_can(*closed) else closed[:1]
        can_mount = _bwrap_can(*closed, *rights)
        command += [*closed, *(rights if can_mount else ())]
    command += ["--perms", "1777", "--size", str(FOLDER_BYTES), "--tmpfs", "/tmp"]
    command += [*bound(visible()), "--proc", "/proc"]
    for listing in filter(os.path.exists, ("/proc/keys", "/proc/key-users")):
        command += ["--ro-bind", "/dev/null", listing]  # it names the keys of the same user
    command += ["--remount-ro", "/proc"]
    command += ["--dev", "/dev", "--remount-ro", "/dev"]
    command += ["--remount-ro", "/", "--die-with-parent", "--chdir", str(ROOT)]
    return command, can_mount


@functools.cache
def _can_group() -> bool:
    try:
        group = Group(LEAST_BYTES, OWN_PROCESSES)
    except OSError:
        return False
    try:
        return subprocess.run(on_the_way(["true"], group.entrances())).returncode == 0
    finally:
        group.close()


@functools.cache
def _free_user() -> tuple[int, Any]:
    """Return a user that no other grading process here has, and the file that says so.

    Nor has another process: all that the user runs is killed in the end.
    """
    folder = Path("/run/d2lconv-users")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise Ungraded(f"no user can be taken for a sandbox: {error}") from error
    used = {p.info["uids"].real for p in psutil.process_iter(["uids"]) if p.info["uids"]}
    for number in range(len(SANDBOX_USERS)):
        user = SANDBOX_USERS[(os.getpid() + number) % len(SANDBOX_USERS)]
        if user in used:
            continue
        taken = open(folder / str(user), "w")  # noqa: SIM115 - open as long as this process lives
        with contextlib.suppress(OSError):
            fcntl.flock(taken, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return user, taken
        taken.close()
    raise Ungraded("there is no user left for a sandbox")


def _counts_by_namespace() -> bool:
    """Say whether a limit on a user's processes counts those of its namespace alone."""
    return tuple(map(int, re.findall(r"\d+", platform.release())[:2])) >= (5, 14)


@functools.cache
def _held(mode: str) -> dict[str, bool]:
    """Return which limits hold in this mode. Raises OSError or RuntimeError if it does not work."""
    sandbox = Sandbox(mode)
    sandbox.close()
    return sandbox.holds


def safest(wanted: str | None = None) -> str:
    """Return the safest way to lock code up that works here, or the one that is wanted.

    Raises RuntimeError if it does not work.
    """
    reason: Exception | None = None
    for mode in [wanted] if wanted else ["bwrap", "user"]:
        try:
            _held(mode)
            return mode
        except (OSError, RuntimeError) as error:
            reason = error
    raise RuntimeError(str(reason))


def holds(mode: str) -> str:
    """Say in a line how the code is locked up here, and which limits are missing."""
    missing = [what for what, is_so in _held(mode).items() if not is_so]
    return DEFENDED[mode] + (
        f"; not limited on this machine: {', '.join(missing)}" if missing else ""
    )


class Sandbox:
    """A running worker, and the process that has forked it and can fork another one.

    Parameters
    ----------
    mode : str
        "bwrap", "user" or "none", see `DEFENDED`.
    seconds : float
        How long it may take to start.
    alone : bool
        Nothing else is graded at the same time: who is ended then has ended itself.

    Attributes
    ----------
    holds : dict
        Which limits this machine allows.
    waited : float
        The seconds that were added because the machine had no processor for the worker.

    Raises
    ------
    Ungraded
        If it does not start.
    """

    def __init__(self, mode: str, seconds: float = 120, alone: bool = True) -> None:
        if mode == "user" and os.getuid() != 0:
            raise Ungraded("another user's process can be started by root alone")
        self.mode, self.alone = mode, alone
        self.own: set[psutil.Process] = set()  # what runs before any code of the student's
        self.killed_before = killed()
        self.user = _free_user()[0] if os.getuid() == 0 and mode != "none" else 0
        self.home = Path("/tmp" if mode == "bwrap" else tempfile.mkdtemp(prefix="d2lconv-"))
        if mode == "user":
            os.chown(self.home, self.user, self.user)
        before, can_mount = _bwrap() if mode == "bwrap" else ([], False)
        counted = bool(self.user) or (mode == "bwrap" and _counts_by_namespace())
        numbers = [str(int(number)) for number in (self.user, counted, can_mount)]
        command = [*before, sys.executable, "-m", "tools.grader.worker", *numbers]
        self.group: Group | None = None
        # Two at a time, and something for those who grade
        left = available() // 3
        self.memory = max(LEAST_BYTES, min(MEMORY_BYTES, left))
        if _can_group():
            self.group = Group(self.memory, PROCESSES + OWN_PROCESSES)
        entrances = self.group.entrances() if self.group else []
        command = on_the_way(command, entrances)
        ours, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "HOME": str(self.home),
                "TMPDIR": str(self.home),
                "LANG": "C.UTF-8",
                "MPLBACKEND": "Agg",
                "OMP_NUM_THREADS": "1",
                "MXNET_CPU_PRIORITY_NTHREADS": "1",  # in place of 4, in each process
                "PYTHONDONTWRITEBYTECODE": "1",
            },
        )
        theirs.close()
        self.line = Line(ours)
        try:
            said = self._ready(seconds)
        except (OSError, EOFError, ValueError, psutil.Error) as error:
            self.close()
            raise Ungraded(f"the sandbox {mode!r} does not start: {error!r}") from error
        self.holds = {
            "memory of all processes together": self.group is not None,
            "processes": counted or self.group is not None,
            "number of files": bool(said.get("files")) or self.group is not None,
            "calls to the kernel": bool(said.get("calls")),
            "keys of the session": bool(said.get("keys")) or bool(said.get("calls")),
        }
        self.too_large = False
        if not self.group:
            threading.Thread(target=self._watch, daemon=True).start()

    def _ready(self, seconds: float) -> dict:
        """Wait for a worker, before any code of the student's has run in it."""
        said = self.line.receive(seconds)
        self.printed, self.waited = 0, 0.0
        running = self._running()
        parents = {process.ppid() for process in running}
        workers = [process for process in running if process.pid not in parents]
        if len(workers) != 1:
            raise EOFError("it has ended")
        self.worker, self.own = workers[0], {*running}
        return said

    def again(self) -> bool:
        """Begin anew, with a worker that no code has run in; False if something were left of it.

        Then the sandbox has to be closed.
        """
        worker, own = self.worker, self.own
        if {*self._running()} != own or (self.group and self.group.killed()):
            return False
        try:
            self.line.send({"again": True}, AGAIN_SECONDS)
            self._ready(AGAIN_SECONDS)
        except (OSError, EOFError, ValueError, psutil.Error):
            return False
        return self.own ^ own == {worker, self.worker}  # all others are as they were

    def ask(
        self, request: dict, seconds: float, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        """Send a request, serve the calls that come back, and return the result as plain data.

        Raises
        ------
        Raised
            If the student's code raised.
        Gone
            If there is no result after `seconds`.
        """
        functions: list[Any] = []

        def remember(function: Callable) -> int:
            functions.append(function)
            return len(functions) - 1

        request["args"] = encode(args, remember)
        request["kwargs"] = {
            name: encode(value, remember) for name, value in (kwargs or {}).items()
        }
        deadline = time.monotonic() + seconds
        worked = self._worked()

        def remaining() -> float:
            return deadline - time.monotonic()

        def receive() -> dict:
            nonlocal deadline
            for _ in range(LONGER):
                with contextlib.suppress(socket.timeout):
                    return self.line.receive(remaining())
                if not self.alone or not self._waits(worked, seconds):
                    break
                deadline += seconds
                self.waited += seconds
            raise socket.timeout

        try:
            self.line.send(request, seconds)
            while "calls" in (reply := receive()):
                self.line.send(self._call(functions, reply), remaining())
            self.printed = max(self.printed, min(int(reply.get("printed", 0)), 10**15))
            if "error" in reply:
                raise Raised(short(str(reply["error"]), REASON_LETTERS))
            return decode(reply["result"])
        except (Raised, Ungraded):
            raise
        except socket.timeout:  # TimeoutError, from Python 3.10 on
            if not self.alone and self._worked() - worked < MOST_OF * seconds:
                raise Ungraded("it slept, or had to wait for the processor") from None
            raise Gone(f"no answer after {seconds:.0f} seconds") from None
        except (EOFError, ConnectionError):
            raise self._end() from None
        except OSError as error:
            raise Ungraded(f"the machine failed: {error}") from error
        except Exception as error:
            raise Gone(f"the answer can't be read: {short(str(error), REASON_LETTERS)}") from None

    def _watch(self) -> None:
        """End the sandbox when all its processes together are too large, as a group would."""
        while not self.too_large and self.process.poll() is None:
            used = 0
            for process in self._students():
                with contextlib.suppress(psutil.Error):
                    used += process.memory_info().rss
            if used > self.memory:
                self.too_large = True
                self.process.kill()
            time.sleep(WATCH_SECONDS)

    def _worked(self) -> float:
        """Return the seconds of a processor that the worker has had."""
        try:
            return sum(self.worker.cpu_times()[:2])
        except psutil.Error:
            return 0

    def _waits(self, before: float, seconds: float) -> bool:
        """Say whether the worker would go on, and other programs of the machine keep it from it."""
        try:
            if self.worker.status() != psutil.STATUS_RUNNING:
                return False
            others = [p for p in self._students() if p != self.worker]
            worked = sum(sum(process.cpu_times()[:2]) for process in others)
        except psutil.Error:
            return False
        return self._worked() - before + worked < MOST_OF * seconds

    def _end(self) -> Exception:
        """Say why the worker has ended; `Ungraded`, if it may have been ended from outside."""
        code = self._code()
        if self.group:
            ended = self.group.killed()
            ran_out = ended and self.group.full()
        else:
            ended, ran_out = killed() > self.killed_before, self.too_large
        if ran_out and (self.alone or self.memory == MEMORY_BYTES):
            return Gone(f"it took more than {self.memory // 2**20} MiB of memory, and was ended")
        if code in ENDED and (ended or not self.alone):
            return Ungraded(f"it was ended from outside, or by itself (exit code {code})")
        return Gone(f"the process ended (exit code {code})")

    @staticmethod
    def _call(functions: list[Any], reply: dict) -> dict:
        try:
            named = reply.get("kwargs", {})
            if len(json.dumps([reply["args"], named])) > ARGUMENT_LETTERS:
                raise ValueError("the array is too large")
            args = decode(reply["args"], numbers=ARGUMENT_NUMBERS)
            kwargs = {name: decode(named[name], numbers=ARGUMENT_NUMBERS) for name in named}
            return {"result": encode(functions[int(reply["calls"])](*args, **kwargs))}
        except Exception as error:
            return {"error": short(f"{type(error).__name__}: {error}", REASON_LETTERS)}

    def _code(self) -> int | None:
        try:
            return self.process.wait(2)
        except subprocess.TimeoutExpired:
            return None

    def _running(self) -> list[psutil.Process]:
        if self.group and self.mode == "none":
            inside = self.group.running()  # with those that have detached themselves
            found = [psutil.Process(pid) for pid in inside if psutil.pid_exists(pid)]
        elif self.user:
            every = psutil.process_iter(["uids"])
            found = [p for p in every if p.info["uids"] and p.info["uids"].real == self.user]
        else:
            try:
                found = psutil.Process(self.process.pid).children(recursive=True)
            except psutil.NoSuchProcess:
                found = []
        return [process for process in found if _lives(process)]

    def _students(self) -> list[psutil.Process]:
        return [process for process in self._running() if process not in self.own - {self.worker}]

    def close(self) -> int:
        """End every process of the sandbox. Return how many the student's code had abandoned."""
        running = self._running()
        abandoned = {*running} - self.own
        for process in running if self.mode == "none" else []:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.kill()
        if self.mode == "user":
            signal_all(self.user, signal.SIGKILL)
        self.process.wait()
        deadline = time.monotonic() + 10
        while any(map(_lives, running)) and time.monotonic() < deadline:
            time.sleep(0.01)  # killed, but the system takes its time
        self.line.socket.close()
        if self.group:
            self.group.close()
        if self.mode != "bwrap":
            shutil.rmtree(self.home, ignore_errors=True)
        return len(abandoned)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
