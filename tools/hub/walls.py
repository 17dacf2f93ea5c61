"""The walls around a student's server, and who listens at which port of the machine."""

from __future__ import annotations

from pathlib import Path

from tools.isolation.bwrap import ROOTS_RIGHTS, bwrap_command
from tools.publish.handout import listed

TEMPORARY_BYTES = 256 * 2**20
SHOWN = ["/etc/hosts", "/etc/localtime", "/etc/nsswitch.conf", "/etc/resolv.conf", "/etc/ssl"]
SHOWN += map(str, listed())


def listening() -> dict[int, int]:
    """Return the user of each TCP port that somebody listens at."""
    users = {}
    for file in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(file).read_text().splitlines()[1:] if Path(file).exists() else []:
            _, local, _, state, _, _, _, user, *_ = line.split()
            if state == "0A":
                users[int(local.rpartition(":")[2], 16)] = int(user)
    return users


def student_command(command: list[str], home: Path, inside: str) -> list[str]:
    """Return the command that runs another one as the owner of a home, behind bubblewrap.

    It sees the system's programs, the course without solutions, and that home, at `inside`. Its
    network is the machine's: the hub has to reach it.
    """
    user = str(home.stat().st_uid)
    options = ["--unshare-cgroup-try", *ROOTS_RIGHTS]
    rights = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    rights += ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
    return [*bwrap_command(SHOWN, TEMPORARY_BYTES, options, (home, inside)), *rights, *command]
