"""A process of its own for a student's code, with limits, and as far away as the system allows."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable

import psutil

import d2lconv
import mxnet_today
from assignments.grader.course import ROOT
from assignments.grader.wire import Line, decode, encode

MEMORY_BYTES = 2 * 2**30  # of a process
FILE_BYTES = 16 * 2**20
PROCESSES = 32  # and threads
ARGUMENT_LETTERS = 2**16  # that a student's code may give to a function of ours
DEFENDED = {
    "bwrap": "bubblewrap: it sees neither the course nor other files, and no network",
    "user": "a user of its own: it reads what others may read, and the network is open",
    "none": "limits on time and memory alone: it can read and write what you can",
}


class Raised(Exception):  # noqa: N818 - the student's exception, reported
    """The student's code raised an exception; the process lives."""


class Gone(Exception):  # noqa: N818 - the student's process, reported
    """The process ended, took too long, or said what it should not: it has to be closed."""


def _command(mode: str, worker: list[str]) -> list[str]:
    if mode != "bwrap":
        return worker
    binds = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives"]
    binds += ["/etc/fonts", "/sys/devices/system/cpu", sys.base_prefix, sys.prefix]
    own = [Path(module.__path__[0]) for module in (d2lconv, mxnet_today)]
    binds += [*map(str, own), str(Path(__file__).parent)]
    command = ["bwrap", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    if os.getuid() == 0:
        command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user"]
    command += ["--perms", "1777", "--size", str(4 * FILE_BYTES), "--tmpfs", "/tmp"]
    for path in binds:
        for parent in list(Path(path).parents)[-2::-1]:  # bwrap would close them to others
            command += ["--perms", "0755", "--dir", str(parent)]
        command += ["--ro-bind-try", path, path]
    command += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    return [*command, "--remount-ro", "/", "--die-with-parent", "--chdir", str(ROOT), *worker]


def safest(wanted: str | None = None) -> str:
    """Return the safest way to lock code up that works here, or the one that is wanted.

    Raises RuntimeError if it does not work.
    """
    reason: Exception | None = None
    for mode in [wanted] if wanted else ["bwrap", "user"]:
        try:
            Sandbox(mode).close()
            return mode
        except (OSError, RuntimeError) as error:
            reason = error
    raise RuntimeError(str(reason))


class Sandbox:
    """A running worker.

    Parameters
    ----------
    mode : str
        "bwrap", "user" or "none", see `DEFENDED`.
    seconds : float
        How long it may take to start.

    Raises
    ------
    RuntimeError
        If it does not start. That is never the student's fault.
    """

    def __init__(self, mode: str, seconds: float = 60) -> None:
        if mode == "user" and os.getuid() != 0:
            raise RuntimeError("another user's process can be started by root alone")
        self.mode, self.printed = mode, 0
        # The numbers that systemd keeps for users of the moment; one for each grading process
        self.user = 61184 + os.getpid() % 4096 if os.getuid() == 0 and mode != "none" else 0
        self.home = Path("/tmp" if mode == "bwrap" else tempfile.mkdtemp(prefix="d2lconv-"))
        if mode == "user":
            os.chown(self.home, self.user, self.user)
        limits = [str(number) for number in (MEMORY_BYTES, FILE_BYTES, PROCESSES, self.user)]
        worker = [sys.executable, "-m", "assignments.grader.worker", *limits]
        ours, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            _command(mode, worker),
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
                "PYTHONDONTWRITEBYTECODE": "1",
            },
        )
        theirs.close()
        self.line = Line(ours)
        try:
            self.line.receive(seconds)
        except (OSError, EOFError, ValueError) as error:
            self.close()
            raise RuntimeError(f"the sandbox {mode!r} does not start: {error!r}") from error

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

        def remaining() -> float:
            return deadline - time.monotonic()

        try:
            self.line.send(request, seconds)
            while "calls" in (reply := self.line.receive(remaining())):
                self.line.send(self._call(functions, reply), remaining())
            self.printed = max(self.printed, int(reply.get("printed", 0)))
            if "error" in reply:
                raise Raised(str(reply["error"])[:2000])
            return decode(reply["result"])
        except Raised:
            raise
        except socket.timeout:  # TimeoutError, from Python 3.10 on
            raise Gone(f"no answer after {seconds:.0f} seconds") from None
        except (EOFError, ConnectionError):
            raise Gone(f"the process ended (exit code {self._code()})") from None
        except Exception as error:
            raise Gone(f"the answer can't be read: {error}") from None

    @staticmethod
    def _call(functions: list[Any], reply: dict) -> dict:
        try:
            if len(str(reply["args"])) > ARGUMENT_LETTERS:
                raise ValueError("the array is too large")
            return {"result": encode(functions[int(reply["calls"])](*decode(reply["args"])))}
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}"}

    def _code(self) -> int | None:
        try:
            return self.process.wait(2)
        except subprocess.TimeoutExpired:
            return None

    def _kill_all(self) -> None:
        """Kill whatever that user runs, at one blow: a process that keeps forking has no chance."""
        code = f"import os; os.setresuid(*3 * [{self.user}]); os.kill(-1, {signal.SIGKILL:d})"
        subprocess.run([sys.executable, "-I", "-S", "-c", code])  # os.fork is not safe with threads

    def _running(self) -> list[psutil.Process]:
        if self.user:
            every = psutil.process_iter(["uids"])
            found = [p for p in every if p.info["uids"] and p.info["uids"].real == self.user]
        else:
            try:
                found = psutil.Process(self.process.pid).children(recursive=True)
            except psutil.NoSuchProcess:
                found = []
        return [process for process in found if _lives(process)]

    def close(self) -> int:
        """End every process of the sandbox. Return how many the student's code had abandoned."""
        running = self._running()
        own = 0  # the children that are no one's fault
        if self.process.poll() is None and self.user:
            own = 1  # the worker, which is that user's
        elif self.process.poll() is None and self.mode == "bwrap":
            own = 2  # the worker, and bubblewrap's own first process
        for process in running if self.mode == "none" else []:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.kill()
        if self.mode == "user":
            self._kill_all()
        self.process.wait()
        deadline = time.monotonic() + 10
        while any(map(_lives, running)) and time.monotonic() < deadline:
            time.sleep(0.01)  # killed, but the system takes its time
        self.line.socket.close()
        if self.mode != "bwrap":
            shutil.rmtree(self.home, ignore_errors=True)
        return max(len(running) - own, 0)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
