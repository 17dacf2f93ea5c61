"""The sandbox of a student's server, and the owners of the machine's ports."""

from pathlib import Path

from tools.isolation.bwrap import ROOTS_RIGHTS, bwrap_command, without_rights
from tools.publish.handout import listed

TEMPORARY_BYTES = 256 * 2**20
VISIBLE = ["/etc/hosts", "/etc/localtime", "/etc/nsswitch.conf", "/etc/resolv.conf", "/etc/ssl"]
VISIBLE += map(str, listed())


def port_owners() -> dict[int, int]:
    """Return the user who listens at each TCP port."""
    users = {}
    for file in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(file).read_text().splitlines()[1:] if Path(file).exists() else []:
            _, local, _, state, _, _, _, user, *_ = line.split()
            if state == "0A":
                users[int(local.rpartition(":")[2], 16)] = int(user)
    return users


def sandboxed_command(command: list[str], home: Path, inside: str) -> list[str]:
    """Return a command that runs `command` as the owner of a home, in bubblewrap.

    It sees the system's programs, the course without solutions, and the home, at `inside`. It has
    the machine's network, because the hub must reach it.
    """
    options = ["--unshare-cgroup-try", *ROOTS_RIGHTS]
    options += ["--perms", "0755", "--dir", "/home", "--bind", str(home), inside]
    user = without_rights(home.stat().st_uid)
    return [*bwrap_command(VISIBLE, TEMPORARY_BYTES, options), *user, *command]
