"""Run cells and call functions inside the sandbox, on request.

MXNet starts slowly, so it starts once, and each notebook gets a fork of that process as its worker.
The worker knows no tests, expected results or marks, and the grader doesn't trust it: a student who
takes it over can only send other answers.
"""

from __future__ import annotations

import ast
import base64
import bdb
import builtins
import contextlib
import ctypes
import getpass
import io
import itertools
import json
import operator
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tools.grader import limits
from tools.isolation.rlimits import set_limits
from tools.isolation.seccomp import install_filter

CLONE_NEWNS = 0x20000
MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 32, 4096, 0x4000, 0x40000
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 1, 24, 38, 47
KEYCTL = {"x86_64": 250, "aarch64": 219}.get(os.uname().machine)
SHELL_SECONDS = 5  # for a command such as !ls
CORES = 2  # for pools of processes and threads, on any machine
# Magics for a whole cell: run the cell without them, statement by statement
AROUND = re.compile(r"\A\s*%%(?:time|timeit|capture|prun)\b.*\n")
# Commands that need the network, or would only cause waiting
ELSEWHERE = re.compile(
    r"\s*(?:sudo |python3? -m )?(?:pip|conda|mamba|apt|apt-get|uv|git|wget|make)\b"
)
libc = ctypes.CDLL(None)
line: Any = None  # the connection to the grader
wire: Any = None  # the module; only imported once this process is confined


def limit_files() -> bool:
    """Limit the number of files in /tmp, a folder in memory. Needs CAP_SYS_ADMIN, dropped later."""
    flags = MS_NOSUID | MS_NODEV
    data = f"size={limits.FOLDER_BYTES},nr_inodes={limits.MOST_FILES}".encode()
    if libc.mount(None, b"/tmp", None, MS_REMOUNT | flags, data) == 0:
        return True
    return (  # in a nested namespace: mount a new /tmp instead
        not os.listdir("/tmp")
        and libc.unshare(CLONE_NEWNS) == 0
        and libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None) == 0
        and libc.mount(b"tmpfs", b"/tmp", b"tmpfs", flags, data + b",mode=1777") == 0
    )


def confine(user: int, counted: bool, can_mount: bool) -> dict[str, bool]:
    """Confine this process and its children, and return which limits hold.

    Call this while single-threaded: the system call filter doesn't cover other threads.
    """
    set_limits(AS=limits.MEMORY_BYTES, FSIZE=limits.FILE_BYTES, NOFILE=limits.OPEN_FILES)
    set_limits(CORE=0, MEMLOCK=2**16, MSGQUEUE=0, SIGPENDING=256)
    holds = {"files": can_mount and limit_files()}
    if can_mount:  # pools of processes keep their locks there
        libc.mount(b"/tmp", b"/dev/shm", None, MS_BIND, None)
    for capability in range(64) if user or can_mount else []:
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    if user:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    if user or can_mount:
        libc.prctl(PR_CAP_AMBIENT, 4, 0, 0, 0)  # don't inherit capabilities
        libc.capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)())  # drop all
    if counted:
        set_limits(NPROC=limits.PROCESSES)  # per user, so only useful for a separate user
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    holds["keys"] = KEYCTL is not None and libc.syscall(KEYCTL, 1, None) > 0  # a new keyring
    holds["calls"] = install_filter()
    return holds


class Printed(io.TextIOBase):
    """Count printed characters and throw them away."""

    count = 0

    def write(self, text: str) -> int:
        Printed.count += len(text)
        return len(text)


class TooSlow(BaseException):
    """A statement exceeded its CPU time."""


