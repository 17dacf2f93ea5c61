"""Find system users for sandboxes, and the processes of a user."""

import contextlib
import fcntl
import functools
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

SANDBOX_USERS = range(61184, 65280)  # the uids that systemd reserves for temporary users
TAKEN = Path("/run/d2lconv-users")


def signal_all(user: int, number: int) -> None:
    """Signal all processes of a user in one kill(-1), so that a fork bomb can't outrun it."""
    code = f"import os; os.setresuid(*3 * [{user}]); os.kill(-1, {number:d})"
    subprocess.run([sys.executable, "-I", "-S", "-c", code])  # os.fork isn't safe with threads


@functools.cache
def free_user() -> tuple[int, Any]:
    """Return a user without a sandbox, and a lock that reserves it while this process lives.

    The caller kills all processes of the user at the end. Raises OSError if no user is left.
    """
    TAKEN.mkdir(mode=0o700, exist_ok=True)
    # In any order, because containers share the kernel's count of a user's processes
    for user in random.sample(SANDBOX_USERS, len(SANDBOX_USERS)):
        taken = open(TAKEN / str(user), "w")  # noqa: SIM115 - stays open while this process lives
        with contextlib.suppress(OSError):
            fcntl.flock(taken, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return user, taken
        taken.close()
    raise OSError("there is no user left for a sandbox")
