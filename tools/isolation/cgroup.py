"""Linux control groups, which limit several processes together."""

from __future__ import annotations

import contextlib
import os
import secrets
import shlex
import signal
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

FILES = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")


def _groups() -> list[tuple[str, Path]]:
    """Return this process's groups: the controllers of each ("" in version 2), and the folder."""
    lines = [line.split(":", 2) for line in _read(OWN).splitlines()]
    return [(names, FILES / names / path.lstrip("/")) for _, names, path in lines]


def _own() -> dict[str, Path]:
    """Return this process's groups for "memory", "pids" and, if it exists, "cpu"."""
    found = {}
    for names, own in _groups():
        for name in {"memory", "pids", "cpu"} & set(names.split(",")):  # version 1: a tree for each
            found[name] = own
        if not names:  # version 2
            # A group with processes can't limit groups below it, except for the root group
            is_root = "memory" in _read(own / "cgroup.subtree_control").split()
            parent = own if is_root else own.parent
            for name in _read(parent / "cgroup.subtree_control").split():
                found.setdefault(name, parent)
    return found


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def available() -> int:
    """Return the bytes of free memory, on this machine and in every group around this process."""
    memory = psutil.virtual_memory().available
    for group in {each for _, own in _groups() for each in (own, *own.parents)}:
        limit = _read(group / "memory.max") or _read(group / "memory.limit_in_bytes")
        used = _read(group / "memory.current") or _read(group / "memory.usage_in_bytes")
        if limit.strip().isdigit() and used.strip().isdigit():
            stat = _counts(_read(group / "memory.stat"))
            reclaimable = stat.get("total_inactive_file", stat.get("inactive_file", 0))
            memory = min(memory, int(limit) - int(used) + reclaimable)
    return memory


def killed() -> int:
    """Return how many processes this machine has killed because memory had run out.

    This includes processes that exceeded the limit of another group: see `Group.killed`.
    """
    return _counts(_read(Path("/proc/vmstat"))).get("oom_kill", 0)


def _counts(text: str) -> dict[str, int]:
    lines = [line.split() for line in text.splitlines()]
    return {line[0]: int(line[1]) for line in lines if len(line) == 2}


def in_cgroups(command: list[str], groups: Iterable[Path], score: int = 1000) -> list[str]:
    """Return a command that joins these cgroups, sets this OOM score, and runs `command`.

    When memory runs out, Linux kills the process with the highest score (1000) first. Root sets the
    score before the command starts, so the command can't undo it.
    """
    script = f"echo {score} >/proc/self/oom_score_adj; "
    script += "".join(f"echo 0 >{shlex.quote(str(group))} && " for group in groups)
    return ["/bin/sh", "-c", f'{script}exec "$@"', "sh", *command]


class Group:
    """A new control group. Raises OSError if this machine, or this user, can't make one.

    It limits the `memory` in bytes of all processes, with their files in memory and the kernel's
    memory for them; the number of processes and threads; and the number of cores (0: all). A group
    with a `name` can be reused after its creator has ended. If memory runs out, Linux kills all
    processes `together`, or one by one (version 1 always does).
    """

    def __init__(
        self, memory: int, processes: int, cores: float = 0, name: str = "", together: bool = True
    ) -> None:
        own = _own()
        if not {"memory", "pids"} <= set(own):
            raise OSError("no control groups for memory and processes")
        folder_name = f"d2lconv-{name or secrets.token_hex(8)}"
        self.folders = {controller: path / folder_name for controller, path in own.items()}
        quota = int(cores * 100_000)  # microseconds of CPU time in 100,000
        limits = {
            "memory.max": memory,
            "memory.swap.max": 0,
            "memory.oom.group": int(together),
            "memory.limit_in_bytes": memory,
            "memory.memsw.limit_in_bytes": memory,
            "memory.kmem.tcp.limit_in_bytes": memory,
            "pids.max": processes,
            "cpu.max": f"{quota or 'max'} 100000",
            "cpu.cfs_quota_us": quota or -1,
        }
        try:
            for folder in set(self.folders.values()):
                folder.mkdir(exist_ok=bool(name))
                for file, value in limits.items():
                    if (folder / file).exists():
                        (folder / file).write_text(str(value))
            command = in_cgroups(["true"], self.entrances())
            if subprocess.run(command, stderr=subprocess.DEVNULL).returncode:
                raise OSError("the control groups are closed")
        except OSError:
            self.close()
            raise

    def entrances(self) -> list[Path]:
        """Return the files to which a process writes 0 to join the group."""
        return [folder / "cgroup.procs" for folder in set(self.folders.values())]

    def killed(self) -> bool:
        """Return whether a process in it was killed because memory ran out, here or in a parent."""
        folder = self.folders["memory"]
        text = _read(folder / "memory.events.local") or _read(folder / "memory.oom_control")
        return _counts(text).get("oom_kill", 0) > 0

    def full(self) -> bool:
        """Return whether the group has exceeded its own limit, or reached it (version 1)."""
        folder = self.folders["memory"]
        if most := _read(folder / "memory.max_usage_in_bytes"):
            return int(most) + 2**20 > int(_read(folder / "memory.limit_in_bytes"))
        return _counts(_read(folder / "memory.events.local")).get("oom", 0) > 0

    def running(self) -> list[int]:
        return [int(pid) for pid in _read(self.folders["pids"] / "cgroup.procs").split()]

    def close(self) -> None:
        """Kill all its processes, and remove it."""
        with contextlib.suppress(OSError):
            (self.folders["pids"] / "pids.max").write_text("0")  # stop them from forking
        deadline = time.monotonic() + 10
        while any(folder.exists() for folder in self.folders.values()):
            for pid in self.running():
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            for folder in set(self.folders.values()):
                with contextlib.suppress(OSError):
                    folder.rmdir()
            if time.monotonic() > deadline:
                return
            time.sleep(0.005)
