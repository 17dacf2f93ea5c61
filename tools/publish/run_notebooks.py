"""Run the notebooks given on the command line in fresh kernels, and store their outputs.

The stored files leave out times and the Python version, which differ between machines.
"""

import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
PACKAGES = re.compile(r"/\S*/site-packages/")

for path in map(Path, sys.argv[1:]):
    notebook = nbformat.read(path, as_version=4)
    options = {"record_timing": False, "resources": {"metadata": {"path": path.parent}}}
    # On a busy machine, lines may arrive separately
    NotebookClient(notebook, kernel_name="python3", coalesce_streams=True, **options).execute()
    language = {k: v for k, v in notebook.metadata.language_info.items() if k != "version"}
    # Without widgets: readers without a kernel see the picture instead
    notebook.metadata = {"kernelspec": KERNEL, "language_info": language}
    for output in [output for cell in notebook.cells for output in cell.get("outputs", [])]:
        output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
        if output.output_type == "error":
            output.traceback = [PACKAGES.sub("", line) for line in output.traceback]
    nbformat.write(notebook, path)
    print(path)
