"""A whole run gives marks and pages, can be restarted, and no student harms another."""

from __future__ import annotations

import contextlib
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

from tools.grader import __main__ as cli
from tools.grader import report, sandbox, student
from tools.grader import run as runner
from tools.grader.assignments import SECTIONS, notebook
from tools.grader.handed import load, section_of
from tools.grader.limits import MOST_NOTEBOOKS
from tools.grader.student import Job, deciding, grade_student, key
from tools.grader.tests.submission import (
    PATIENCE,
    THREE,
    Submission,
    best_mode,
    read_one,
    without_maxima,
)
from tools.isolation import ROOT
from tools.isolation.cgroup import Group

pytestmark = pytest.mark.slow


def command(folder, out, *options):
    options = options or ("--sandbox", best_mode())
    run = [sys.executable, "-m", "tools.grader", "run", str(folder), "--out", str(out), *options]
    return {"args": run, "cwd": ROOT, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}


def run(folder, out, *options):
    return subprocess.run(**command(folder, out, *options), text=True)


def table(out):
    with open(out / "marks.csv", encoding="utf-8", newline="") as file:
        return {row.pop("student"): without_maxima(row) for row in csv.DictReader(file)}


def ages(out):
    return {path.stem: path.stat().st_mtime_ns for path in (out / "results").glob("*.json")}


@pytest.fixture
def folder(tmp_path):
    """Return submissions: folders and files, right and wrong, hostile, and empty."""
    root = tmp_path / "in"
    for section in THREE:
        Submission(section).write(root / "all three" / f"{section}.ipynb")
    Submission("6.1").write(root / "one file.ipynb")
    trouble = "import os\nprint('<script>alert(1)</script>')\nos._exit(0)"
    Submission("6.3").append(trouble).write(root / "trouble" / "6.3 (2).ipynb")
    Submission("6.3", solved=False).append(
        "def receptive_field(layers):\n    raise ValueError('<b>" + "x" * 5000 + "')"
    ).write(root / "two" / "6.3.ipynb")
    Submission("6.3", solved=False).write(root / "two" / "6.3-Copy1.ipynb")
    (root / "broken").mkdir()
    (root / "broken" / "6.2.ipynb").write_text("{")
    (root / "empty").mkdir()
    return root


def test_a_second_run_repeats_nothing(folder, tmp_path):
    out = tmp_path / "out"
    first = run(folder, out)
    assert first.returncode == 0, first.stdout
    assert "grade: students' code is isolated by " in first.stdout
    assert "submissions: 100%" in first.stdout
    assert "grade: broken: unreadable (6.2): " in first.stdout
    assert "grade: nothing handed in: empty\n" in first.stdout
    nothing = {**dict.fromkeys(SECTIONS, ""), "total": "nothing handed in"}
    full = {**nothing, "6.1": "18", "6.2": "30", "6.3": "25"}
    assert table(out) == {
        "all three": {**full, "total": "73"},
        "broken": {**nothing, "6.2": "unreadable", "total": "unreadable"},
        "empty": nothing,
        "one file": {**nothing, "6.1": "18", "total": "18"},
        "trouble": {**nothing, "6.3": "25", "total": "25"},
        "two": {**nothing, "6.3": "0", "total": "0"},
    }
    pages = {path.stem: path.read_text() for path in out.glob("*.html")}
    assert set(pages) == set(table(out))
    assert "6.2: 30 of 30" in pages["all three"]
    assert "the process ended (exit code 0)" in pages["trouble"]
    assert "the notebook can&#39;t be read" in pages["broken"]
    assert "there is no notebook to grade" in pages["empty"]
    assert "6.3-Copy1.ipynb was not graded: 6.3.ipynb was, with answers" in pages["two"]
    assert "&lt;b&gt;xxx" in pages["two"]
    assert "<b>" not in pages["two"]
    assert len(pages["two"]) < 50_000

    before = ages(out)
    Submission("6.1", solved=False).write(folder / "one file.ipynb")
    assert run(folder, out).returncode == 0
    after = ages(out)
    assert {name for name in after if after[name] != before[name]} == {"one file"}
    assert table(out)["one file"]["total"] == "0"
    assert table(out)["all three"]["total"] == "73"


