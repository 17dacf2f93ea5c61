"""What the walls of the grader and of the hub are made of. It imports little: MXNet is slow."""

from __future__ import annotations

import importlib.util
import shlex
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]


def visible() -> list[str]:
    """Return what code behind bubblewrap can read, of a student's notebook on a hub too."""
    binds = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives"]
    binds += ["/etc/fonts", "/sys/devices/system/cpu", sys.base_prefix, sys.prefix]
    # Not imported: that would start MXNet, in the hub too
    found = map(importlib.util.find_spec, ("d2lconv", "mxnet_today"))
    own = [str(Path(str(spec.origin)).parent) for spec in found if spec]
    return [*binds, *own, str(Path(__file__).parent)]


def bound(paths: Iterable[str]) -> list[str]:
    """Return bubblewrap's options that show these, as far as they are there, to be read."""
    options = []
    for path in paths:
        for parent in list(Path(path).parents)[-2::-1]:  # bwrap would close them to others
            options += ["--perms", "0755", "--dir", str(parent)]
        options += ["--ro-bind-try", path, path]
    return options


def readable(mode: str, folders: Iterable[Path], shown: Iterable[str] = ()) -> str | None:
    """Return which of these folders the students' code could read in this mode, and why.

    Besides what all of it can read, there is what is `shown` to it.
    """
    for folder in folders if mode == "bwrap" else []:
        for path in map(Path, [*visible(), *shown]):
            if path.resolve() in [folder.resolve(), *folder.resolve().parents]:
                return f"{folder} is in {path}, which the students' code has to see"
    return None


def on_the_way(command: list[str], groups: list[Path], score: int = 1000) -> list[str]:
    """Return the command that joins these cgroups and takes this OOM score, then runs `command`.

    The highest score (1000) is killed first when memory runs out. Root does this before the
    command starts, so the command can't undo it.
    """
    script = f"echo {score} >/proc/self/oom_score_adj; "
    script += "".join(f"echo 0 >{shlex.quote(str(group))} && " for group in groups)
    return ["/bin/sh", "-c", f'{script}exec "$@"', "sh", *command]


def signal_all(user: int, number: int) -> None:
    """Signal whatever that user runs, at one blow: a process that keeps forking has no chance."""
    code = f"import os; os.setresuid(*3 * [{user}]); os.kill(-1, {number:d})"
    subprocess.run([sys.executable, "-I", "-S", "-c", code])  # os.fork is not safe with threads
