"""The handout for students works, and contains no solutions or hidden tests."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile

import pytest

from tools.grader.assignments import SECTIONS, assignment, notebook
from tools.grader.tests.submission import Submission
from tools.isolation import ROOT
from tools.publish import handout

TARGETS = ["help", "install", "lab", "try", "clean"]
pytestmark = pytest.mark.xdist_group("handout")  # prepare it only once


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("handout")
    command = [sys.executable, ROOT / "tools/publish/handout.py", folder / "made" / "a.tar.gz"]
    subprocess.run(command, check=True)
    with tarfile.open(folder / "made" / "a.tar.gz") as tar:
        names = tar.getnames()
        assert all(name.split("/")[0] == "d2lconv" and ".." not in name for name in names)
    subprocess.run(["tar", "-xzf", folder / "made" / "a.tar.gz"], cwd=folder, check=True)
    return folder / "d2lconv"


def secrets(section):
    """Return the teacher's secret texts: solutions, hidden tests and model answers."""
    for cell in assignment(section).teachers:
        text = cell.source
        for what in ("SOLUTION", "HIDDEN TESTS"):
            yield from re.findall(rf"### BEGIN {what}\n(.*?)\n *### END", text, re.DOTALL)
        if cell.kind == "markdown" and cell.is_answer:
            yield text


def squeezed(text):
    """Remove layout and quoting, so that code, JSON and pages can be compared."""
    return re.sub(r'(\\n|\\"|[\s",\\])+', "", text)


def test_nothing_is_given_away(unpacked):
    files = {path: path.read_bytes() for path in unpacked.rglob("*") if path.is_file()}
    inside = {path.relative_to(unpacked).as_posix() for path in files}
    assert {name for name in inside if name.startswith("assignments/")} == {
        f"assignments/release/{section}/{section}.ipynb" for section in SECTIONS
    }
    inside -= {"tools/install/pins/grade.txt", "tools/install/pins/test.txt"}
    assert not [name for name in inside if re.search("source|test|solution", name)]
    squeezed_files = {p: squeezed(data.decode("utf-8", "replace")) for p, data in files.items()}
    for section in SECTIONS:
        hidden = [squeezed(text) for text in secrets(section)]
        assert any(len(text) > 100 for text in hidden)
        for text in hidden:
            # Short texts such as "return []" are everywhere, and the package may contain them
            if len(text) > 60:
                assert [path for path, held in squeezed_files.items() if text in held] == [], text


def test_a_solution_would_be_found(unpacked):
    given_away = squeezed(notebook("source", SECTIONS[0]).read_text())
    long = [text for text in map(squeezed, secrets(SECTIONS[0])) if len(text) > 60]
    assert len(long) >= 8
    assert all(text in given_away for text in long)


def test_allowed_and_forbidden_files_are_in_separate_folders():
    allowed, never = handout.listed(), handout.listed(never=True)
    assert all(path.exists() for path in allowed)
    assert len(never) >= 4
    for path in never:
        assert not [other for other in allowed if path in (other, *other.parents)]
        assert not [other for other in allowed if other in path.parents]


def test_make_has_the_students_targets_and_their_files(unpacked):
    """Run `make lab` without downloads."""
    listed = subprocess.run(["make"], cwd=unpacked, capture_output=True, text=True, check=True)
    assert re.findall(r"^make (\S+)", listed.stdout, re.MULTILINE) == TARGETS
    commands = ["make", "--dry-run", "lab", "DIR=assignments/release", f"PYTHON={sys.executable}"]
    run = subprocess.run(commands, cwd=unpacked, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert 'tools/lab/lab.py "assignments/release"' in run.stdout
    code = "import installer; installer.definition('lab'); installer.definition('hub')"
    subprocess.run([sys.executable, "-c", code], cwd=unpacked / "tools" / "install", check=True)
    readme = (unpacked / "README.md").read_text()
    for file in re.findall(r"--file (\S+)", readme):
        assert (unpacked / file).exists()
    assert "apt install python3-venv make git libgomp1 libquadmath0" in readme


@pytest.mark.slow
def test_the_package_in_it_can_be_built(unpacked, tmp_path):
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"]
    command += ["--no-build-isolation", "--disable-pip-version-check"]
    run = subprocess.run(
        [*command, "--wheel-dir", tmp_path, unpacked], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert len(list(tmp_path.glob("d2lconv-*.whl"))) == 1


def test_the_students_part_of_the_grader_is_self_contained(unpacked):
    inside = {path.stem for path in (unpacked / "tools" / "grader").glob("*.py")}
    packages = {"tools.isolation", "tools.grader", "d2lconv"}
    for name in inside:
        text = (unpacked / "tools" / "grader" / f"{name}.py").read_text()
        for module in re.findall(r"^\s*from (tools\.[\w.]+|d2lconv)", text, re.MULTILINE):
            assert (
                module in packages
                or module.rpartition(".")[2] in inside
                or (unpacked / f"{module.replace('.', '/')}.py").exists()
            ), (name, module)


@pytest.mark.slow
def test_students_can_try_the_grader(unpacked, tmp_path):
    submission = Submission("6.3").answer("field", "def receptive_field(layers):\n    return 2")
    release = json.loads(notebook("release", "6.3").read_text())["cells"]
    (stub,) = [c for c in release if c["metadata"].get("nbgrader", {}).get("grade_id") == "half"]
    submission.answer("half", "".join(stub["source"])).append("import nothing_like_this")
    path = submission.write(tmp_path / "my 6.3.ipynb")
    command = [sys.executable, "-m", "tools.grader.trial", path]
    run = subprocess.run(command, cwd=unpacked, capture_output=True, text=True)
    said = run.stdout.splitlines()
    assert "my 6.3.ipynb, as you saved it at " in said[0], run.stderr
    assert "  shape-visible: passes" in said
    assert "  half-visible: still to do" in said
    assert any(line.startswith("  field-visible: fails: ") for line in said)
    assert any("raises ModuleNotFoundError: No module named 'nothing_like_this'" in x for x in said)
    tests = [line for line in said if re.match(r"  [\w-]+: (passes|fails|still)", line)]
    assert len(tests) == 6, "visible tests only"