def make_shell() -> Any:
    """Return the shell of Jupyter's kernel, changed so that nothing waits for input."""
    from ipykernel.zmqshell import ZMQInteractiveShell
    from IPython.core.displaypub import DisplayPublisher
    from traitlets.config import Config

    class Nowhere(DisplayPublisher):
        def publish(self, *args: Any, **kwargs: Any) -> None:
            """Show nothing."""

        clear_output = publish

    config = Config()
    config.HistoryManager.enabled = False
    shell: Any = ZMQInteractiveShell.instance(config=config)
    shell.display_pub = Nowhere(parent=shell)
    shell.showtraceback = shell.showsyntaxerror = shell.enable_gui = shell.ask_exit = nothing
    shell.enable_matplotlib = lambda gui=None: (gui, "agg")
    shell.system = shell.system_piped = shell.system_raw = command
    for name in ("pip", "conda", "mamba", "uv", "debug", "autosave"):
        shell.register_magic_function(nothing, "line", name)
    builtins.input = getpass.getpass = one
    sys.breakpointhook = bdb.Bdb.set_trace = nothing  # type: ignore[method-assign, assignment]
    os.cpu_count = lambda: CORES
    if hasattr(os, "process_cpu_count"):
        os.process_cpu_count = os.cpu_count
    sys.path.insert(0, "")  # students' modules are next to the notebook
    return shell


def one(*args: Any, **kwargs: Any) -> str:
    """Answer `input()`; it usually asks for a number."""
    return "1"


def nothing(*args: Any, **kwargs: Any) -> None:
    """Replace functions that would wait for a person or a browser."""


def command(text: str) -> None:
    """Run a system command, as `!ls` does."""
    if not ELSEWHERE.match(text):
        quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        subprocess.run(text, shell=True, timeout=SHELL_SECONDS, **quiet)  # type: ignore[call-overload]


def is_stub(node: ast.AST) -> bool:
    """Return whether it is a stub, which only raises NotImplementedError."""
    if not isinstance(node, ast.FunctionDef):
        return False
    texts = (ast.Expr, ast.Constant)
    body = [n for n in node.body if not (isinstance(n, texts[0]) and isinstance(n.value, texts[1]))]
    return len(body) == 1 and ast.unparse(body[0]).rstrip("()") == "raise NotImplementedError"


def statements(shell: Any, cell: str) -> list[tuple[ast.AST | None, str]]:
    """Return a cell's statements with their text, or the whole cell if it can't be parsed."""
    text = shell.transform_cell(AROUND.sub("", cell))
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        body = compile(text, "<cell>", "exec", flags, dont_inherit=True).body  # type: ignore[attr-defined]
    except Exception:
        return [(None, cell)]
    lines, found, end = text.split("\n"), [], 0
    for node in body:
        above = [each.lineno for each in getattr(node, "decorator_list", [])]
        first = min([node.lineno, *above])
        if first > end:  # a line can have two statements
            found.append((node, "\n".join(lines[first - 1 : node.end_lineno])))
        end = max(end, node.end_lineno)
    return found


