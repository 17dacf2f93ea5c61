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
from tools.hub.settings import Settings
from tools.isolation import ROOT
from tools.isolation.bwrap import exposed

PROXY = ROOT / "build" / "proxy" / "node_modules" / ".bin" / "configurable-http-proxy"
RUN = Path("/run/d2lconv-hub")  # for root; emptied when the machine boots
NOT_DEFENDED = """\
hub: NOT DEFENDED, because of SANDBOX=none: students run as you, and can read and change
hub: everything that you can, including solutions, passwords and other students' work. Memory,
hub: processors and processes are not limited. Use this only with students whom you trust.
hub: Otherwise start the hub as root."""


def problem(args: argparse.Namespace) -> str | None:
    """Return why the hub can't be started like this, or None."""
    if bool(args.cert) != bool(args.key):
        return "CERT and KEY must be given together, or neither"
    for path in filter(None, (args.cert, args.key)):
        if not os.access(path, os.R_OK):
            return f"CERT and KEY must be readable files, got {str(path)!r}"
    if args.idle < 1:
        return f"IDLE must be a positive number of seconds, got {args.idle}"
    if args.port is not None and not 0 < args.port < 2**16:
        return f"PORT must be from 1 to 65535, got {args.port}"
    if not PROXY.exists():
        return "the proxy is missing: run make hub, which installs it"
    if args.sandbox:
        return None
    if os.getuid() != 0:
        return "sandboxes for students need root: use sudo, or set SANDBOX=none to do without"
    if not shutil.which("bwrap") or not shutil.which("setpriv"):
        return "sandboxes need bubblewrap and setpriv: apt install bubblewrap util-linux"
    return exposed("bwrap", [args.data, ROOT / "assignments" / "source"], VISIBLE)


def main() -> None:
    """Check the settings, make the accounts, and become JupyterHub."""
    parser = argparse.ArgumentParser(prog="hub", description=__doc__)
    parser.add_argument("--class-list", type=Path, help="a table with a column 'student'")
    parser.add_argument("--data", type=Path, default=Path("classroom"), help="homes and accounts")
    parser.add_argument("--port", type=int, help="80, or 443 with a certificate; 8000 if not root")
    parser.add_argument("--cert", type=Path, help="the certificate for HTTPS")
    parser.add_argument("--key", type=Path, help="its private key")
    parser.add_argument("--idle", type=int, default=3600, help="seconds until a server stops")
    parser.add_argument("--sandbox", choices=["none"], help="run without sandboxes")
    args = parser.parse_args()
    args.data = args.data.resolve()
    line = problem(args)
    if line:
        sys.exit(f"hub: {line}")
    if not args.class_list:
        sys.exit("hub: no class list: add CLASS=file.csv (it needs a column 'student')")
    sandboxed = args.sandbox is None
    if not args.class_list.is_file():
        sys.exit(f"hub: CLASS must be a readable table, got {str(args.class_list)!r}")
    try:
        people = read_class(args.class_list)
        prepare(args.data, people, sandboxed)
        if sandboxed:
            make_reserve(args.data)
    except (OSError, ValueError) as error:
        sys.exit(f"hub: {error}")
    run = RUN if os.getuid() == 0 else args.data  # two hubs of root would share ports and uids
    run.mkdir(mode=0o700, exist_ok=True)
    lock = open(run / "lock", "w")  # noqa: SIM115 - the hub holds it until it ends
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        where = "machine" if run == RUN else "DATA"
        sys.exit(f"hub: a hub is already running; only one per {where} is possible ({run})")
    os.set_inheritable(lock.fileno(), True)  # keep it through exec
    port = args.port or ((443 if args.cert else 80) if os.getuid() == 0 else 8000)
    if not sandboxed:
        print(NOT_DEFENDED)
    if not args.cert:
        print("hub: WARNING: no HTTPS: passwords can be read on the network (add CERT= and KEY=)")
    print(f"hub: {len(people)} accounts; the first passwords are in {args.data / 'passwords.csv'}")
    logins = {name: person["login"] for name, person in people.items()}
    renamed = [(login, name) for name, login in logins.items() if login != name]
    if renamed:
        print(f"hub: {len(renamed)} names were changed: {renamed[0][0]!r} is {renamed[0][1]!r},")
        print("hub: and so on. Students can sign in with either.")
    print(f"hub: http{'s' if args.cert else ''}://localhost:{port}", flush=True)
    settings = Settings(
        data=str(args.data),
        names={login.lower(): account for account, login in logins.items()},
        port=port,
        cert=str(args.cert.resolve()) if args.cert else "",
        key=str(args.key.resolve()) if args.key else "",
        sandboxed=sandboxed,
        idle=args.idle,
        proxy=str(PROXY),
        run=str(run),
    )
    os.chdir(ROOT)
    settings.to_env()
    config = str(ROOT / "tools" / "hub" / "jupyterhub_config.py")
    os.execv(sys.executable, [sys.executable, "-m", "jupyterhub", "--config", config])


if __name__ == "__main__":
    main()
