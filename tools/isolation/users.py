"""System users that stand for students: the processes that belong to them, and free ones."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil

SANDBOX_USERS = range(61184, 65280)  # the numbers that systemd keeps for short-lived users
TAKEN = Path("/run/d2lconv-users")


def processes_of(user: int) -> list[psutil.Process]:
    """Return what runs as this user."""
    every = psutil.process_iter(["uids"])
    return [p for p in every if p.info["uids"] and p.info["uids"].real == user]


def signal_all(user: int, number: int) -> None:
    """Signal everything that runs as this user in one call: a process can't fork away from it."""
    code = f"import os; os.setresuid(*3 * [{user}]); os.kill(-1, {number:d})"
    subprocess.run([sys.executable, "-I", "-S", "-c", code])  # os.fork is not safe with threads


@functools.cache
def free_user() -> tuple[int, Any]:
    """Return a user that nobody else here has, and the lock that says so while this process lives.

    All that runs as the user is killed in the end. Raises OSError if there is none.
    """
    TAKEN.mkdir(mode=0o700, exist_ok=True)
    used = {p.info["uids"].real for p in psutil.process_iter(["uids"]) if p.info["uids"]}
    for number in range(len(SANDBOX_USERS)):
        user = SANDBOX_USERS[(os.getpid() + number) % len(SANDBOX_USERS)]
        if user in used:
            continue
        taken = open(TAKEN / str(user), "w")  # noqa: SIM115 - open as long as this process lives
        with contextlib.suppress(OSError):
            fcntl.flock(taken, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return user, taken
        taken.close()
    raise OSError("there is no user left for a sandbox")