@contextlib.contextmanager
def no_longer_than(seconds: float) -> Iterator[None]:
    """Interrupt code after its CPU time; if it continues, the grader ends the process."""

    def stop(*args: Any) -> None:
        raise TooSlow

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def error_text(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[: limits.REASON_LETTERS]


def run(shell: Any, request: dict) -> dict:
    """Run a cell statement by statement, so that a failure doesn't lose the functions below it.

    Return a sentence about each failed statement, its number, and whether to skip it from now on.
    """
    sentences, seconds = [], request["seconds"]
    for number, (node, text) in enumerate(statements(shell, request["cell"])):
        dropped = is_stub(node) and node.name in request["drop"]  # type: ignore[union-attr, arg-type]
        if dropped or number in request["skip"]:
            continue
        line.send({"at": number})
        try:
            with no_longer_than(seconds):
                outcome = shell.run_cell(text, silent=True)
            error = outcome.error_before_exec or outcome.error_in_exec
        except TooSlow as slow:
            error = slow
        if isinstance(error, MemoryError):
            return {"error": error_text(error)}
        if isinstance(error, TooSlow):
            why = f"was skipped: no answer after {request['seconds']:.0f} seconds"
            sentences.append([number, f": statement {number + 1} {why}", True])
            seconds = 1
        elif error:
            sentences.append([number, f" raises {error_text(error)}", False])
    return {"result": wire.encode(sentences)}


def plain(value: Any) -> Any:
    """Convert a result to plain data: numbers of any type, and any iterable."""
    import mxnet
    import numpy

    while isinstance(value, numpy.ndarray) and value.dtype == object:
        value = value.tolist()
    kind = type(value)
    if kind is mxnet.nd.NDArray:
        return value.as_np_ndarray()
    arrays = numpy.generic, numpy.ndarray, mxnet.np.ndarray
    if value is None or isinstance(value, (bool, float, str, *arrays)):
        return value
    if hasattr(kind, "__index__"):
        return operator.index(value)
    if hasattr(kind, "__float__") and not hasattr(kind, "__iter__"):
        return int(value) if value == int(value) else float(value)
    if hasattr(kind, "__iter__"):
        items = [plain(item) for item in itertools.islice(value, limits.MOST_ITEMS + 1)]
        if len(items) > limits.MOST_ITEMS:
            raise ValueError(f"more than {limits.MOST_ITEMS} items")
        return items if isinstance(value, list) else tuple(items)
    return value


def answer(shell: Any, request: dict) -> dict:
    """Run a cell, call one of the student's functions, or write the student's files."""
    if "files" in request:
        for name, data in request["files"].items():
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_bytes(base64.b64decode(data))
        return {"result": None}
    if "cell" in request:
        return run(shell, request)
    try:
        args, kwargs = wire.decode(request["args"], function), request["kwargs"]
        kwargs = {name: wire.decode(value, function) for name, value in kwargs.items()}
        return {"result": wire.encode(plain(shell.user_ns[request["call"]](*args, **kwargs)))}
    except KeyError as error:
        if request["call"] in shell.user_ns:
            return {"error": f"KeyError: {error}"}
        return {"error": f"{request['call']} is not defined"}
    except BaseException as error:
        return {"error": error_text(error)}


turn = threading.RLock()  # students' threads may call our functions simultaneously


def function(number: int) -> Callable:
    """Return a function that forwards calls to a function of the grader."""

    def call(*args: Any, **kwargs: Any) -> Any:
        named = {name: wire.encode(value) for name, value in kwargs.items()}
        request = {"calls": number, "args": wire.encode(args), "kwargs": named}
        with turn:
            line.send(request)
            reply = line.receive()
        if "error" in reply:
            raise ValueError(reply["error"])
        return wire.decode(reply["result"])

    return call


def home_files() -> set[tuple]:
    """Clear the caches that drawing fills; return the other files in the home and their times."""
    found = set()
    for folder in (".cache", ".config"):
        shutil.rmtree(folder, ignore_errors=True)
    for folder, folders, names in os.walk(os.environ["HOME"]):
        for path in (os.path.join(folder, name) for name in folders + names):
            about = os.lstat(path)
            found.add((path, about.st_ino, about.st_mode, about.st_size, about.st_mtime_ns))
    return found


def fork_workers(again: int) -> None:
    """Fork a worker, and a replacement whenever it exits with `again` and left no files.

    Returns only in the workers; the parent exits with the last worker's status.
    """
    import numpy

    before = home_files()
    while worker := os.fork():
        _, status = os.waitpid(worker, 0)
        if os.WIFSIGNALED(status):
            with contextlib.suppress(OSError):  # SIGKILL has no handler
                signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
            os.kill(os.getpid(), os.WTERMSIG(status))
        if os.WEXITSTATUS(status) != again or home_files() != before:
            os._exit(os.WEXITSTATUS(status))
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    Printed.count = 0
    numpy.random.seed()  # noqa: NPY002 - workers need different numbers


def main() -> None:
    """Confine this process, start MXNet and the shell, and answer requests until the end."""
    global line, wire
    holds = confine(**json.loads(sys.argv[1]))
    channel = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    from mxnet import npx

    from tools.grader import wire

    os.chdir(os.environ["HOME"])
    npx.set_np()
    line = wire.Line(channel)
    shell = make_shell()
    sys.stdout = sys.stderr = Printed()
    fork_workers(wire.AGAIN)
    line.send({"ready": True, **holds})
    with contextlib.suppress(EOFError):
        while "again" not in (request := line.receive()):
            line.send({**answer(shell, request), "printed": Printed.count})
        os._exit(wire.AGAIN)


if __name__ == "__main__":
    main()
