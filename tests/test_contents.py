"""One entry in the list adds a notebook everywhere; README's nbval command works."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelspec import get_kernel_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.stored import NOTEBOOKS, ROOT, code_cells, read
from tools.publish.contents import notebooks, readme

ENTRY = """
[6.4-pooling]
title = Pooling
shows = how to make an image smaller
card = The largest number of each window.
headings =
    Maximum
"""
FRAME = ["What you will learn", "What you need", "Maximum", "Summary"]
FRAME += ["Exercises", "Further reading"]
# What `make notebooks` stores
KERNEL = {key: get_kernel_dict()[key] for key in ("display_name", "language")}
LANGUAGE = {key: it for key, it in IPythonKernel.language_info.items() if key != "version"}


@pytest.fixture
def copy(tmp_path):
    """Return a copy of the repository without ignored files."""
    files = subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines()
    for name in files:
        if (ROOT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="git lists the files to copy")
def test_a_notebook_is_added_in_two_edits(copy):
    added = new_notebook(
        cells=[new_markdown_cell("# Pooling"), *(new_markdown_cell(f"## {h}") for h in FRAME)],
        metadata={"kernelspec": {**KERNEL, "name": "python3"}, "language_info": LANGUAGE},
    )
    three = new_output("execute_result", {"text/plain": "3"}, execution_count=1)
    added.cells.insert(4, new_code_cell("max(1, 3)", execution_count=1, outputs=[three]))
    nbformat.write(added, copy / "notebooks" / "6.4-pooling.ipynb")
    options = ["-n0", "-q", "tests/test_notebooks.py", "tests/test_lab.py", "tests/test_colab.py"]
    command = [sys.executable, "-m", "pytest", *options]
    check = [*command, "-k", "every_notebook"]
    unlisted = subprocess.run(check, cwd=copy, capture_output=True, text=True)
    assert "add it to notebooks/contents.cfg" in unlisted.stdout

    with (copy / "notebooks" / "contents.cfg").open("a") as file:
        file.write(ENTRY)
    run = [sys.executable, "-m", "tools.publish.contents", "https://github.com/me/course"]
    subprocess.run(run, cwd=copy, check=True)
    text = (copy / "README.md").read_text()
    assert "| [Pooling](notebooks/6.4-pooling.ipynb) | how to make an image smaller |" in text
    assert "/me/course/blob/colab/6.4-pooling.ipynb)" in text
    code = "import sys; sys.path[:0] = ['docs', '.']\n"
    code += "import links; from tools.publish.contents import notebooks as all\n"
    code += "print(links.cards(all()), links.contents(all()))"
    page = subprocess.check_output([sys.executable, "-c", code], cwd=copy, text=True)
    assert '<a href="notebooks/6.4-pooling.html"><b>Pooling</b>' in page
    assert "\nnotebooks/6.4-pooling\n" in page
    listed = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    assert listed.returncode == 0, listed.stdout
    assert notebooks(copy)[-1].headings == ["Maximum"]


def test_a_readme_without_its_marks_is_refused():
    with pytest.raises(ValueError, match=r"README\.md must contain <!-- links -->"):
        readme("# Another README")


@pytest.mark.slow
def test_the_notebooks_pass_nbval_without_the_repository(tmp_path):
    """Run README's command in a folder that contains only the notebooks."""
    (command,) = re.findall("^pytest --nbval.*$", (ROOT / "README.md").read_text(), re.MULTILINE)
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "PYTHONP"))}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    run = subprocess.run(
        command.split(), cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout[-5000:]
    cells = sum(len(code_cells(read(path))) for path in NOTEBOOKS)
    assert int(re.search(r"(\d+) passed", run.stdout)[1]) == cells


def test_contributing_names_only_existing_files_and_commands():
    text = (ROOT / ".github" / "CONTRIBUTING.md").read_text()
    makefile = (ROOT / "Makefile").read_text()
    for command in re.findall(r"`make ([\w-]+)`", text):
        assert re.search(f"^{command}:", makefile, re.MULTILINE), command
    files = re.findall(r"`([\w.*/-]+/[\w.*-]*)`", text)
    assert len(files) > 6
    for file in files:
        assert list(ROOT.glob(file)) or file == ".venv/", file


def test_the_issue_forms_have_the_fields_that_github_requires():
    for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"):
        form = yaml.safe_load(path.read_text())
        if path.name != "config.yml":
            assert {"name", "description", "body"} <= set(form), path.name
            assert all({"type", "attributes"} <= set(part) for part in form["body"])
            assert all("label" in part["attributes"] for part in form["body"])
