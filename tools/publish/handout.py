"""Write the archive that students get: the course and their version of the assignments.

    python tools/publish/handout.py build/handout.tar.gz

What goes in is named here; nothing else does: no solution, no hidden test, no grader.
"""

from __future__ import annotations

import argparse
import io
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAME = "d2lconv"  # of the folder that it unpacks to
INSIDE = [
    "CITATION.cff",
    "LICENSE",
    "Makefile",
    "environment.yml",
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "tools/install/pins/*.txt",
    "tools/lab/lab.py",
    "tools/lab/students_lab/*/*.json",
    "tools/install/preflight.py",
    "d2lconv/*.*",
    "d2lconv/course/*.*",
    "d2lconv/draw/*.*",
    "tools/mxnet_today/mxnet_today/*.*",
    "notebooks/*.ipynb",
    "assignments/release/*/*.ipynb",
]
README = """\
# The course and its assignments

On Linux with Python 3.9 to 3.14 and `make` (on Windows: in WSL), in this folder:

    make lab                            # the three sections
    make lab DIR=assignments/release    # the assignments

The first time, this installs what it needs in `.venv/`. Hand in the notebooks of
`assignments/release`.
"""


def main() -> None:
    """Write the archive."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("archive", type=Path, help="a .tar.gz")
    archive = parser.parse_args().archive
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "w:gz") as tar:
        for pattern in INSIDE:
            found = sorted(path for path in ROOT.glob(pattern) if path.is_file())
            if not found:
                raise FileNotFoundError(f"nothing here is {pattern}")
            for path in found:
                inside = f"{NAME}/{path.relative_to(ROOT).as_posix()}"
                tar.add(path, inside, filter=_nobody_s)
        text = README.encode()
        about = tarfile.TarInfo(f"{NAME}/README.md")
        about.size = len(text)
        tar.addfile(about, io.BytesIO(text))


def _nobody_s(about: tarfile.TarInfo) -> tarfile.TarInfo:
    about.uid = about.gid = 0
    about.uname = about.gname = ""
    about.mode = 0o644
    return about


if __name__ == "__main__":
    main()
