"""Run the notebooks given on the command line, each in a fresh kernel, and store their outputs.

What differs from machine to machine (times, the Python version) is left out of the files.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

for path in map(Path, sys.argv[1:]):
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    NotebookClient(
        notebook, resources={"metadata": {"path": path.parent}}, record_timing=False
    ).execute()
    notebook.metadata["language_info"] = {"name": "python"}
    nbformat.write(notebook, path)
    print(path)
