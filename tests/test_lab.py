"""`make lab` never overwrites a student's changes, and reports a taken port."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelspec import get_kernel_dict

from tests.stored import NOTEBOOKS, ROOT
from tools.lab import lab

RELEASES = sorted((ROOT / "assignments" / "release").glob("*/*.ipynb"))


def book(*cells, output=""):
    cells = [{"cell_type": "code", "source": cell, "outputs": [output]} for cell in cells]
    return json.dumps({"cells": cells, "metadata": {}})


@pytest.fixture
def course(tmp_path):
    """Return the original notebooks and a folder of copies: untouched, run, and edited."""
    source, work = tmp_path / "the notebooks", tmp_path / "work"
    source.mkdir()
    for name in ("a", "b", "c"):
        (source / f"{name}.ipynb").write_text(book("1", "2"))
    assert lab.fill(work, source) == []
    (work / "b.ipynb").write_text(book("1", "2", output="run"))
    (work / "c.ipynb").write_text(book("1", "my own"))
    return source, work


def test_a_new_folder_gets_the_notebooks_and_keeps_edits(tmp_path):
    work = tmp_path / "work"
    assert lab.fill(work) == []
    for path in NOTEBOOKS:
        assert (work / path.name).read_text() == lab.as_opened(path)
    first, second = work / NOTEBOOKS[0].name, work / NOTEBOOKS[1].name
    first.write_text("mine")
    second.unlink()
    assert lab.fill(work) == []
    assert first.read_text() == "mine"
    assert second.read_text() == lab.as_opened(NOTEBOOKS[1])


@pytest.mark.parametrize(
    "text",
    [
        "<<<<<<< HEAD",
        "[]",
        "null",
        "{}",
        '{"metadata": {}}',
        '{"metadata": {"language_info": null}}',
    ],
)
def test_a_notebook_without_a_language_is_copied_as_it_is(tmp_path, text):
    (tmp_path / "a.ipynb").write_text(text)
    assert lab.fill(tmp_path / "work", tmp_path) == []
    assert (tmp_path / "work" / "a.ipynb").read_text() == text


@pytest.mark.parametrize("path", [*NOTEBOOKS, *RELEASES], ids=lambda path: path.stem)
def test_a_copy_has_the_original_s_cells_and_outputs(path):
    copy, ours = nbformat.reads(lab.as_opened(path), 4), nbformat.read(path, 4)
    assert copy.cells == ours.cells
    # Otherwise JupyterLab would change a copy when it opens it
    for cell in copy.cells:
        hidden = cell.metadata.get("jupyter", {}).get("outputs_hidden", False)
        assert cell.metadata.get("collapsed", False) == hidden
    assert copy.metadata.language_info == IPythonKernel.language_info
    assert copy.metadata.kernelspec.display_name == get_kernel_dict()["display_name"]


def test_an_update_replaces_unchanged_copies(course):
    source, work = course
    for name in ("a", "b", "c"):
        (source / f"{name}.ipynb").write_text(book("1", "two"))
    (line,) = lab.fill(work, source)
    assert line.startswith("c.ipynb has a new version; to fetch it next to your copy: cp ")
    assert (work / "a.ipynb").read_text() == lab.as_opened(source / "a.ipynb")
    assert (work / "b.ipynb").read_text() == lab.as_opened(source / "b.ipynb")
    assert (work / "c.ipynb").read_text() == book("1", "my own")
    assert lab.fill(work, source) == [line]  # until it has been fetched


def test_an_edited_copy_s_update_is_fetched_once(course):
    source, work = course
    (source / "c.ipynb").write_text(book("1", "two"))
    (line,) = lab.fill(work, source)
    subprocess.run(["sh", "-c", line.partition(": ")[2]], check=True)
    assert (work / "c.new.ipynb").read_text() == book("1", "two")
    assert lab.fill(work, source) == []
    (work / "c.new.ipynb").write_text(book("edited too"))
    assert lab.fill(work, source) == []
    (source / "c.ipynb").write_text(book("1", "three"))
    (line,) = lab.fill(work, source)
    assert line.endswith("c.new2.ipynb'") or line.endswith("c.new2.ipynb")


def test_copies_without_a_record_are_not_overwritten(course):
    source, work = course
    (work / lab.KNOWN).unlink()
    before = (work / "a.ipynb").read_text()
    (source / "a.ipynb").write_text(book("1", "two"))
    assert [line[:7] for line in lab.fill(work, source)] == ["a.ipynb", "c.ipynb"]
    assert (work / "a.ipynb").read_text() == before


def test_the_folder_work_is_ignored_by_git():
    for file in (".gitignore", ".binder/Dockerfile.dockerignore"):
        lines = (ROOT / file).read_text().split()
        assert {"work", "work/"} & set(lines)


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "ROOT", tmp_path)
    monkeypatch.delenv("JUPYTER_CONFIG_PATH", raising=False)
    return tmp_path


@pytest.mark.parametrize("place", ["6.1.ipynb", "6.1/6.1.ipynb"])
def test_make_lab_reopens_the_student_s_last_notebook(root, place):
    for name in (place, ".ipynb_checkpoints/6.0.ipynb", "z.ipynb"):
        (root / "work" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "work" / name).write_text("{}")
    environment, page = lab.for_students(root / "work")
    assert page == f"/lab/tree/{place}"
    assert environment["JUPYTER_CONFIG_PATH"] == str(root / "tools" / "lab" / "students_lab")
    (file,) = (root / "build" / "lab").rglob("*.jupyterlab-workspace")
    assert environment["JUPYTERLAB_WORKSPACES_DIR"] == str(file.parent)
    left = json.dumps({"data": {"notebook:z.ipynb": {}}})
    file.write_text(left)
    assert lab.for_students(root / "work")[1] == "/lab"
    assert file.read_text() == left


@pytest.mark.slow
def test_the_last_line_says_what_to_do_about_a_taken_port(tmp_path):
    with socket.socket() as other:
        other.bind(("localhost", 0))
        other.listen()
        port = other.getsockname()[1]
        run = subprocess.run(
            [sys.executable, ROOT / "tools" / "lab" / "lab.py", str(tmp_path), str(port)],
            env={**os.environ, "JUPYTER_RUNTIME_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert run.returncode == 1
    assert run.stderr.splitlines() == [
        f"d2lconv: port {port} is taken: open http://localhost:{port} if that is your lab, or add "
        f"PORT={port + 1} to the make command"
    ]
    assert lab.taken(port) is None


@pytest.mark.slow
def test_opening_a_folder_starts_no_node(tmp_path):
    # JupyterLab asks it for yarn's settings when imported, and its language servers ask npm
    asked = tmp_path / "asked"
    for name in ("node", "nodejs", "npm"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\necho {name} >>'{asked}'\n")
        program.chmod(0o755)
    with socket.socket() as other:
        other.bind(("localhost", 0))
        port = other.getsockname()[1]
    command = [sys.executable, ROOT / "tools" / "lab" / "lab.py", tmp_path / "work", str(port)]
    command += ["--no-browser", "--allow-root", "--IdentityProvider.token="]
    path = os.pathsep.join([str(program.parent), os.environ["PATH"]])
    env = {**os.environ, "PATH": path, "HOME": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(tmp_path)}
    server = subprocess.Popen(command, env=env)
    status, end = None, time.monotonic() + 60
    try:
        while status is None and time.monotonic() < end:
            with contextlib.suppress(OSError):
                status = json.load(urllib.request.urlopen(f"http://localhost:{port}/lsp/status"))
            time.sleep(0.1)
    finally:
        server.terminate()
        server.wait()
    assert status["sessions"] == {}
    assert not asked.exists(), asked.read_text()
