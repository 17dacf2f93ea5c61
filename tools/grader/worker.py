"""Runs inside the sandbox, with the student's code: it runs cells and calls functions when asked.

What starts slowly, MXNet, is started once: for each notebook a fork of that process is the worker.
It knows no test, no expected result and no mark, and nothing that it says is believed: a student
who takes it over can only send other answers.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import resource
import signal
import socket
import sys
from typing import Any, Callable

from tools.grader.calls import close_them
from tools.grader.limits import (
    AGAIN,
    FILE_BYTES,
    FOLDER_BYTES,
    MEMORY_BYTES,
    MOST_FILES,
    OPEN_FILES,
    PROCESSES,
    REASON_LETTERS,
)

USER, COUNTED, CAN_MOUNT = map(int, sys.argv[1:])
CLONE_NEWNS = 0x20000
MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_REC, MS_PRIVATE = 2, 4, 32, 0x4000, 0x40000
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 1, 24, 38, 47
KEYCTL = {"x86_64": 250, "aarch64": 219}.get(os.uname().machine)
libc = ctypes.CDLL(None)


def limit_files() -> bool:
    """Let /tmp, a folder in memory, hold few files. It takes a right that is dropped then."""
    flags, data = MS_NOSUID | MS_NODEV, f"size={FOLDER_BYTES},nr_inodes={MOST_FILES}".encode()
    if libc.mount(None, b"/tmp", None, MS_REMOUNT | flags, data) == 0:
        return True
    return (  # in a namespace below the one that has made it: another one in its place
        not os.listdir("/tmp")
        and libc.unshare(CLONE_NEWNS) == 0
        and libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None) == 0
        and libc.mount(b"tmpfs", b"/tmp", b"tmpfs", flags, data + b",mode=1777") == 0
    )


for limit, value in (
    (resource.RLIMIT_AS, MEMORY_BYTES),
    (resource.RLIMIT_FSIZE, FILE_BYTES),
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_NOFILE, OPEN_FILES),
    (resource.RLIMIT_MEMLOCK, 2**16),
    (getattr(resource, "RLIMIT_MSGQUEUE", None), 0),
    (getattr(resource, "RLIMIT_SIGPENDING", None), 256),
):
    if limit is not None:
        least = resource.getrlimit(limit)[1]
        value = value if least == resource.RLIM_INFINITY else min(value, least)
        resource.setrlimit(limit, (value, value))
holds = {"files": bool(CAN_MOUNT) and limit_files()}
for capability in range(64) if USER or CAN_MOUNT else []:
    libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
if USER:
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)
if USER or CAN_MOUNT:
    libc.prctl(PR_CAP_AMBIENT, 4, 0, 0, 0)  # none of them is handed on
    libc.capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)())  # and none is left
if COUNTED:
    # Counted by user, so it can only be set for a user of our own
    resource.setrlimit(resource.RLIMIT_NPROC, (PROCESSES, PROCESSES))
libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
holds["keys"] = KEYCTL is not None and libc.syscall(KEYCTL, 1, None) > 0  # a keyring of its own
holds["calls"] = close_them()  # now, as there is one thread

channel = socket.socket(fileno=os.dup(0))
os.dup2(os.open(os.devnull, os.O_RDWR), 0)

import numpy  # noqa: E402 - under the limits
from IPython.core.interactiveshell import InteractiveShell  # noqa: E402
from mxnet import npx  # noqa: E402
from traitlets.config import Config  # noqa: E402

from tools.grader.wire import Line, decode, encode  # noqa: E402

os.chdir(os.environ["HOME"])
npx.set_np()
line = Line(channel)


class Printed(io.TextIOBase):
    """What is printed is counted and thrown away."""

    count = 0

    def write(self, text: str) -> int:
        Printed.count += len(text)
        return len(text)


def function(number: int) -> Callable:
    """Stand in for one of the grader's functions: the call goes there."""

    def call(*args: Any, **kwargs: Any) -> Any:
        named = {name: encode(value) for name, value in kwargs.items()}
        line.send({"calls": number, "args": encode(args), "kwargs": named})
        reply = line.receive()
        if "error" in reply:
            raise ValueError(reply["error"])
        return decode(reply["result"])

    return call


def said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:REASON_LETTERS]


def answer(shell: InteractiveShell, request: dict) -> dict:
    """Run a cell, or call a function that the student has defined."""
    if "cell" in request:
        outcome = shell.run_cell(request["cell"], silent=True)
        error = outcome.error_before_exec or outcome.error_in_exec
        return {"error": said(error)} if error else {"result": None}
    try:
        args, kwargs = decode(request["args"], function), request["kwargs"]
        kwargs = {name: decode(value, function) for name, value in kwargs.items()}
        return {"result": encode(shell.user_ns[request["call"]](*args, **kwargs))}
    except KeyError as error:
        if request["call"] in shell.user_ns:
            return {"error": f"KeyError: {error}"}
        return {"error": f"{request['call']} is not defined"}
    except BaseException as error:
        return {"error": said(error)}


def files() -> set[tuple]:
    """Return what is in the folder for files, and when it was written."""
    found = set()
    for folder, folders, names in os.walk(os.environ["HOME"]):
        for path in (os.path.join(folder, name) for name in folders + names):
            about = os.lstat(path)
            found.add((path, about.st_ino, about.st_mode, about.st_size, about.st_mtime_ns))
    return found


def keep() -> None:
    """Fork a worker, and another one when it is asked for and nothing is left of the one before.

    It returns in the workers alone. Else it ends as they have ended.
    """
    before = files()
    while worker := os.fork():
        _, status = os.waitpid(worker, 0)
        if os.WIFSIGNALED(status):
            with contextlib.suppress(OSError):  # SIGKILL is what it is
                signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
            os.kill(os.getpid(), os.WTERMSIG(status))
        if os.WEXITSTATUS(status) != AGAIN or files() != before:
            os._exit(os.WEXITSTATUS(status))
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    Printed.count = 0
    numpy.random.seed()  # noqa: NPY002 - not the same numbers in all of them


config = Config()
config.HistoryManager.enabled = False
shell = InteractiveShell.instance(config=config)
sys.stdout = sys.stderr = Printed()
keep()
line.send({"ready": True, **holds})
while True:
    try:
        request = line.receive()
    except EOFError:
        break
    if "again" in request:
        os._exit(AGAIN)
    reply = answer(shell, request)
    line.send({**reply, "printed": Printed.count})
