"""Run the notebooks with Google Colab's versions of August 2026, on Python 3.13.

`make test-colab` builds such an environment; `make test` doesn't.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient

from tests.stored import NOTEBOOKS, ROOT, code_cells, meaning, printed, text_cells
from tools.publish.address import setting

COLAB = [
    "numpy==2.1.3",
    "matplotlib==3.10.0",
    "scipy==1.16.3",
    "pandas==2.2.3",
    "ipython==7.34.0",
    "ipykernel==6.17.1",
    "ipywidgets==7.7.1",
    "setuptools==75.2.0",
    "requests",
    "wheel",
]


def build(folder: Path, *options: str) -> None:
    command = [sys.executable, "-m", "tools.publish.colab", str(folder), *options]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def test_colab_s_notebooks_add_one_cell_to_the_stored_ones(tmp_path):
    build(tmp_path)
    for path in NOTEBOOKS:
        first, *others = nbformat.read(tmp_path / path.name, as_version=4).cells
        assert others == nbformat.read(path, as_version=4).cells
        assert f'"{setting("url")}/archive/HEAD.zip"' in first.source
        assert "site.addsitedir(" in first.source


@pytest.fixture(scope="module")
def colab(tmp_path_factory):
    """Make an environment with Colab's versions; return its Python."""
    folder = tmp_path_factory.mktemp("colab")
    subprocess.run(["python3.13", "-m", "venv", folder / "env"], check=True)
    python = folder / "env" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", *COLAB], check=True)
    return python


def packages(python: Path) -> set[str]:
    command = [python, "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check"]
    return set(subprocess.check_output(command, text=True).split())


@pytest.mark.machine
def test_the_documented_outputs_appear_on_colab(colab, tmp_path, monkeypatch):
    build(tmp_path, str(ROOT))
    before = packages(colab)
    spec = {"argv": [str(colab), "-m", "ipykernel_launcher", "-f", "{connection_file}"]}
    (tmp_path / "kernels" / "colab").mkdir(parents=True)
    (tmp_path / "kernels" / "colab" / "kernel.json").write_text(
        json.dumps({**spec, "display_name": "Colab", "language": "python"})
    )
    monkeypatch.setenv("PATH", f"{colab.parent}:/usr/bin:/bin")
    documented = 0
    for path in NOTEBOOKS:
        notebook = nbformat.read(tmp_path / path.name, as_version=4)
        client = NotebookClient(
            notebook, kernel_name="colab", resources={"metadata": {"path": "."}}
        )
        client.create_kernel_manager()
        client.km.kernel_spec_manager = KernelSpecManager(kernel_dirs=[str(tmp_path / "kernels")])
        start = time.monotonic()
        client.execute()  # raises unless a tag announces the error
        print(f"{path.name}: {time.monotonic() - start:.0f} s")
        cells = iter([(meaning(cell.source), cell) for cell in code_cells(notebook)[1:]])
        for source, output in text_cells(path):
            cell = next(cell for mine, cell in cells if mine == source)
            assert printed(cell) == ([output] if output else []), source
            documented += output is not None
    assert documented == 11
    added = {package.split("==")[0].split(" @")[0] for package in packages(colab) - before}
    assert before <= packages(colab)
    assert added == {"mxnet", "d2l", "d2lconv"}
