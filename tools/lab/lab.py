"""Open a folder in JupyterLab: `lab.py FOLDER PORT [OPTION ...]` (or `make lab`)."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import shlex
import socket
import sys
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[2]
TEACHERS = ROOT / "assignments"  # the only folder that needs nbgrader's menus
KNOWN = ".course.json"  # in the folder of copies: the checksums of the copied notebooks


def fill(folder: Path, source: Path = ROOT / "notebooks") -> list[str]:
    """Copy notebooks that are missing from a folder, or whose copies students have not changed.

    For every other outdated copy, return a line with the command that fetches the new version.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known: dict = {}
    with contextlib.suppress(OSError, ValueError, TypeError):
        known.update(json.loads((folder / KNOWN).read_text()))
    lines = []
    for path in sorted(source.glob("*.ipynb")):
        copy, ours, came_from = folder / path.name, cells_of(path), known.get(path.name)
        theirs = cells_of(copy)
        if theirs != ours and theirs in (None, came_from):
            copy.write_text(as_opened(path), "utf-8")
        elif ours not in (theirs, came_from, *map(cells_of, folder.glob(f"{path.stem}.new*"))):
            names = (folder / f"{path.stem}.new{n}.ipynb" for n in ("", *range(2, 1000)))
            command = shlex.join(["cp", str(path), str(next(n for n in names if not n.exists()))])
            lines.append(f"{path.name} has a new version; to fetch it next to your copy: {command}")
            continue
        known[path.name] = ours
    (folder / KNOWN).write_text(json.dumps(known, indent=1))
    return lines


def as_opened(path: Path) -> str:
    """Return a notebook with this Python's version, so that opening a copy doesn't modify it."""
    text = path.read_text("utf-8")
    with contextlib.suppress(ValueError, KeyError, TypeError):  # after a merge with conflicts, say
        notebook = json.loads(text)
        notebook["metadata"]["language_info"]["version"] = platform.python_version()
        text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    return text


def cells_of(path: Path) -> str | None:
    """Return a checksum of a notebook's cells, without their outputs; None if there is no file."""
    if not path.is_file():
        return None
    content = path.read_bytes()
    with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
        cells = json.loads(content)["cells"]
        read = [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
        content = json.dumps(read).encode()
    return hashlib.sha256(content).hexdigest()


# JupyterLab's first layout; later it keeps the student's own
TOC = "@jupyterlab/toc:plugin"
LAYOUT = {
    "main": {"dock": {"type": "tab-area", "currentIndex": 0, "widgets": []}},
    "left": {"collapsed": False, "visible": True, "current": TOC, "widgets": ["filebrowser", TOC]},
    "relativeSizes": [0.2, 0.8, 0],
}


def for_students(folder: Path, own: Path | None = None) -> tuple[dict[str, str], str]:
    """Return environment variables and the first page; JupyterLab keeps its layout in `own`."""
    own = own or ROOT.joinpath("build", "lab", *folder.parts[1:])
    file = own / "default-37a8.jupyterlab-workspace"  # the name that JupyterLab looks for
    if not file.exists():
        own.mkdir(parents=True, exist_ok=True)
        shown = {"data": {"layout-restorer:data": LAYOUT}, "metadata": {"id": "default"}}
        file.write_text(json.dumps(shown))
    page, notebooks = "/lab", [*folder.glob("*.ipynb"), *folder.glob("[!.]*/*.ipynb")]
    if notebooks and '"notebook:' not in file.read_text():  # the student left no notebook open
        first = min(notebooks, key=lambda path: ("-extra-" in path.name, path))
        page = f"/lab/tree/{first.relative_to(folder).as_posix()}"
    students = str(ROOT / "tools" / "lab" / "students_lab")
    paths = os.pathsep.join(filter(None, [students, os.environ.get("JUPYTER_CONFIG_PATH")]))
    return {"JUPYTERLAB_WORKSPACES_DIR": str(own), "JUPYTER_CONFIG_PATH": paths}, page


def taken(port: int) -> str | None:
    """Return a line that says what to do if a program listens at a port, or None."""
    try:
        socket.create_connection(("localhost", port), timeout=5).close()
    except OSError:
        return None
    address, other = f"http://localhost:{port}", f"add PORT={port + 1} to the make command"
    return f"port {port} is taken: open {address} if that is your lab, or {other}"


def import_jupyterlab() -> ModuleType:
    """Import JupyterLab without its half-second call of Node.js, which only builds need."""
    with patch("jupyterlab_server.process.which", side_effect=ValueError):
        from jupyterlab import labapp
    return labapp


def main() -> None:
    """Update the folder, and become JupyterLab."""
    folder, port, *options = sys.argv[1:]
    place = Path(folder).resolve()
    try:
        for line in fill(place) if place == ROOT / "work" else []:
            print(f"d2lconv: {line}", flush=True)
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        sys.exit(f"d2lconv: DIR must be a folder, or a new one, got {folder}: {error.strerror}")
    if busy := taken(int(port)):
        sys.exit(f"d2lconv: {busy}")
    environment, page = for_students(place) if place != TEACHERS else ({}, "/lab")
    os.environ.update(environment)
    # At this level, JupyterLab still prints the address
    sys.argv[1:] = [folder, f"--port={port}", "--Application.log_level=WARN"]
    sys.argv += ["--ServerApp.port_retries=0", f"--LabApp.default_url={page}", *options]
    import_jupyterlab().main()


if __name__ == "__main__":
    main()
