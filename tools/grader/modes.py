"""The ways to isolate a student's code, one class for each; `sandbox.Sandbox` uses one."""

from __future__ import annotations

import os
import platform
import re
import shutil
import tempfile
from pathlib import Path

from tools.grader.limits import FOLDER_BYTES
from tools.isolation.bwrap import ROOTS_RIGHTS, bwrap_can, bwrap_command
from tools.isolation.users import free_user

# The worker imports only these. It must not see the rest of the grader, with its tests
WORKERS = [
    str(Path(__file__).with_name(f"{n}.py")) for n in ("__init__", "limits", "wire", "worker")
]


class NoIsolation:
    """Limits on time and memory only."""

    about = "limits on time and memory only: it can read and write whatever you can"
    user = 0  # the worker's user, if root starts it
    counted = False  # the limit on processes counts only the sandbox's
    can_mount = False  # the worker can limit the number of files

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="d2lconv-"))

    def command(self, program: list[str]) -> list[str]:
        """Return the command that starts a program in the sandbox."""
        return program

    def close(self) -> None:
        """Remove temporary files, once all processes have ended."""
        shutil.rmtree(self.home, ignore_errors=True)


class Bubblewrap(NoIsolation):
    """Separate namespaces with few files; as root, also a separate user."""

    about = "bubblewrap: it sees neither the course nor other files, and no network"

    def __init__(self) -> None:
        self.home = Path("/tmp")
        rights = ["--cap-add", "CAP_SYS_ADMIN"]
        if os.getuid() == 0:
            self.user, self.counted, self.can_mount = free_user()[0], True, True
            self.options = [*ROOTS_RIGHTS, *rights]
        else:
            # Before Linux 5.14, the limit on processes also counted those outside the namespace
            version = tuple(map(int, re.findall(r"\d+", platform.release())[:2]))
            closed = ["--unshare-user", "--disable-userns"]
            closed = closed if bwrap_can(*closed) else closed[:1]
            self.counted, self.can_mount = version >= (5, 14), bwrap_can(*closed, *rights)
            self.options = closed + rights * self.can_mount

    def command(self, program: list[str]) -> list[str]:
        options = ["--unshare-net", "--die-with-parent", *self.options]
        command = bwrap_command(WORKERS, FOLDER_BYTES, options)
        return [*command, "--remount-ro", "/proc", "--remount-ro", "/dev", *program]

    def close(self) -> None:
        """Do nothing: the folder was in memory."""


MODES = {"bwrap": Bubblewrap, "none": NoIsolation}
