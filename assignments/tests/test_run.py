"""A whole run: marks and pages, stopped and started again, and nobody harmed by anybody."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time

import nbformat
import psutil
import pytest
from nbclient import NotebookClient

from assignments.grader import __main__ as grader
from assignments.grader import sandbox
from assignments.grader.course import (
    MOST_NOTEBOOKS,
    ROOT,
    SECTIONS,
    looked_at,
    notebook,
    section_of,
)
from assignments.tests.submission import THREE, Submission, best_mode

pytestmark = pytest.mark.slow


def command(folder, out, *options):
    options = options or ("--sandbox", best_mode())
    run = [sys.executable, "-m", "assignments.grader", str(folder), "--out", str(out), *options]
    return {"args": run, "cwd": ROOT, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}


def run(folder, out, *options):
    return subprocess.run(**command(folder, out, *options), text=True)


def table(out):
    with open(out / "marks.csv", encoding="utf-8", newline="") as file:
        return {row.pop("student"): row for row in csv.DictReader(file)}


def ages(out):
    return {path.stem: path.stat().st_mtime_ns for path in (out / "results").glob("*.json")}


@pytest.fixture
def folder(tmp_path):
    """Return submissions: folders and files, right and wrong, one that is trouble, one empty."""
    root = tmp_path / "in"
    for section in THREE:
        Submission(section).write(root / "all three" / f"{section}.ipynb")
    Submission("6.1").write(root / "one file.ipynb")
    trouble = "import os\nprint('<script>alert(1)</script>')\nos._exit(0)"
    Submission("6.3").append(trouble).write(root / "trouble" / "6.3 (2).ipynb")
    Submission("6.3", solved=False).append(
        "def receptive_field(layers):\n    raise ValueError('<b>" + "x" * 5000 + "')"
    ).write(root / "two" / "6.3.ipynb")
    Submission("6.3").write(root / "two" / "6.3-Copy1.ipynb")
    (root / "broken").mkdir()
    (root / "broken" / "6.2.ipynb").write_text("{")
    (root / "empty").mkdir()
    return root


def test_marks_pages_and_a_second_start_that_repeats_nothing(folder, tmp_path):
    out = tmp_path / "out"
    first = run(folder, out)
    assert first.returncode == 0, first.stdout
    assert "grade: each student's code runs behind " in first.stdout
    assert "submissions: 100%" in first.stdout
    nothing = {**dict.fromkeys(SECTIONS, ""), "total": "0"}
    full = {**nothing, "6.1": "18", "6.2": "21", "6.3": "18"}
    assert table(out) == {
        "all three": {**full, "total": "57"},
        "broken": {**nothing, "6.2": "0"},
        "empty": nothing,
        "one file": {**nothing, "6.1": "18", "total": "18"},
        "trouble": {**nothing, "6.3": "18", "total": "18"},
        "two": {**nothing, "6.3": "0"},
    }
    pages = {path.stem: path.read_text() for path in out.glob("*.html")}
    assert set(pages) == set(table(out))
    assert "6.2: 21 of 21" in pages["all three"]
    assert "the process ended (exit code 0)" in pages["trouble"]
    assert "the notebook can&#39;t be read" in pages["broken"]
    assert "there is no notebook to grade" in pages["empty"]
    assert "6.3-Copy1.ipynb was not graded: 6.3.ipynb was" in pages["two"]
    assert "&lt;b&gt;xxx" in pages["two"]
    assert "<b>" not in pages["two"]
    assert len(pages["two"]) < 50_000

    before = ages(out)
    Submission("6.1", solved=False).write(folder / "one file.ipynb")
    assert run(folder, out).returncode == 0
    after = ages(out)
    assert {name for name in after if after[name] != before[name]} == {"one file"}
    assert table(out)["one file"]["total"] == "0"
    assert table(out)["all three"]["total"] == "57"


ODD = [b"two\nlines", b"=1+1", b"<b>bold", b'"', b"\xe5\x90\x8d", b"\xff not UTF-8"]


def test_whatever_a_student_is_called(tmp_path):
    names = [os.fsdecode(name) for name in ODD]
    for name in names:
        (tmp_path / "in" / name).mkdir(parents=True)
    done = run(tmp_path / "in", tmp_path / "out")
    assert done.returncode == 0, done.stdout
    readable = {name.decode(errors="replace") for name in ODD}
    assert {name.replace("?", "\ufffd") for name in table(tmp_path / "out")} == readable
    pages = [path.read_text() for path in (tmp_path / "out").glob("*.html")]
    assert len(pages) == len(ODD)
    assert not any("<b>bold" in page for page in pages)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_stopped_and_started_again_nothing_is_lost_or_repeated(tmp_path, stop):
    for name in "abcdef":
        Submission("6.1").write(tmp_path / "in" / f"{name}.ipynb")
    out = tmp_path / "out"
    process = subprocess.Popen(
        **command(tmp_path / "in", out),
        # What runs in the background of a shell ignores Ctrl-C, and so would its children
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    while len(ages(out)) < 2:
        assert process.poll() is None
        time.sleep(0.05)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(stop)
    said = process.communicate(timeout=60)[0].decode()
    assert process.returncode == 130, said
    assert "what is finished is kept" in said
    assert psutil.wait_procs(children, timeout=10)[1] == []
    before = ages(out)
    assert 2 <= len(before) < 6
    assert set(table(out)) == set(before)

    assert run(tmp_path / "in", out).returncode == 0
    after = ages(out)
    assert {name: after[name] for name in before} == before
    assert {row["total"] for row in table(out).values()} == {"18"}
    assert len(table(out)) == 6


def test_a_grader_that_does_not_work_gives_nobody_marks(tmp_path):
    Submission("6.1").write(tmp_path / "in" / "a.ipynb")
    stopped = run(tmp_path / "in", tmp_path / "out", "--sandbox", best_mode(), "--seconds", "1e-3")
    assert stopped.returncode == 1
    assert "the solutions do not pass here" in stopped.stdout
    assert ages(tmp_path / "out") == {}


def test_without_a_sandbox_it_refuses_unless_told(tmp_path, monkeypatch):
    def fail(mode):
        if mode != "none":
            raise RuntimeError("no such thing")
        return works

    works = sandbox.Sandbox("none")
    monkeypatch.setattr(sandbox, "Sandbox", fail)
    monkeypatch.setattr(sys, "argv", ["grade", str(tmp_path)])
    with pytest.raises(SystemExit, match=r"can't be locked up here \(no such thing\)"):
        grader.main()
    assert sandbox.safest("none") == "none"


def test_a_folder_that_is_none_is_named(tmp_path):
    stopped = run(tmp_path / "nowhere", tmp_path / "out")
    assert stopped.returncode == 2
    assert "nowhere' " in stopped.stdout.replace("\n", " ") + " "


def test_changed_tests_are_run_again(tmp_path, monkeypatch):
    path = Submission("6.1").write(tmp_path / "a.ipynb")
    before = grader.key([path])
    assert before == grader.key([path])
    changed = tmp_path / "source.ipynb"
    changed.write_text(json.dumps({}))
    monkeypatch.setattr(grader, "notebook", lambda kind, section: changed)
    assert grader.key([path]) != before


def test_what_an_assignment_is_decided_by(tmp_path):
    named_wrongly = Submission("6.2").write(tmp_path / "6.1.ipynb")
    assert section_of(named_wrongly) == "6.2"
    stripped = Submission("6.2")
    for cell in stripped.cells:
        cell["metadata"] = {}
    assert section_of(stripped.write(tmp_path / "my 6.2 answers.ipynb")) == "6.2"
    assert section_of(stripped.write(tmp_path / "mine.ipynb")) is None


def test_of_very_many_notebooks_the_rightly_named_is_found_and_the_report_says_so(tmp_path):
    for number in range(MOST_NOTEBOOKS):
        (tmp_path / f"{number}.ipynb").write_text("{}")
    right = Submission("6.1").write(tmp_path / "6.1.ipynb")
    files = sorted(tmp_path.glob("*.ipynb"))
    assert looked_at(files)[0] == right
    assert len(looked_at(files)) == MOST_NOTEBOOKS
    right.unlink()
    (tmp_path / "out" / "results").mkdir(parents=True)
    files.remove(right)
    grader.grade_student("me", 2 * files, tmp_path / "out", "none", 1)
    page = (tmp_path / "out" / "me.html").read_text()
    assert (
        f"of {2 * MOST_NOTEBOOKS} notebooks, only the first {MOST_NOTEBOOKS} were looked at" in page
    )


def test_as_another_user_the_course_is_closed_to_others(tmp_path):
    folder = tmp_path / "source"
    folder.mkdir(mode=0o755)
    grader.close_to_others([folder, tmp_path / "nowhere"])
    assert folder.stat().st_mode & 0o777 == 0o700
    assert os.access(folder, os.R_OK)


@pytest.mark.parametrize("section", THREE)
def test_run_all_gets_through_the_release_and_the_last_cell_says_what_is_missing(section):
    release = nbformat.read(notebook("release", section), 4)
    NotebookClient(release, timeout=120).execute()
    said = "".join(output.text for output in release.cells[-1].outputs).splitlines()
    assert len(said) >= 5
    assert all(line.endswith(": still to do") for line in said)


@pytest.mark.parametrize("section", THREE)
def test_the_solutions_run_in_a_kernel_and_the_last_cell_says_so(section):
    solved = nbformat.reads(json.dumps(Submission(section).content), 4)
    NotebookClient(solved, timeout=120).execute()
    for cell in solved.cells:
        outputs = cell.get("outputs", [])
        for output in outputs:
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", output.text
        if "draw." in cell.source:
            kinds = [str(output.get("data")) for output in outputs]
            assert any("<img" in kind for kind in kinds), cell.source
    said = "".join(output.text for output in solved.cells[-1].outputs).splitlines()
    tests = re.findall(r"^def (test_\w+)", "\n".join(c.source for c in solved.cells), re.M)
    assert said == [f"{name}: passes" for name in tests]
