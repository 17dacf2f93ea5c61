"""Runs inside the sandbox, with the student's code: it runs cells and calls functions when asked.

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

MEMORY_BYTES, FILE_BYTES, PROCESSES, USER = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
    file.write("1000")  # should the machine's memory run out, this process is the first to go
if USER:
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)
    # Counted by user, so it can only be set for a user of our own
    resource.setrlimit(resource.RLIMIT_NPROC, (PROCESSES, PROCESSES))
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)

channel = socket.socket(fileno=os.dup(0))
os.dup2(os.open(os.devnull, os.O_RDWR), 0)

from IPython.core.interactiveshell import InteractiveShell  # noqa: E402 - under the limits
from mxnet import npx  # noqa: E402
from traitlets.config import Config  # noqa: E402

from assignments.grader.wire import Line, decode, encode  # noqa: E402

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

    def call(*args: Any) -> Any:
        line.send({"calls": number, "args": encode(args)})
        reply = line.receive()
        if "error" in reply:
            raise ValueError(reply["error"])
        return decode(reply["result"])

    return call


def answer(shell: InteractiveShell, request: dict) -> dict:
    """Run a cell, or call a function that the student has defined."""
    if "cell" in request:
        outcome = shell.run_cell(request["cell"], silent=True)
        error = outcome.error_before_exec or outcome.error_in_exec
        return {"error": f"{type(error).__name__}: {error}"} if error else {"result": None}
    try:
        args, kwargs = decode(request["args"], function), request["kwargs"]
        kwargs = {name: decode(value, function) for name, value in kwargs.items()}
        return {"result": encode(shell.user_ns[request["call"]](*args, **kwargs))}
    except KeyError as error:
        if request["call"] in shell.user_ns:
            return {"error": f"KeyError: {error}"}
        return {"error": f"{request['call']} is not defined"}
    except BaseException as error:
        return {"error": f"{type(error).__name__}: {error}"}


config = Config()
config.HistoryManager.enabled = False
shell = InteractiveShell.instance(config=config)
sys.stdout = sys.stderr = Printed()
line.send({"ready": True})
while True:
    try:
        request = line.receive()
    except EOFError:
        break
    reply = answer(shell, request)
    line.send({**reply, "printed": Printed.count})
