"""Write the handout for students, which students.txt lists: `tools/publish/handout.py PLACE`.

PLACE is an archive that ends in .tar.gz, or a folder.
"""

import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("students.txt")
README = Path(__file__).with_name("handout.md")
CACHES = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "tests")
NAME = "d2lconv"  # the folder in the archive


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
    shutil.copy(README, folder / "README.md")


def main(place: str) -> None:
    """Write the archive or the folder."""
    archive = place.removesuffix(".tar.gz")
    if archive == place:
        return write(Path(place))
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder, NAME))
        shutil.make_archive(archive, "gztar", folder, NAME, owner="root", group="root")


if __name__ == "__main__":
    main(sys.argv[1])
