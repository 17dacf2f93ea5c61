"""The steps on the page for teachers work, in a copy of the repository."""

from __future__ import annotations

import copy
import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.grader.assignments import ASSIGNMENTS, Assignment, notebook
from tools.grader.judge import Limits, grade
from tools.grader.tests.submission import (
    PATIENCE,
    THREE,
    best_mode,
    cells,
    read_one,
    without_maxima,
)
from tools.isolation import ROOT

pytestmark = pytest.mark.slow
PAGE = (ASSIGNMENTS / "README.md").read_text()


def id_of(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def exercises(kind, section):
    """Return each exercise's cells, as a teacher would copy them, and the setup's cells.

    From the heading to the last test; the setup is the cell of that name and the one below it.
    """
    cells = json.loads(notebook(kind, section).read_text())["cells"]
    first = next(n for n, cell in enumerate(cells) if id_of(cell) == "setup")
    setup = cells[first : first + 2]
    below: list[list[dict]] = []
    for cell in cells[first + 2 :]:
        source = "".join(cell["source"])
        if source.startswith("## "):
            below.append([])
        if below:
            below[-1].append(cell)
    return setup, [
        part for part in below if any(cell["cell_type"] == "code" and id_of(cell) for cell in part)
    ]


def to_notebook(section, cells, kind="source"):
    content = json.loads(notebook(kind, section).read_text())
    return {**content, "cells": copy.deepcopy(cells)}


@pytest.mark.parametrize("section", THREE)
def test_each_exercise_works_in_a_teacher_s_own_assignment(tmp_path, section):
    setup, sources = exercises("source", section)
    _, releases = exercises("release", section)
    assert len(sources) == len(releases) >= 5
    for number, (source, release) in enumerate(zip(sources, releases)):
        own = tmp_path / str(number) / "source.ipynb"
        given = own.with_name("release.ipynb")
        own.parent.mkdir()
        own.write_text(json.dumps(to_notebook(section, [*setup, *source])))
        given.write_text(json.dumps(to_notebook(section, [*setup, *release])))
        asked = Assignment(section, *(cells(path) for path in (own, given)))
        limits = Limits(best_mode(), PATIENCE)
        graded = grade(read_one(own), asked, limits)
        limits.close()
        assert graded.tests
        assert [test.why for test in graded.tests if test.why] == [], graded.tests
        namespace: dict = {}
        for cell in [*setup, *release]:  # as with "Run All"
            if cell["cell_type"] == "code" and not cell["metadata"].get("nbgrader", {}).get(
                "grade"
            ):
                exec("".join(cell["source"]), namespace)


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """Return a copy of the repository to modify."""
    root = tmp_path_factory.mktemp("clone") / "d2lconv"
    leave = shutil.ignore_patterns(
        ".git",
        ".venv",
        "build",
        "dist",
        "grades",
        "submissions",
        "*.egg-info",
        "__pycache__",
        ".*_cache",
        ".hypothesis",
        ".ipynb_checkpoints",
    )
    shutil.copytree(ROOT, root, ignore=leave, symlinks=True)
    return root


def make(root, *arguments, check=True):
    """Run make there, in this test's environment, without reinstalling it."""
    ready = Path(sys.prefix) / "ready"
    command = ["make", "-C", root, f"--old-file={ready}", f"VENV={sys.prefix}", *arguments]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert run.returncode == 0 or not check, run.stdout
    return run.stdout


def grade_there(root, submissions, *options):
    """Grade in the copy, and return the marks of each student in each assignment."""
    make(root, "grade", f"SUBMISSIONS={submissions}", f"SANDBOX={best_mode()}", *options)
    with open(root / "grades" / "marks.csv", encoding="utf-8", newline="") as file:
        return {row.pop("student"): without_maxima(row) for row in csv.DictReader(file)}


def change(path, cells):
    content = json.loads(path.read_text())
    cells(content["cells"])
    path.write_text(json.dumps(content))


def metadata_of(page):
    (text,) = re.findall(r"```json\n(.*?)```", page, re.S)
    return json.loads(text)


def test_the_section_change_something_works(clone, tmp_path):
    def new(source, metadata):
        own = {"cell_type": "code", "metadata": metadata, "outputs": [], "execution_count": None}
        return {**own, "id": metadata["nbgrader"]["grade_id"], "source": source}

    # Copy an exercise into a new assignment, and one into a second
    for name, which in [("own", 0), ("a second one", 1)]:
        setup, sources = exercises("source", "6.2")
        path = clone / "assignments" / "source" / name / f"{name}.ipynb"
        path.parent.mkdir()
        path.write_text(json.dumps(to_notebook("6.2", [*setup, *sources[which]])))

    # Points; the page's hidden test; a visible test
    hidden, _ = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    hidden = re.sub(r"^  ", "", hidden, flags=re.M)
    visible = "# Visible: a kernel of one\ndef test_one():\n    X = whole(3, 3)\n"
    visible += "    same(corr2d(X, np.ones((1, 1))), X)\n\n\ntest_one()"
    tags = ["raises-exception", "remove-output"]
    mine = {**metadata_of(PAGE)["nbgrader"], "grade_id": "corr2d-one"}

    def own(cells):
        for cell in cells:
            if cell["metadata"].get("nbgrader", {}).get("points"):
                cell["metadata"]["nbgrader"]["points"] = 3
            source = "".join(cell["source"])
            if source.startswith("## "):
                cell["source"] = re.sub(r"\d+ points\)", "11 points)", source, count=1)
        cells.append(new(hidden, metadata_of(PAGE)))
        cells.append(new(visible, {"nbgrader": mine, "tags": tags}))

    change(clone / "assignments" / "source" / "own" / "own.ipynb", own)
    make(clone, "assignments")
    release = clone / "assignments" / "release"
    assert {path.name for path in release.iterdir()} >= {"own", "a second one", *THREE}
    text = (release / "own" / "own.ipynb").read_text()
    assert "Hidden: a kernel of zeros" in text
    assert "np.zeros((2, 2))" not in text
    assert "Visible: a kernel of one" in text

    # The new assignment is graded, and the others as before, with any file names
    points = {"own": 3 * 3 + 1 + 1, "a second one": None, "6.2": None}
    for name in points:
        solved = (clone / "assignments" / "source" / name / f"{name}.ipynb").read_text()
        folder = tmp_path / "in" / f"with {name}"
        folder.mkdir(parents=True)
        (folder / f"{name}.ipynb").write_text(solved)
        folder = tmp_path / "in" / f"without {name}"
        folder.mkdir()
        (folder / "Untitled.ipynb").write_text(solved)
    wrong = "def corr2d(X, K):\n    assert K.any(), 'zeros?'\n    return d2lconv.corr2d(X, K)"
    other = tmp_path / "in" / "wrong"
    other.mkdir()
    shutil.copy(release / "own" / "own.ipynb", other)

    def answer(cells):
        (cell,) = [cell for cell in cells if id_of(cell) == "corr2d"]
        cell["source"] = wrong

    change(other / "own.ipynb", answer)
    table = grade_there(clone, tmp_path / "in")
    for name in points:
        for row in (table[f"with {name}"], table[f"without {name}"]):
            assert {key for key, mark in row.items() if mark} == {name, "total"}
            assert int(row[name]) == int(row["total"]) > 0
    assert table["with own"]["own"] == "11"
    assert table["wrong"]["own"] == "10"
    page = (clone / "grades" / "wrong.html").read_text()
    assert "Hidden: a kernel of zeros" in page
    assert "zeros?" in page

    # Deleting a file grades a student again
    (clone / "grades" / "results" / "wrong.json").unlink()
    before = (clone / "grades" / "results" / "with own.json").stat().st_mtime_ns
    assert grade_there(clone, tmp_path / "in") == table
    assert (clone / "grades" / "results" / "with own.json").stat().st_mtime_ns == before

    # The tests cover the additions, and pass
    tests = [f"tools/grader/tests/test_{name}.py" for name in ("release", "solutions")]
    covers = subprocess.run(
        [sys.executable, "-m", "pytest", "-n0", "-q", "-rA", *tests],
        cwd=clone,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "SANDBOX": best_mode()},
    )
    assert covers.returncode == 0, covers.stdout
    assert "test_the_solutions_get_full_marks[own]" in covers.stdout
    assert "test_the_release_is_generated_from_the_source[a second one]" in covers.stdout


def test_an_outdated_release_is_reported(clone):
    path = clone / "assignments" / "source" / "6.1" / "6.1.ipynb"
    before = path.read_text()
    change(path, lambda cells: cells[0].update(source="# Another title"))
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-n0", "-q", "tools/grader/tests/test_release.py"],
        cwd=clone, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    path.write_text(before)
    assert run.returncode == 1
    assert "run: make assignments" in run.stdout


def test_nbgrader_generates_the_release_from_any_shell(clone):
    """Without the environment on PATH, it removed the release and failed."""
    made = clone / "assignments" / "release" / "6.1" / "6.1.ipynb"
    before = made.read_text()
    environment = {**os.environ, "PATH": os.defpath}
    environment.pop("VIRTUAL_ENV", None)
    nbgrader = Path(sys.executable).with_name("nbgrader")
    run = subprocess.run(
        [nbgrader, "generate_assignment", "6.1", "--force"], cwd=clone / "assignments",
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout
    assert made.read_text() == before
