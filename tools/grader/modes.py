"""The ways to isolate a student's code, one class for each; `sandbox.Sandbox` uses one."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from tools.grader.limits import FOLDER_BYTES, MOST_FILES
from tools.isolation.bwrap import ROOTS_RIGHTS, bwrap_can, bwrap_command, without_rights
from tools.isolation.users import free_user

# The worker imports only these. It must not see the rest of the grader, with its tests
WORKERS = [
    str(Path(__file__).with_name(f"{n}.py")) for n in ("__init__", "limits", "wire", "worker")
]
# Limit the number of files in /tmp, or mount another /tmp where that is forbidden, and start a
# command. Pools of processes keep their locks in /dev/shm
SCRIPT = f"""
mount="mount -t tmpfs -o nosuid,nodev,mode=1777,size={FOLDER_BYTES},nr_inodes={MOST_FILES}"
if $mount,remount tmpfs /tmp || {{ [ -z "$(ls -A /tmp)" ] && $mount tmpfs /tmp; }}; then
    set -- "$@" files
fi
mount --bind /tmp /dev/shm
exec "$@"
"""
LIMIT_FILES = ("unshare", "--mount", "sh", "-c", SCRIPT, "sh")


class NoIsolation:
    """Limits on time and memory only."""

    about = "limits on time and memory only: it can read and write whatever you can"
    user = 0  # the student's, if root starts it
    counted = False  # the limit on processes counts only the sandbox's

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
    counted = True  # since Linux 5.14 also for an ordinary user

    def __init__(self) -> None:
        self.home = Path("/tmp")
        self.user = free_user()[0] if os.getuid() == 0 else 0
        self.options = [*ROOTS_RIGHTS, "--cap-add", "CAP_SYS_ADMIN"]
        self.start = (*LIMIT_FILES, *without_rights(self.user))
        if not self.user:
            closed = ["--unshare-user", "--disable-userns"]
            closed = closed if bwrap_can(*closed) else closed[:1]
            self.options += [*closed, "--uid", "0", "--gid", "0"]
            if not bwrap_can(*self.options, start=self.start):  # AppArmor may refuse capabilities
                self.options, self.start = closed, ()

    def command(self, program: list[str]) -> list[str]:
        # As process 1, the worker hides no /tmp below the one that students see
        options = ["--unshare-net", "--die-with-parent", "--as-pid-1", *self.options]
        command = bwrap_command(WORKERS, FOLDER_BYTES, options)
        return [*command, "--remount-ro", "/proc", "--remount-ro", "/dev", *self.start, *program]

    def close(self) -> None:
        """Do nothing: the folder was in memory."""


MODES = {"bwrap": Bubblewrap, "none": NoIsolation}
