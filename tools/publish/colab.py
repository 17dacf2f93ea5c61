"""Write the notebooks for Google Colab: `python -m tools.publish.colab FOLDER`.

A first cell installs the course, by default from the repository in setup.cfg.
"""

import sys
from pathlib import Path

import nbformat

from tools.publish.address import ROOT, setting

CELL = """\
# Install the course. No other package changes, and you don't need to restart.
!pip install --quiet --no-deps mxnet==1.9.1 d2l==1.0.3 "{source}"
import site

site.addsitedir(site.getsitepackages()[0])  # as a kernel does that starts later"""


def main(folder: str, source: str = setting("url") + "/archive/HEAD.zip") -> None:
    """Write all notebooks."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        cell = nbformat.v4.new_code_cell(CELL.format(source=source), id="install")
        notebook.cells.insert(0, cell)
        nbformat.write(notebook, Path(folder, path.name))
        print(Path(folder, path.name))


if __name__ == "__main__":
    main(*sys.argv[1:])
