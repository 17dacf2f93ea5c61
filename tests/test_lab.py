"""`make lab`: the student's copies are never touched, and a taken port is said at once."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import pytest

from tests.stored import NOTEBOOKS, ROOT
from tools.lab import lab


def test_work_is_filled_and_what_is_there_is_never_touched(tmp_path):
    work = tmp_path / "work"
    lab.fill(work)
    assert sorted(path.name for path in work.iterdir()) == [path.name for path in NOTEBOOKS]
    for path in NOTEBOOKS:
        assert (work / path.name).read_bytes() == path.read_bytes()
    first, second, _ = sorted(work.iterdir())
    first.write_text("mine")
    second.unlink()
    lab.fill(work)
    assert first.read_text() == "mine"
    assert second.read_bytes() == (ROOT / "notebooks" / second.name).read_bytes()


def test_work_is_no_part_of_the_course():
    for file in (".gitignore", ".binder/Dockerfile.dockerignore"):
        lines = (ROOT / file).read_text().split()
        assert {"work", "work/"} & set(lines)


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "ROOT", tmp_path)
    monkeypatch.delenv("JUPYTER_CONFIG_PATH", raising=False)
    return tmp_path


@pytest.mark.parametrize("place", ["6.1.ipynb", "6.1/6.1.ipynb"])
def test_it_opens_on_the_first_notebook_until_the_student_leaves_one_open(root, place):
    for name in (place, ".ipynb_checkpoints/6.0.ipynb", "z.ipynb"):
        (root / "work" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "work" / name).write_text("{}")
    environment, options = lab.for_students(root / "work")
    assert options == [f"--LabApp.default_url=/lab/tree/{place}"]
    assert environment["JUPYTER_CONFIG_PATH"] == str(root / "tools" / "lab" / "students_lab")
    (file,) = (root / "build" / "lab" / "work").iterdir()
    assert environment["JUPYTERLAB_WORKSPACES_DIR"] == str(file.parent)
    left = json.dumps({"data": {"notebook:z.ipynb": {}}})
    file.write_text(left)
    assert lab.for_students(root / "work")[1] == []
    assert file.read_text() == left


@pytest.mark.slow
def test_a_taken_port_is_said_in_the_last_line_with_what_to_do(tmp_path):
    with socket.socket() as other:
        other.bind(("localhost", 0))
        other.listen()
        port = other.getsockname()[1]
        run = subprocess.run(
            [sys.executable, ROOT / "tools" / "lab.py", str(tmp_path), str(port)],
            env={**os.environ, "JUPYTER_RUNTIME_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert run.returncode == 1
    assert run.stderr.splitlines() == [
        f"d2lconv: http://localhost:{port} is taken by another program: "
        f"add PORT={port + 1} to the make command"
    ]


def test_a_taken_port_that_is_a_lab_is_named_with_its_address(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    with socket.socket() as other:
        other.bind(("localhost", 0))
        other.listen()
        port = other.getsockname()[1]
        server = {"pid": os.getpid(), "port": port, "token": "a1"}
        server["url"] = f"http://localhost:{port}/"
        (tmp_path / "jpserver-1.json").write_text(json.dumps(server))
        assert lab.taken(port) == (
            f"port {port} is taken by the lab at http://localhost:{port}/lab?token=a1: "
            f"open that, or add PORT={port + 1} to the make command"
        )
    assert lab.taken(port) is None