ODD = [
    b"two\nlines",
    b"=1+1",
    b"<b>bold",
    b'"',
    b"\xe5\x90\x8d",
    b"\xff not UTF-8",
    b"-rf",
    b"--out=x",
]


def test_students_may_have_any_name(tmp_path):
    for name in [*ODD, b"x" * 250]:
        (tmp_path / "in" / os.fsdecode(name)).mkdir(parents=True)
    (tmp_path / "in" / "itself.ipynb").symlink_to("itself.ipynb")
    done = run(tmp_path / "in", tmp_path / "out")
    assert done.returncode == 0, done.stdout
    totals = {name: row["total"] for name, row in table(tmp_path / "out").items()}
    assert totals.pop("itself") == "unreadable"
    defused = {b"=1+1": "'=1+1", b"-rf": "'-rf", b"--out=x": "'--out=x"}
    readable = {defused.get(name, name.decode(errors="backslashreplace")) for name in ODD}
    assert totals == dict.fromkeys({*readable, "x" * 250}, "nothing handed in")
    pages = [path.read_text() for path in (tmp_path / "out").glob("*.html")]
    assert len(pages) == len(ODD) + 2
    assert not any("<b>bold" in page for page in pages)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_stopping_and_restarting_loses_and_repeats_nothing(tmp_path, stop):
    for name in "abcdef":
        Submission("6.1").write(tmp_path / "in" / f"{name}.ipynb")
    out = tmp_path / "out"
    process = subprocess.Popen(
        **command(tmp_path / "in", out),
        # A shell's background processes ignore Ctrl-C, and so would their children
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    while len(ages(out)) < 2:
        assert process.poll() is None
        time.sleep(0.05)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(stop)
    said = process.communicate(timeout=60)[0].decode()
    assert process.returncode == 130, said
    assert "finished students are kept" in said
    assert psutil.wait_procs(children, timeout=10)[1] == []
    before = ages(out)
    assert 2 <= len(before) < 6
    assert {name for name, row in table(out).items() if row["total"] == "18"} == set(before)
    assert {row["total"] for row in table(out).values()} == {"18", "not graded"}

    assert run(tmp_path / "in", out).returncode == 0
    after = ages(out)
    assert {name: after[name] for name in before} == before
    assert {row["total"] for row in table(out).values()} == {"18"}
    assert len(table(out)) == 6


# Grade a folder without checking the model solutions first
ALONE = """
import pathlib, sys
from tools.grader import run, student
folder, out = map(pathlib.Path, sys.argv[1:3])
about, job = run.Class(folder), student.Job(out, sys.argv[3], float(sys.argv[4]))
failed = run.grade_all(about.students, job, 2, "all")
run.write_reports(about, out)
sys.exit(bool(failed))
"""


def alone(tmp_path):
    own = [sys.executable, "-c", ALONE, tmp_path / "in", tmp_path / "out", best_mode(), PATIENCE]
    return list(map(str, own))


def workers(pid):
    """Return the processes of students' code below this one."""
    found = []
    with contextlib.suppress(psutil.NoSuchProcess):
        for process in psutil.Process(pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                if "bwrap" not in process.name():
                    found += [process] * ("tools.grader.worker" in process.cmdline())
    return found


def test_a_student_killed_from_outside_is_graded_again(tmp_path):
    Submission("6.2").write(tmp_path / "in" / "ann" / "6.2.ipynb")
    with open(tmp_path / "said", "w") as said:
        run = subprocess.Popen(alone(tmp_path), cwd=ROOT, stdout=said, stderr=said)
        while not (found := workers(run.pid)):
            assert run.poll() is None
            time.sleep(0.1)
        for process in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        assert run.wait() == 0
    assert "is graded again after the others" in (tmp_path / "said").read_text()
    assert table(tmp_path / "out")["ann"]["6.2"] == "30"


def refuses_ann(name, files, job):
    """Replace a grading process, which fails for ann."""
    return 1 if name == "ann" else student.attempt(name, files, job)


def test_students_who_can_t_be_graded_get_a_row_without_marks(tmp_path, monkeypatch):
    Submission("6.2").write(tmp_path / "in" / "ann" / "6.2.ipynb")
    (tmp_path / "in" / "bob").mkdir()
    about, job = runner.Class(tmp_path / "in"), Job(tmp_path / "out", "none", PATIENCE)
    monkeypatch.setattr(runner, "attempt", refuses_ann)
    assert runner.grade_all(about.students, job, 2, "two") == ["ann"]
    assert runner.write_reports(about, job.out) == ["ann"]
    assert {name: row["total"] for name, row in table(tmp_path / "out").items()} == {
        "ann": "not graded",
        "bob": "nothing handed in",
    }


def test_with_little_memory_an_attacker_costs_others_no_marks(tmp_path):
    hoard = "import time; x = b'x' * 450_000_000; time.sleep(30)"
    program = (
        f"import os, sys, time\nfor _ in range(6): os.posix_spawn(sys.executable, "
        f"['python', '-c', {hoard!r}], {{}})\ntime.sleep(5)"
    )
    attack = f"import os, sys\nos.execv(sys.executable, ['python', '-c', {program!r}])"
    Submission("6.2").append(attack).write(tmp_path / "in" / "b eve" / "6.2.ipynb")
    for name in ("a ann", "c bob"):
        Submission("6.2").write(tmp_path / "in" / name / "6.2.ipynb")
    try:
        group = Group(2 * 2**30, 1000)
    except OSError:
        pytest.skip("no control group can be made here")
    try:
        files = " ".join(f"{path}" for path in group.entrances())
        enter = ["sh", "-c", f'for f in {files}; do echo 0 >$f; done; exec "$@"', "sh"]
        own = [*enter, *alone(tmp_path)]
        done = subprocess.run(own, cwd=ROOT, capture_output=True, text=True)
    finally:
        group.close()
    totals = {name: row["total"] for name, row in table(tmp_path / "out").items()}
    assert (done.returncode == 0) == ("not graded" not in totals.values())
    del totals["b eve"]  # with her own marks
    assert set(totals.values()) <= {"30", "not graded"}, done.stderr


def test_a_broken_grader_gives_no_marks(tmp_path):
    Submission("6.1").write(tmp_path / "in" / "a.ipynb")
    stopped = run(tmp_path / "in", tmp_path / "out", "--sandbox", best_mode(), "--seconds", "0")
    assert stopped.returncode == 1
    assert "the model solutions don't pass here" in stopped.stdout
    assert ages(tmp_path / "out") == {}


def test_without_a_sandbox_it_refuses_by_default(tmp_path, monkeypatch):
    def fail(mode):
        raise sandbox.Ungraded("no such thing")

    sandbox.describe_limits.cache_clear()
    monkeypatch.setattr(sandbox, "Sandbox", fail)
    monkeypatch.setattr(sys, "argv", ["grade", "run", str(tmp_path)])
    with pytest.raises(SystemExit, match=r"can't be isolated here \(no such thing\)"):
        cli.main()


def test_a_missing_folder_is_refused(tmp_path):
    stopped = run(tmp_path / "nowhere", tmp_path / "out")
    assert stopped.returncode == 2
    assert "nowhere' " in stopped.stdout.replace("\n", " ") + " "


def test_changed_tests_cause_a_new_grading(tmp_path, monkeypatch):
    handed = load([Submission("6.1").write(tmp_path / "a.ipynb")])
    before, every = key(handed), deciding()
    assert before == key(handed)
    changed = tmp_path / "source.ipynb"
    changed.write_text("{}")
    for path in every:
        others = [changed if each == path else each for each in every]
        monkeypatch.setattr(student, "deciding", lambda others=others: others)
        assert key(handed, code=student._code.__wrapped__()) != before


def test_marks_depend_only_on_the_grading_code():
    files = {path.relative_to(ROOT).as_posix() for path in deciding() if ROOT in path.parents}
    for name in ("judge", "worker", "wire", "modes", "handed", "cells", "messages", "results"):
        assert f"tools/grader/{name}.py" in files
    assert {"tools/isolation/bwrap.py", "tools/isolation/seccomp.py"} <= files
    assert {"d2lconv/conv.py", "d2lconv/checks.py", "d2lconv/draw/window.py"} <= files
    assert "tools/mxnet_today/mxnet_today/repair.py" in files
    assert {f"assignments/{kind}/6.2/6.2.ipynb" for kind in ("source", "release")} <= files
    others = ("report", "page", "tables", "people", "copies", "forbidden", "run", "beach")
    assert [name for name in files if any(f"/{other}." in name for other in others)] == []
    assert [name for name in files if "hub" in name or "tests" in name or "questions" in name] == []


def test_modules_in_subfolders_count_if_they_are_imported(tmp_path, monkeypatch):
    package = tmp_path / "tools" / "grader"
    (package / "deep" / "deeper").mkdir(parents=True)
    mxnet_today = tmp_path / "tools" / "mxnet_today" / "mxnet_today"
    mxnet_today.mkdir(parents=True)
    deeper = package / "deep" / "deeper"
    for folder in (tmp_path / "tools", package, package / "deep", deeper, mxnet_today):
        (folder / "__init__.py").write_text("")
    (package / "student.py").write_text("from tools.grader.deep import one")
    (package / "worker.py").write_text("")
    (package / "deep" / "one.py").write_text("def f():\n    from .deeper import two")
    (package / "deep" / "deeper" / "two.py").write_text("")
    (package / "deep" / "alone.py").write_text("")
    monkeypatch.setattr(student, "ROOT", tmp_path)
    found = {path.name for path in deciding()}
    assert {"student.py", "one.py", "two.py"} <= found
    assert "alone.py" not in found


def test_an_assignment_is_found_by_its_cells(tmp_path):
    named_wrongly = Submission("6.2").write(tmp_path / "6.1.ipynb")
    assert section_of(read_one(named_wrongly)) == "6.2"
    stripped = Submission("6.2")
    for cell in stripped.cells:
        cell["metadata"] = {}
    assert section_of(read_one(stripped.write(tmp_path / "mine.ipynb"))) == "6.2"
    assert section_of(read_one(stripped.write(tmp_path / "6.1.ipynb"))) == "6.2"
    (tmp_path / "other.ipynb").write_text('{"cells": []}')
    assert section_of(read_one(tmp_path / "other.ipynb")) is None


def test_a_correct_name_is_found_among_very_many_notebooks(tmp_path):
    for number in range(MOST_NOTEBOOKS):
        (tmp_path / f"{number}.ipynb").write_text("{}")
    right = Submission("6.1").write(tmp_path / "6.1.ipynb")
    files = sorted(tmp_path.glob("*.ipynb"))
    assert load(files)[0].name == right.name
    assert len(load(files)) == MOST_NOTEBOOKS
    right.unlink()
    files.remove(right)
    result = grade_student("me", 2 * files, Job(tmp_path / "out", "none", 1))
    report.write("me", result, tmp_path / "out")
    page = (tmp_path / "out" / "me.html").read_text()
    assert (
        f"of {2 * MOST_NOTEBOOKS} files, only the first {MOST_NOTEBOOKS} notebooks were considered"
        in page
    )


@pytest.mark.parametrize("section", THREE)
def test_run_all_reaches_the_last_cell_of_the_release(section):
    release = nbformat.read(notebook("release", section), 4)
    NotebookClient(release, timeout=120).execute()
    (last,) = [cell for cell in release.cells if cell.source.startswith("summary(")]
    said = "".join(output.text for output in last.outputs).splitlines()
    assert len(said) >= 5
    assert all(line.endswith(": still to do") for line in said)


@pytest.mark.parametrize("section", THREE)
def test_the_solutions_pass_in_a_kernel(section):
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
    (last,) = [cell for cell in solved.cells if cell.source.startswith("summary(")]
    said = "".join(output.text for output in last.outputs).splitlines()
    tests = re.findall(r"^def (test_\w+)", "\n".join(c.source for c in solved.cells), re.M)
    assert said == [f"{name}: passes" for name in tests]
