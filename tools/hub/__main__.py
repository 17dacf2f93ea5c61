"""Start the hub: `python -m tools.hub --class-list table` (or `make hub CLASS=table`)."""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import sys
from pathlib import Path

from tools.hub.accounts import prepare, read_class
from tools.hub.disk import make_reserve
from tools.hub.sandbox import VISIBLE
from tools.isolation import ROOT
from tools.isolation.bwrap import exposed

RUN = Path("/run/d2lconv-hub")  # for root; emptied when the machine boots
NOT_DEFENDED = """\
hub: NOT DEFENDED, because of SANDBOX=none: students' code runs as you, without limits. It can read
hub: and change what you can, solutions and others' work too. For isolation, start it as root."""


def problem(args: argparse.Namespace) -> str | None:
    """Return why the hub can't be started like this, or None."""
    if not args.class_list:
        return "no class list: add CLASS=file.csv (it needs a column 'student')"
    for name, path in {"CLASS": args.class_list, "CERT": args.cert, "KEY": args.key}.items():
        if path and not os.access(path, os.R_OK):
            return f"{name} must be a readable file, got {str(path)!r}"
    if bool(args.cert) != bool(args.key):
        return "CERT and KEY must be given together, or neither"
    if not 0 < args.port < 2**16:
        return f"PORT must be from 1 to 65535, got {args.port}"
    if args.sandbox:
        return None
    if os.getuid() != 0:
        return "sandboxes for students need root: use sudo, or set SANDBOX=none to do without"
    if not shutil.which("bwrap") or not shutil.which("setpriv"):
        return "sandboxes need bubblewrap and setpriv: apt install bubblewrap util-linux"
    return exposed("bwrap", [args.data, ROOT / "assignments" / "source"], VISIBLE)


def launch(args: argparse.Namespace, names: dict[str, str]) -> None:
    """Become JupyterHub; `names` maps the names with which students sign in to accounts."""
    from jupyterhub.app import JupyterHub

    from tools.hub.config import hub_config

    os.chdir(ROOT)
    JupyterHub.instance(config=hub_config(args, names))
    JupyterHub.launch_instance([])


def main() -> None:
    """Check the settings, make the accounts, and become JupyterHub."""
    parser = argparse.ArgumentParser(prog="hub", description=__doc__)
    parser.add_argument("--class-list", type=Path, help="a table with a column 'student'")
    parser.add_argument("--data", type=Path, default=Path("classroom"), help="homes and accounts")
    parser.add_argument("--port", type=int, help="80, or 443 with a certificate; 8000 if not root")
    parser.add_argument("--cert", default="", help="the certificate for HTTPS")
    parser.add_argument("--key", default="", help="its private key")
    parser.add_argument("--idle", type=int, default=3600, help="seconds until a server stops")
    parser.add_argument("--sandbox", choices=["none"], help="run without sandboxes")
    args = parser.parse_args()
    args.data = args.data.resolve()
    if args.port is None:
        args.port = 8000 if os.getuid() != 0 else 443 if args.cert else 80
    if line := problem(args):
        sys.exit(f"hub: {line}")
    try:
        people = read_class(args.class_list)
        prepare(args.data, people, separate=not args.sandbox)
        if not args.sandbox:
            make_reserve(args.data)
    except (OSError, ValueError) as error:
        sys.exit(f"hub: {error}")
    args.run = RUN if os.getuid() == 0 else args.data  # root's hubs would share ports and uids
    args.run.mkdir(mode=0o700, exist_ok=True)
    lock = open(args.run / "lock", "w")  # noqa: SIM115 - held until the hub ends
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit(f"hub: a hub is already running here, see {lock.name}")
    if args.sandbox:
        print(NOT_DEFENDED)
    if not args.cert:
        print("hub: WARNING: no HTTPS: passwords can be read on the network (add CERT= and KEY=)")
    print(f"hub: {len(people)} accounts; the first passwords are in {args.data / 'passwords.csv'}")
    names = {person["login"]: account for account, person in people.items()}
    renamed = [f"{login!r} is {account!r}" for login, account in names.items() if login != account]
    if renamed:
        print(f"hub: {len(renamed)} names were changed, {renamed[0]}; students may use either")
    print(f"hub: http{'s' if args.cert else ''}://localhost:{args.port}", flush=True)
    launch(args, {login.lower(): account for login, account in names.items()})


if __name__ == "__main__":
    main()
