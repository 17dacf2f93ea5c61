"""The release is generated from the source and gives nothing away."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tools.grader.assignments import SECTIONS, notebook
from tools.grader.tests.submission import THREE
from tools.isolation import ROOT

pytestmark = pytest.mark.xdist_group("release")  # prepare it only once

MARKER = re.compile(r"\b(begin|end)\b.{0,9}\b(solutions?|hidden|tests?)\b|###", re.IGNORECASE)


def code_cells(path: Path) -> list:
    return [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]


def leaks(path: Path) -> list[str]:
    """Return the secrets in a students' notebook."""
    found = []
    for cell in nbformat.read(path, 4).cells:
        known = cell.metadata.get("nbgrader", {})
        found += [f"a marker: {match[0]}" for match in MARKER.finditer(cell.source)]
        if cell.cell_type == "code" and cell.outputs:
            found.append(f"an output: {cell.source}")
        if cell.source.lower().startswith("# hidden") and "\n" in cell.source.strip():
            found.append(f"a hidden test: {cell.source}")
        if known.get("solution") and cell.cell_type == "markdown":
            if cell.source != "YOUR ANSWER HERE":
                found.append(f"a model answer: {cell.source}")
        elif known.get("solution"):
            for node in ast.parse(cell.source).body:
                stub = isinstance(node, ast.FunctionDef) and len(node.body) == 1
                if not stub or ast.unparse(node.body[0]) != "raise NotImplementedError()":
                    found.append(f"a solution: {cell.source}")
    return found


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """Return a new course with a fourth assignment, whose markers are misspelt."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(notebook("source", "6.1").parents[1], root / "source")
    text = notebook("source", "6.1").read_text()
    for number, (right, wrong) in enumerate(
        [
            ("HIDDEN TESTS", "HIDDEN TEST"),
            ("HIDDEN TESTS", "HIDEN TESTS"),
            ("### BEGIN SOLUTION", "### BEGIN SOLUTON"),
        ]
    ):
        path = root / "source" / f"misspelt{number}" / "6.1.ipynb"
        path.parent.mkdir()
        changed = text.replace(right, wrong)
        path.write_text(changed.replace("### END SOLUTION", "") if "SOLUTON" in wrong else changed)
    command = [Path(sys.executable).with_name("nbgrader"), "generate_assignment", "*", "--no-db"]
    options = [f"--CourseDirectory.root={root}", "--log-level=ERROR"]
    subprocess.run([*command, *options], cwd=root, check=True)
    return root


@pytest.mark.parametrize("section", SECTIONS)
def test_the_release_is_generated_from_the_source(course, section):
    made = course / "release" / section / f"{section}.ipynb"
    assert made.read_text() == notebook("release", section).read_text(), "run: make assignments"


@pytest.mark.parametrize("section", SECTIONS)
def test_the_release_contains_no_solution_hidden_test_or_marker(section):
    assert leaks(notebook("release", section)) == []


def test_a_misspelt_marker_is_found_in_the_release(course):
    (hidden_test, hiden_tests, soluton) = (
        "\n".join(leaks(course / "release" / f"misspelt{number}" / "6.1.ipynb"))
        for number in range(3)
    )
    assert "a marker: BEGIN HIDDEN" in hidden_test
    assert "a hidden test: # Hidden: dense layers" in hidden_test
    assert "a hidden test: # Hidden: dense layers" in hiden_tests
    assert "a marker: ###" in soluton or "a solution:" in soluton


ROLES = {
    "draw.show(": "drawing",
    "NotImplementedError()": "stub",
    "# Visible: ": "visible test",
    "# Hidden: ": "hidden test",
}


def exercises(section: str) -> list[list[str]]:
    """Return the roles of the code cells below each heading that has a stub."""
    below: list[list[str]] = [[]]  # the first are before any heading
    for cell in nbformat.read(notebook("release", section), 4).cells:
        if cell.source.startswith("# Assignment") or cell.source.startswith("## "):
            below.append([])
        if cell.cell_type == "code":
            below[-1] += [role for sign, role in ROLES.items() if sign in cell.source]
    return [roles for roles in below if "stub" in roles]


@pytest.mark.parametrize("section", THREE)
def test_every_exercise_has_a_drawing_a_stub_and_both_tests(section):
    assert len(exercises(section)) >= 5
    for first, second, third, *others in exercises(section):
        assert (first, second, third) == ("drawing", "stub", "visible test")
        assert set(others) == {"hidden test"}


@pytest.mark.parametrize("section", SECTIONS)
def test_a_heading_shows_the_difficulty_and_the_points(section):
    said, worth = {}, {}
    for cell in nbformat.read(notebook("source", section), 4).cells:
        if cell.source.startswith("## "):
            heading = cell.source.partition("\n")[0]
            marked = re.search(r" \((★{1,3}), (\d+) points\)$", heading)
            said[heading], worth[heading] = int(marked[2]) if marked else 0, 0
        elif said:
            worth[heading] += cell.metadata.get("nbgrader", {}).get("points", 0)
    assert said == worth
    count = sum(points > 0 for points in said.values())
    assert count == len(exercises(section))
    page = (ROOT / "docs" / "exercises.md").read_text()
    row = f"(assignments/{section}/{section}.ipynb) | {count} | {sum(said.values())} |"
    assert row in page or section not in THREE  # a teacher's own assignments needn't be on the site


@pytest.mark.parametrize("section", SECTIONS)
def test_only_the_code_of_drawings_is_folded(section):
    for cell in code_cells(notebook("release", section)):
        folded = "hide-input" in cell.metadata.get("tags", [])
        assert folded == cell.metadata.get("jupyter", {}).get("source_hidden", False)
        assert folded == ("draw.show(" in cell.source), cell.source
