"""Merged slices from many machines give the same marks as one machine, byte for byte.

A real array of Slurm's jobs is among them, on this one machine (Debian's slurmctld, slurmd, munge).
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import getpass
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest
import yaml

from tools.grader import __main__ as cli
from tools.grader.tests.submission import Submission, best_mode
from tools.isolation import ROOT, cgroup

SCALE = ROOT / "tools" / "grader" / "scale"


def test_slices_cover_each_student_exactly_once():
    students = [f"s{number}" for number in range(103)]
    for number in (1, 3, 40, 200):
        parts = [students[cli.slice_of(f"{i}/{number}")] for i in range(1, number + 1)]
        assert sorted(name for part in parts for name in part) == sorted(students)
        assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "a/b", "-1/3", "1/0", "1/2/3"])
def test_a_malformed_slice_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match=f"slice must be .* got '{text}'"):
        cli.slice_of(text)


def test_cores_and_memory_limit_the_students_at_a_time(monkeypatch):
    def machine(cores, gigabytes):
        monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(cores)), raising=False)
        monkeypatch.setattr(cli, "available", lambda: gigabytes * 2**30)
        return cli.default_jobs()

    assert machine(16, 100)[0] == 16
    assert machine(16, 10)[0] == 4
    assert machine(2, 1) == (1, "2 cores, 1.0 GiB of memory free, 2.5 for each student")


@pytest.mark.parametrize(
    ("own", "limited"),
    [
        ("0::/\n", {"": 6}),  # a container that sees only its own group
        ("0::/a/b\n", {"a": 6, "a/b": 9}),
        ("0::/a/b\n", {"a": 9, "a/b": 6}),
        ("4:memory:/a/b\n0::/\n", {"memory/a": 6}),  # version 1
        ("2:cpu,memory:/\n", {"cpu,memory": 6}),
        ("4:memory:/a\n0::/\n", {"memory": 9}),
        ("0::/a\n", {}),
        (None, {}),  # no Linux
    ],
)
def test_free_memory_respects_every_surrounding_cgroup(tmp_path, monkeypatch, own, limited):
    names = ("limit", "usage") if "memory" in (own or "") else ("max", "current")
    for place, gigabytes in limited.items():
        (tmp_path / place).mkdir(parents=True, exist_ok=True)
        figures = zip(names, (gigabytes * 2**30, 3 * 2**30))
        for name, figure in figures:
            name += "_in_bytes" if "memory" in own else ""
            (tmp_path / place / f"memory.{name}").write_text(f"{figure}\n")
        (tmp_path / place / "memory.stat").write_text(f"active_file 9\ninactive_file {2**30}\n")
    if own is not None:
        (tmp_path / "own").write_text(own)
    monkeypatch.setattr(cgroup, "FILES", tmp_path)
    monkeypatch.setattr(cgroup, "OWN", tmp_path / "own")
    memory = argparse.Namespace(available=5 * 2**30)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    least = 4 if 6 in limited.values() else 5  # of 6 GiB, 3 are used, of which 1 is a cache
    assert cgroup.available() == least * 2**30


def grade(folder, out, *options, what="run", cwd=ROOT, check=True):
    command = [sys.executable, "-m", "tools.grader", what, folder, *options, "--out", out]
    run = subprocess.run(
        command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert run.returncode == 0 or not check, run.stdout
    return run


def submit(root, number):
    """Write that many submissions: right, empty, partly wrong and broken in turn."""
    for i in range(number):
        kind, path = i % 4, root / f"student {i:02}" / "6.1.ipynb"
        submission = Submission("6.1", solved=kind != 1)
        if kind == 2:
            code = [c for c in submission.cells if c["cell_type"] == "code"]
            answers = [c for c in code if c["metadata"].get("nbgrader", {}).get("solution")]
            answers[i % len(answers)]["source"] = "1 / 0"
        submission.write(path)
        if kind == 3:
            path.write_text("{")
    return root


@pytest.mark.slow
def test_merged_slices_give_the_same_tables_without_paths(tmp_path):
    folder = submit(tmp_path / "in", 4)
    mode = f"--sandbox={best_mode()}"
    grade(folder, tmp_path / "one", mode)
    for number in (1, 2):
        there = shutil.copytree(folder, tmp_path / f"machine {number}" / "elsewhere")
        grade(there, there.parent / "out", mode, "--slice", f"{number}/2")
        assert not (there.parent / "out" / "marks.csv").exists()
        if number == 1:
            part = grade(folder, tmp_path / "all", there.parent / "out", what="merge", check=False)
            assert part.returncode == 1
            assert part.stdout.count("is not graded yet") == 2
    outs = [tmp_path / f"machine {number}" / "out" for number in (1, 2)]
    grade(folder, tmp_path / "all", *outs, what="merge")
    names = ["marks.csv", "class/final.csv", "class/written.csv"]
    for name in names:
        assert (tmp_path / "all" / name).read_bytes() == (tmp_path / "one" / name).read_bytes()
    pages = {path.name for path in (tmp_path / "one").glob("*.html")}
    assert pages == {path.name for path in (tmp_path / "all").glob("*.html")}
    for path in (tmp_path / "all" / "results").glob("*.json"):
        assert str(tmp_path) not in path.read_text()
        assert str(ROOT) not in path.read_text()


@pytest.mark.slow
def test_class_list_and_marks_by_hand_reach_tables_and_pages(tmp_path):
    folder = submit(tmp_path / "in", 1)
    lines = "student,name,id,email\nstudent 00,Student One,S1,a@example.org\nnone,Student Two,S2,\n"
    (tmp_path / "class.csv").write_text(lines)
    lines = "student,assignment,item,points,comment\n"
    lines += "S1,6.1,written-1x1,2,Well seen\nS1,6.1,late,-10%,\n"
    (tmp_path / "by-hand.csv").write_text(lines)
    options = ["--class-list", tmp_path / "class.csv", "--by-hand", tmp_path / "by-hand.csv"]
    grade(folder, tmp_path / "out", f"--sandbox={best_mode()}", *options)
    marks = int((tmp_path / "out" / "marks.csv").read_text().splitlines()[1].split(",")[-1])
    final = (tmp_path / "out" / "class" / "final.csv").read_text().splitlines()
    first, second = list(csv.reader(final))[1:3]
    assert f"{(marks + 2) * 0.9:g}" in first
    assert first[:4] == ["student 00", "Student One", "S1", "a@example.org"]
    assert second[:3] == ["none", "Student Two", "S2"]
    for page in ("student 00.html", "for-students/student 00.html"):
        assert "Well seen" in (tmp_path / "out" / page).read_text()
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("student,assignment,item,points,comment\nS9,6.1,x,2,\n")
    run = grade(folder, tmp_path / "out", *options[:2], "--by-hand", wrong, check=False)
    assert run.returncode == 2
    assert "line 2: student must be the name of a folder, or in the class" in run.stdout


def slurm(*command, check=True):
    run = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert run.returncode == 0 or not check, run.stderr
    return run.stdout


def wait(what, seconds=7200):
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.5)
    return found


@pytest.fixture
def cluster(monkeypatch):
    """Start Slurm on this machine, with temporary files, and end it."""
    if not all(map(shutil.which, ("slurmctld", "slurmd", "munged", "sbatch"))):
        pytest.fail("needs Debian's slurmctld, slurmd, slurm-client and munge")
    assert getpass.getuser() == "root", "slurmd starts jobs as other users: it needs root"
    folder = Path(
        tempfile.mkdtemp(prefix="slurm")
    )  # short, because a socket's path may have 108 characters
    folder.chmod(0o755)
    (folder / "munge.key").write_bytes(os.urandom(128))
    (folder / "munge.key").chmod(0o600)
    ports = []
    for _ in range(2):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports.append(free.getsockname()[1])
    host = socket.gethostname().partition(".")[0]
    settings = f"""
        ClusterName=grading
        SlurmctldHost={host}(127.0.0.1)
        SlurmUser=root
        AuthType=auth/munge
        AuthInfo=socket={folder}/munge.socket
        SlurmctldPort={ports[0]}
        SlurmdPort={ports[1]}
        StateSaveLocation={folder}/state
        SlurmdSpoolDir={folder}/spool
        SlurmctldPidFile={folder}/slurmctld.pid
        SlurmdPidFile={folder}/slurmd.pid
        SlurmctldLogFile={folder}/slurmctld.log
        SlurmdLogFile={folder}/slurmd.log
        ProctrackType=proctrack/pgid
        TaskPlugin=task/none
        MpiDefault=none
        SelectType=select/cons_tres
        SelectTypeParameters=CR_CPU_Memory
        SchedulerParameters=sched_interval=2
        SlurmdParameters=config_overrides
        KillWait=2
        ReturnToService=2
        NodeName={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=20480 State=UNKNOWN
        PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
    """
    (folder / "slurm.conf").write_text("\n".join(map(str.strip, settings.splitlines())))
    (folder / "state").mkdir()
    (folder / "spool").mkdir()
    monkeypatch.setenv("SLURM_CONF", str(folder / "slurm.conf"))
    munge = [f"--{what}={folder}/munge.{what.partition('-')[0]}" for what in ("key-file", "socket")]
    munge += [f"--pid-file={folder}/munge.pid", f"--log-file={folder}/munge.log"]
    munge.append(f"--seed-file={folder}/munge.seed")
    services = [["munged", "--force", "--foreground", *munge], ["slurmctld", "-D"]]
    services.append(["slurmd", "-D", "-N", host])
    running = []
    try:
        for service in services:
            log = open(folder / f"{service[0]}.out", "wb")  # noqa: SIM115 - for the process
            running.append(subprocess.Popen(service, stdout=log, stderr=log))
            time.sleep(1)
        wait(lambda: "idle" in slurm("sinfo", "--noheader", "-o", "%t", check=False), 60)
        yield folder
    finally:
        slurm("scancel", "--user=root", check=False)
        for process in reversed(running):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.machine
def test_a_slurm_array_with_a_killed_job_gives_the_same_marks(cluster, tmp_path):
    number, slices = 40, 8
    folder = submit(tmp_path / "in", number)
    out = tmp_path / "out"

    def run(which):
        command = ["sbatch", "--parsable", f"--array={which}", "--cpus-per-task=1", "--mem=2G"]
        command += [f"--output={cluster}/job-%a.out", f"--chdir={ROOT}"]
        script = (SCALE / "slurm.sh").read_text().replace(".venv/bin/python", sys.executable)
        (cluster / "slurm.sh").write_text(script)
        return slurm(*command, cluster / "slurm.sh", folder, out, slices).strip()

    def states(job):
        shown = slurm("squeue", "--noheader", "--array", "-o", "%K %t", "-j", job, check=False)
        return dict(line.split() for line in shown.splitlines())

    job = run(f"1-{slices}")
    third = {f"student {i:02}" for i in range(2, number, slices)}

    def begun():
        return {path.stem for path in out.glob("results/*.json")} & third

    wait(begun)
    slurm("scancel", "--signal=KILL", "--full", f"{job}_3")
    wait(lambda: not states(job))
    done = {path.stem for path in out.glob("results/*.json")}
    assert len(done) < number, "nothing was interrupted"
    assert {f"student {i:02}" for i in range(number)} - done < third
    unfinished = grade(folder, out, what="merge", check=False)
    assert unfinished.returncode == 1
    again = run("3")
    wait(lambda: not states(again))
    grade(folder, out, what="merge")
    grade(folder, tmp_path / "one machine")
    marks = (out / "marks.csv").read_bytes()
    assert marks.count(b"\n") == number + 1
    assert marks == (tmp_path / "one machine" / "marks.csv").read_bytes()


@pytest.mark.machine
def test_the_page_s_gnu_parallel_command_grades_everyone(tmp_path):
    page = (ROOT / "assignments" / "README.md").read_text()
    (line,) = [line for line in page.splitlines() if "parallel " in line and "{}" in line]
    folder = submit(tmp_path / "submissions", 4)
    line = line.strip().replace("40", "2").replace(".venv/bin/python", sys.executable)
    line = line.replace("submissions", str(folder))
    line = line.replace("--jobs 1", f"--jobs 1 --out {tmp_path / 'out'}")
    subprocess.run(["bash", "-c", line], cwd=ROOT, check=True)
    grade(folder, tmp_path / "out", what="merge")
    assert (tmp_path / "out" / "marks.csv").read_text().count("\n") == 5


def load(name):
    return yaml.safe_load((SCALE / name).read_text())


def test_the_job_s_slices_match_its_completions():
    job = load("kubernetes.yaml")["spec"]
    (container,) = job["template"]["spec"]["containers"]
    assert f"$((JOB_COMPLETION_INDEX + 1))/{job['completions']}" in container["args"][0]
    matrix = load("github.yml")["jobs"]["slice"]["strategy"]["matrix"]["slice"]
    assert matrix == list(range(1, len(matrix) + 1))


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="only root can give up rights one by one")
def test_the_job_has_the_rights_that_bubblewrap_needs():
    if best_mode() != "bwrap":
        pytest.skip("bubblewrap doesn't work here")
    usual = "chown dac_override fowner fsetid kill mknod net_bind_service net_raw setfcap setgid"
    usual += " setpcap setuid sys_chroot"  # a container's
    (container,) = load("kubernetes.yaml")["spec"]["template"]["spec"]["containers"]
    added = [right.lower() for right in container["securityContext"]["capabilities"]["add"]]
    code = "from tools.grader.sandbox import describe_limits; describe_limits('bwrap')"

    def works(rights):
        bounds = ",".join(["-all", *(f"+{right}" for right in rights)])
        command = ["setpriv", f"--bounding-set={bounds}", "--inh-caps=-all", sys.executable]
        return subprocess.run([*command, "-c", code], cwd=ROOT, capture_output=True).returncode == 0

    assert works([*usual.split(), *added])
    for right in added:
        assert not works([*usual.split(), *(other for other in added if other != right)])


@pytest.mark.machine
class TestSchemas:
    """Check the files for engines that aren't installed, with the schemas in packages."""

    def valid(self, path):
        if path.suffix == ".yml":
            command = ["check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
        else:
            command = ["kubernetes_validate", "--strict"]
        return subprocess.run(
            [sys.executable, "-m", *command, path], capture_output=True, text=True
        )

    @pytest.mark.parametrize(
        ("name", "right", "wrong"),
        [
            ("github.yml", "fail-fast: false", "fail-fats: false"),
            ("kubernetes.yaml", "completionMode: Indexed", "completionMood: Indexed"),
            ("kubernetes.yaml", "completions: 40", "completions: forty"),
        ],
    )
    def test_the_file_is_valid_and_a_mistake_is_found(self, tmp_path, name, right, wrong):
        run = self.valid(SCALE / name)
        assert run.returncode == 0, run.stdout + run.stderr
        broken = tmp_path / name
        text = (SCALE / name).read_text()
        assert right in text
        broken.write_text(text.replace(right, wrong))
        assert self.valid(broken).returncode != 0
