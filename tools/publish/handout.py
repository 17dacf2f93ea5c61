"""Write the handout for students: the course and their version of the assignments.

    python tools/publish/handout.py build/handout.tar.gz    an archive
    python tools/publish/handout.py --folder FOLDER         a folder, for the container

students.txt lists the files. They include no solution, hidden test or grader.
"""

from __future__ import annotations

import argparse
import shutil
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("students.txt")
CACHES = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "tests")
NAME = "d2lconv"  # the folder in the archive
README = """\
# The course and its assignments

You need Linux with Python 3.9 to 3.14 (on Windows, use WSL). On a minimal Debian or Ubuntu, first
install, as root:

    apt install python3-venv make git libgomp1 libquadmath0

Then, in this folder:

    make lab                            # the three sections
    make lab DIR=assignments/release    # the assignments

The first run installs packages into `.venv/`. Hand in the notebooks in `assignments/release`.

On a Mac, use the container, in Docker or Podman:

    docker build --tag d2lconv --file .binder/Dockerfile .
    mkdir -p work
    docker run -p 8888:8888 -v "$PWD/work:/home/jovyan/work" d2lconv

It prints the address to open. Save your files in `work/`, which the container keeps. To work on the
assignments, first copy `assignments/release` into `work/`.
"""


def listed(never: bool = False) -> list[Path]:
    """Return the files and folders for students, or those that students must never get."""
    lines = [line for line in LIST.read_text().splitlines() if line[0] != "#"]
    return [ROOT / line.lstrip("!") for line in lines if line.startswith("!") == never]


def write(folder: Path) -> None:
    """Copy all files for students into a new folder."""
    for path in listed():
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, copy, ignore=CACHES)
        else:
            shutil.copy(path, copy)
    makefile = (ROOT / "Makefile").read_text().partition("# For teachers and developers")[0]
    (folder / "Makefile").write_text(makefile)
    (folder / "README.md").write_text(README)


def _without_owner(about: tarfile.TarInfo) -> tarfile.TarInfo:
    about.uid = about.gid = 0
    about.uname = about.gname = ""
    about.mode = 0o644
    return about


def main() -> None:
    """Write the archive or the folder."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("place", type=Path, help="a .tar.gz; with --folder, a new folder")
    parser.add_argument("--folder", action="store_true", help="write a folder")
    args = parser.parse_args()
    args.place.parent.mkdir(parents=True, exist_ok=True)
    if args.folder:
        return write(args.place)
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder, NAME))
        with tarfile.open(args.place, "w:gz") as tar:
            for path in sorted(Path(folder, NAME).rglob("*")):
                if path.is_file():
                    tar.add(path, path.relative_to(folder), filter=_without_owner)


if __name__ == "__main__":
    main()
