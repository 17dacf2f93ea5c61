"""Run statements and call functions inside the sandbox, on request.

MXNet starts slowly, so it starts once, and each notebook gets a fork of that process as its worker.
The worker knows no tests, expected results or marks, and the grader doesn't trust it: a student who
takes it over can only send other answers.
"""

import ast
import base64
import bdb
import builtins
import code
import contextlib
import ctypes
import getpass
import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.grader import limits
from tools.isolation.rlimits import set_limits
from tools.isolation.seccomp import install_filter

PR_SET_PDEATHSIG = 1
KEYCTL = {"x86_64": 250, "aarch64": 219}[os.uname().machine]
SHELL_SECONDS = 5  # for a command such as !ls
CORES = 2  # for pools of processes and threads, on any machine
# Magics for a whole cell: run the cell without them, statement by statement
AROUND = re.compile(r"\A\s*%%(?:time|timeit|capture|prun)\b.*\n")
# Commands that need the network, or would only keep the grader waiting
ELSEWHERE = re.compile(r"\s*(?:sudo |python3? -m )?(?:pip|conda|mamba|apt|uv|git|wget|make)\b")
libc = ctypes.CDLL(None)
line: Any = None  # the connection to the grader
wire: Any = None  # the module; only imported once this process is confined


def confine(limit_processes: bool) -> bool:
    """Confine this process and its children; return whether system calls are filtered."""
    set_limits(AS=limits.MEMORY_BYTES, FSIZE=limits.FILE_BYTES, NOFILE=limits.OPEN_FILES)
    set_limits(CORE=0, MEMLOCK=2**16, MSGQUEUE=0, SIGPENDING=256)
    if limit_processes:
        set_limits(NPROC=limits.PROCESSES)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    libc.syscall(KEYCTL, 1, None)  # a new keyring
    return install_filter()


def nothing(*args: Any, **kwargs: Any) -> None:
    """Do nothing, in place of a function that displays something or waits for input."""


def command(text: str) -> None:
    """Run a system command, as `!ls` does."""
    if not ELSEWHERE.match(text):
        quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        subprocess.run(text, shell=True, timeout=SHELL_SECONDS, **quiet)  # type: ignore[call-overload]


def make_shell() -> Any:
    """Return the shell of Jupyter's kernel, changed so that nothing waits for input."""
    import numpy
    from ipykernel.zmqshell import ZMQInteractiveShell
    from IPython.core import pylabtools
    from traitlets.config import Config

    # Star imports and %pylab leave Python's own functions alone, as with NumPy 1
    numpy.__all__ = sorted({*numpy.__all__} - {"abs", "bool", "max", "min", "pow", "round"})
    config = Config({"HistoryManager": {"enabled": False}})
    shell: Any = ZMQInteractiveShell.instance(config=config)
    shell.display_pub.publish = shell.display_pub.clear_output = nothing
    shell.showtraceback = shell.showsyntaxerror = shell.enable_gui = shell.ask_exit = nothing
    pylabtools.backend2gui = {}  # type: ignore[attr-defined]  # Matplotlib 3.7 imports it
    shell.enable_matplotlib = lambda gui=None: (gui, "agg")
    shell.system = shell.system_piped = shell.system_raw = command
    for name in ("pip", "conda", "mamba", "uv", "debug", "autosave"):
        shell.register_magic_function(nothing, "line", name)
    builtins.input = getpass.getpass = lambda *_, **__: "1"  # type: ignore[assignment]
    sys.breakpointhook = bdb.Bdb.set_trace = nothing  # type: ignore[method-assign, assignment]
    sys.modules["IPython"].embed = code.interact = nothing  # type: ignore[attr-defined, assignment]
    os.cpu_count = os.process_cpu_count = lambda: CORES  # type: ignore[attr-defined]
    sys.path.insert(0, "")  # students' modules are next to the notebook
    return shell


def statements(shell: Any, cell: str) -> list[str]:
    """Split a cell into statements; a cell that can't be parsed is a single one."""
    try:
        text = shell.transform_cell(AROUND.sub("", cell))
        body = ast.parse(text).body[: limits.MOST_STATEMENTS]
    except Exception:
        return [cell]
    lines, found = text.encode().split(b"\n"), []  # the parser counts columns in bytes
    for node in body:
        first = min(each.lineno for each in (node, *getattr(node, "decorator_list", ())))
        part = lines[first - 1 : node.end_lineno]
        part[-1] = part[-1][: node.end_col_offset]
        part[0] = part[0][node.col_offset :]
        found.append(b"\n".join(part).decode())
    return found


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
        return int(value)
    if hasattr(kind, "__iter__"):
        items = [plain(item) for item in itertools.islice(value, limits.MOST_ITEMS + 1)]
        if len(items) > limits.MOST_ITEMS:
            raise ValueError(f"more than {limits.MOST_ITEMS} items")
        return items if isinstance(value, list) else tuple(items)
    if hasattr(kind, "__float__"):
        return int(value) if value == int(value) else float(value)
    return value


def answer(shell: Any, request: dict) -> dict:
    """Write a file, split a cell, run a statement, or call one of the student's functions."""
    result = None
    try:
        if "write" in request:
            file = Path(request["write"])
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(base64.b64decode(request["data"]))
        elif "split" in request:
            result = statements(shell, request["split"])
        elif "run" in request:
            shell.run_cell(request["run"], silent=True).raise_error()
        elif request["call"] in shell.user_ns:
            args, named = wire.decode(request["given"], function)
            result = plain(shell.user_ns[request["call"]](*args, **dict(named)))
        else:
            raise NameError(f"{request['call']} is not defined")
        return {"result": wire.encode(result)}
    except BaseException as error:
        return {"error": f"{type(error).__name__}: {error}"[: limits.REASON_LETTERS]}


turn = threading.RLock()  # students' threads may call our functions simultaneously


def function(number: int) -> Callable:
    """Return a function that forwards calls to a function of the grader."""

    def call(*args: Any, **kwargs: Any) -> Any:
        request = {"calls": number, "given": wire.encode([args, [*kwargs.items()]])}
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
        folders[:] = [n for n in folders if not os.path.ismount(os.path.join(folder, n))]
        for path in (os.path.join(folder, name) for name in folders + names):
            about = os.lstat(path)
            found.add((path, about.st_ino, about.st_mode, about.st_size, about.st_ctime_ns))
    return found


def fork_workers() -> None:
    """Fork a worker, and another each time the grader kills one that has left no files.

    Returns only in the workers; the parent exits with the last worker's status.
    """
    import numpy

    before = home_files()
    while worker := os.fork():
        while (ended := os.wait())[0] != worker:  # orphans end as well
            pass
        code = os.waitstatus_to_exitcode(ended[1])
        if code != -signal.SIGKILL or home_files() != before:
            os._exit(code if code >= 0 else 128 - code)  # as a shell reports signals
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    numpy.random.seed()  # noqa: NPY002 - workers need different numbers


def main() -> None:
    """Confine this process, start MXNet and the shell, and answer requests until the end."""
    global line, wire
    _, *limited = sys.argv  # "processes" or "files", or both
    filtered = confine("processes" in limited)
    channel = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    from mxnet import npx

    from tools.grader import wire

    os.chdir(os.environ["HOME"])
    npx.set_np()
    line = wire.Line(channel)
    shell = make_shell()
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    fork_workers()
    line.send({"ready": True, "files": "files" in limited, "calls": filtered})
    with contextlib.suppress(EOFError):
        while True:
            line.send(answer(shell, line.receive()))


if __name__ == "__main__":
    main()
