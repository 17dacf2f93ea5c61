"""Write the notebooks for Google Colab, with a first cell that installs the course.

    python -m tools.publish.colab FOLDER [--source ADDRESS]

pip installs d2lconv from ADDRESS, by default the repository in setup.cfg.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import nbformat

from tools.publish.address import setting

ROOT = Path(__file__).resolve().parents[2]
CELL = """\
# Install the course. No other package changes, and you don't need to restart.
!pip install --quiet --no-deps mxnet==1.9.1 d2l==1.0.3 "{source}"
import site

site.addsitedir(site.getsitepackages()[0])  # as a kernel does that starts later"""


def for_colab(notebook: nbformat.NotebookNode, source: str) -> nbformat.NotebookNode:
    """Insert the first cell."""
    cell = nbformat.v4.new_code_cell(CELL.format(source=source), id="install")
    notebook.cells.insert(0, cell)
    return notebook


def main() -> None:
    """Write all notebooks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="the folder to write to")
    newest = setting("url") + "/archive/HEAD.zip"
    parser.add_argument("--source", default=newest, help="where pip installs d2lconv from")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = for_colab(nbformat.read(path, as_version=4), args.source)
        nbformat.write(notebook, args.folder / path.name)
        print(args.folder / path.name)


if __name__ == "__main__":
    main()
