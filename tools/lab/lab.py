"""Open a folder in JupyterLab: `python tools/lab/lab.py FOLDER PORT [OPTION ...]` (or `make lab`).

`work/` is the student's: it is filled from `notebooks/`, but what is there already is never
touched. There, and on the assignments that students get, JupyterLab comes without nbgrader's menus
and without a question about news, and opens on the first notebook beside its table of contents.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "work"
STUDENTS = [WORK, ROOT / "assignments" / "release"]


def fill(folder: Path, source: Path | None = None) -> None:
    """Copy to a folder the notebooks of another, or of the course, that it lacks."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted((source or ROOT / "notebooks").glob("*.ipynb")):
        if not (folder / path.name).exists():
            shutil.copy(path, folder)


# What JupyterLab shows at first; from then on it keeps what the student makes of it
CONTENTS = "@jupyterlab/toc:plugin"
LEFT = {"collapsed": False, "visible": True, "current": CONTENTS}
LAYOUT = {
    "main": {"dock": {"type": "tab-area", "currentIndex": 0, "widgets": []}},
    "left": {**LEFT, "widgets": ["filebrowser", CONTENTS]},
    "relativeSizes": [0.2, 0.8, 0],
}


def for_students(folder: Path, own: Path | None = None) -> tuple[dict[str, str], list[str]]:
    """Return environment variables and options that make a JupyterLab the students'.

    What it shows is kept in the folder `own`; without one, in build/.
    """
    own = own or ROOT / "build" / "lab" / folder.relative_to(ROOT)
    file = own / "default-37a8.jupyterlab-workspace"  # the name that JupyterLab looks for
    if not file.exists():
        own.mkdir(parents=True, exist_ok=True)
        shown = {"data": {"layout-restorer:data": LAYOUT}, "metadata": {"id": "default"}}
        file.write_text(json.dumps(shown))
    options = []
    notebooks = sorted([*folder.glob("*.ipynb"), *folder.glob("[!.]*/*.ipynb")])
    if notebooks and '"notebook:' not in file.read_text():  # no notebook was open in the end
        options = [f"--LabApp.default_url=/lab/tree/{notebooks[0].relative_to(folder).as_posix()}"]
    paths = [
        str(ROOT / "tools" / "lab" / "students_lab"),
        os.environ.get("JUPYTER_CONFIG_PATH", ""),
    ]
    environment = {
        "JUPYTERLAB_WORKSPACES_DIR": str(own),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, paths)),
    }
    return environment, options


def taken(port: int) -> str | None:
    """Return who listens at a port, as one line that says what to do, or None."""
    try:
        socket.create_connection(("localhost", port), timeout=5).close()
    except OSError:
        return None
    from jupyter_server.serverapp import list_running_servers

    lab = next((server for server in list_running_servers() if server["port"] == port), None)
    other = f"add PORT={port + 1} to the make command"
    if lab is None:
        return f"http://localhost:{port} is taken by another program: {other}"
    address = f"{lab['url']}lab?token={lab['token']}"
    return f"port {port} is taken by the lab at {address}: open that, or {other}"


def main() -> None:
    """Make the folder ready, and become JupyterLab."""
    folder, port, *options = sys.argv[1:]
    place = Path(folder).resolve()
    if place == WORK:
        fill(WORK)
    line = taken(int(port))
    if line:
        sys.exit(f"d2lconv: {line}")
    environment, own = for_students(place) if place in STUDENTS else ({}, [])
    command = [sys.executable, "-m", "jupyterlab", folder, f"--port={port}"]
    command += ["--ServerApp.port_retries=0", *own, *options]
    os.execve(command[0], command, {**os.environ, **environment})


if __name__ == "__main__":
    main()
