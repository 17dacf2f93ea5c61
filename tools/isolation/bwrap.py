"""Make bubblewrap commands, which show a program only chosen files."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tools.isolation import ROOT

# The capabilities that root needs until the program has changed its user
ROOTS_RIGHTS = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
ROOTS_RIGHTS += ["--cap-add", "CAP_SETPCAP"]
SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives"]
SYSTEM += ["/etc/fonts", "/sys/devices/system/cpu"]


def readonly_paths() -> list[str]:
    """Return the paths that all sandboxed programs may read: the system, Python, the package."""
    # Find them without importing them, which would start MXNet, also in the hub
    found = map(importlib.util.find_spec, ("d2lconv", "mxnet_today"))
    packages = [str(Path(str(spec.origin)).parent) for spec in found if spec]
    own = [str(ROOT / "tools" / "__init__.py"), str(Path(__file__).parent)]
    return [*SYSTEM, sys.base_prefix, sys.prefix, *packages, *own]


def exposed(mode: str, folders: Iterable[Path], shown: Iterable[str] = ()) -> str | None:
    """Return which of these folders students' code could read in this mode, and why, or None.

    `shown` are paths that the code sees in addition to those in `readonly_paths`.
    """
    for folder in folders if mode == "bwrap" else []:
        for path in map(Path, [*readonly_paths(), *shown]):
            if path.resolve() in [folder.resolve(), *folder.resolve().parents]:
                return f"{folder} is in {path}, which the students' code has to see"
    return None


def bwrap_command(shown: Iterable[str], temporary_bytes: int, options: list[str]) -> list[str]:
    """Return a bubblewrap command with these further options; append the program to it.

    The program sees the files `shown`, read-only, and an empty /tmp of `temporary_bytes` in memory.
    """
    command = ["bwrap", "--unshare-pid", "--unshare-ipc", "--unshare-uts", *options]
    command += ["--perms", "1777", "--size", str(temporary_bytes), "--tmpfs", "/tmp"]
    for path in [*readonly_paths(), *shown]:
        for parent in list(Path(path).parents)[-2::-1]:  # bwrap would make these private
            command += ["--perms", "0755", "--dir", str(parent)]
        command += ["--ro-bind-try", path, path]
    command += ["--proc", "/proc"]
    for listing in filter(os.path.exists, ("/proc/keys", "/proc/key-users")):
        command += ["--ro-bind", "/dev/null", listing]  # they list the user's keys
    return [*command, "--dev", "/dev", "--remount-ro", "/", "--chdir", str(ROOT)]


def without_rights(user: int) -> list[str]:
    """Return a command that drops all capabilities, changes to a user (0: doesn't), and goes on."""
    command = ["setpriv", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
    return command + [f"--reuid={user}", f"--regid={user}", "--clear-groups"] * bool(user)


@functools.cache
def bwrap_can(*options: str, start: tuple[str, ...] = ()) -> bool:
    """Return whether bubblewrap works here with these options, and can `start` a program."""
    command = ["bwrap", *options, "--ro-bind", "/", "/", *start, "/bin/true"]
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        return subprocess.run(command, stderr=subprocess.DEVNULL, timeout=60).returncode == 0
    return False
