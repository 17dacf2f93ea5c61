"""The hub's errors, accounts and pages, without starting it: see `test_running.py`."""

from __future__ import annotations

import argparse
import csv
import fcntl
import os
import shlex
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from jupyter_client.manager import start_new_kernel

from tools.hub import __main__ as hub
from tools.hub import accounts, disk, hand_back, serve
from tools.hub.sandbox import VISIBLE, port_owners, sandboxed_command
from tools.isolation import ROOT, cgroup
from tools.isolation.bwrap import exposed, readonly_paths
from tools.isolation.cgroup import Group, in_cgroups

AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="needs root")
SANDBOX = pytest.mark.skipif(os.getuid() != 0 or not shutil.which("bwrap"), reason="root, bwrap")


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "class.csv"
    path.write_text("student,name\nSTUDENT1,S1\nstudent2,S2\n")
    return path


@pytest.fixture(autouse=True)
def another_machine(monkeypatch, tmp_path):
    """Ignore a hub that runs on this machine."""
    monkeypatch.setattr(hub, "RUN", tmp_path / "run")


def refusal(monkeypatch, *options):
    """Return the error with which the hub ends."""
    monkeypatch.setattr(sys, "argv", ["hub", *map(str, options)])
    monkeypatch.setattr(hub, "launch", lambda *settings: pytest.fail("it starts"))
    with pytest.raises(SystemExit) as ended:
        hub.main()
    return str(ended.value)


def test_without_a_class_list_it_does_not_start(monkeypatch, tmp_path):
    line = refusal(monkeypatch, "--sandbox=none", f"--data={tmp_path / 'data'}")
    assert line.startswith("hub: no class list: add CLASS=file.csv")
    assert not (tmp_path / "data").exists()
    line = refusal(monkeypatch, "--sandbox=none", f"--class-list={tmp_path / 'none'}")
    assert line.startswith("hub: CLASS must be a readable file, got '")


def test_a_short_password_is_refused_without_printing_it(monkeypatch, tmp_path, table):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "passwords.csv").write_text("account,password\nstudent1,letmein\n")
    options = ["--sandbox=none", f"--data={tmp_path / 'data'}", f"--class-list={table}"]
    said = refusal(monkeypatch, *options)
    assert "passwords.csv, line 2: password must have at least 8 characters, got fewer" in said
    assert "letmein" not in said


@pytest.mark.parametrize(
    ("names", "line"),
    [
        ("", "a line for each student, got none"),
        ("student1\nStudent1", "line 3: student must differ in each line, got 'Student1'"),
        ("s.1@x\ns.1-x", "line 3: student must give a unique account, got 's.1-x' as in"),
        ("TEACHER", "line 2: student must not be 'teacher'"),
    ],
)
def test_a_class_list_that_gives_no_accounts_is_refused(tmp_path, names, line):
    path = tmp_path / "class.csv"
    path.write_text(f"student\n{names}\n")
    with pytest.raises(ValueError, match=line):
        accounts.read_class(path)


@pytest.mark.parametrize(
    ("student", "account"),
    [
        ("student01", "student01"),
        ("S01", "s01"),
        ("1234567", "s1234567"),
        ("S01@uni.edu", "s01-uni.edu"),
        ("Größe, Élodie", "grosse-elodie"),
        ("../student1", "student1"),
        ("x" * 40, "xxxxxxxxxxxxxxxxxxxxxxx-bd913ff6"),
        ("李雷", "s-3a47328a"),
    ],
)
def test_each_name_gets_a_safe_account(tmp_path, student, account):
    path = tmp_path / "class.csv"
    path.write_text(f'student,name\n"{student}",S\n', "utf-8")
    people = accounts.read_class(path)
    assert list(people) == [account]
    assert people[account]["login"] == student


def test_accounts_from_an_lms_are_e_mails_or_numbers(tmp_path):
    path = tmp_path / "class.csv"
    path.write_text("Student,ID,SIS Login ID,Section\nOne,101,s1@x.org,A\nTwo,102,,A\n")
    assert list(accounts.read_class(path)) == ["s1-x.org", "s102"]


def test_without_root_sandbox_none_must_be_explicit(monkeypatch, tmp_path, table):
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    options = [f"--data={tmp_path / 'data'}", f"--class-list={table}"]
    line = refusal(monkeypatch, *options)
    assert (
        line == "hub: sandboxes for students need root: use sudo, or set SANDBOX=none to do without"
    )


def test_the_start_warns_about_no_sandbox_and_no_https(monkeypatch, tmp_path, table, capsys):
    options = ["--sandbox=none", f"--data={tmp_path / 'data'}", f"--class-list={table}"]
    launched = []
    monkeypatch.setattr(sys, "argv", ["hub", *options])
    monkeypatch.setattr(hub, "launch", lambda args, names: launched.append(names))
    mask = os.umask(0)
    try:
        hub.main()
    finally:
        os.umask(mask)
    said = capsys.readouterr().out
    assert "hub: NOT DEFENDED" in said
    assert "hub: 2 accounts" in said
    assert "'STUDENT1' is 'student1'" in said
    assert launched == [{"student1": "student1", "student2": "student2"}]
    (warning,) = [line for line in said.splitlines() if "WARNING" in line]
    assert "no HTTPS" in warning


def test_a_second_hub_does_not_start(monkeypatch, tmp_path, table):
    options = [f"--class-list={table}", f"--data={tmp_path / 'data'}", "--sandbox=none"]
    place = tmp_path / "run" if os.getuid() == 0 else tmp_path / "data"
    place.mkdir()
    with open(place / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        line = refusal(monkeypatch, *options)
    assert line == f"hub: a hub is already running here, see {place / 'lock'}"


@pytest.mark.parametrize(
    ("option", "line"),
    [
        ("--port=0", "PORT must be from 1 to 65535, got 0"),
        ("--port=70000", "PORT must be from 1 to 65535, got 70000"),
    ],
)
def test_an_impossible_number_is_refused(monkeypatch, table, option, line):
    options = ["--sandbox=none", f"--class-list={table}", option]
    assert refusal(monkeypatch, *options) == f"hub: {line}"


def test_a_certificate_needs_its_key(monkeypatch, tmp_path, table):
    options = ["--sandbox=none", f"--class-list={table}", f"--cert={table}"]
    assert refusal(monkeypatch, *options) == "hub: CERT and KEY must be given together, or neither"
    line = refusal(monkeypatch, *options, f"--key={tmp_path / 'none'}")
    assert line.startswith("hub: KEY must be a readable file, got ")


@AS_ROOT
def test_homes_in_folders_that_students_see_are_refused(monkeypatch, table):
    monkeypatch.setattr(hub.shutil, "which", lambda name: name)  # bubblewrap is checked first
    data = ROOT / "tools" / "lab" / "data"
    line = refusal(monkeypatch, f"--data={data}", f"--class-list={table}")
    assert f"{data} is in {ROOT / 'tools' / 'lab'}" in line


def prepare(data, *names):
    mask = os.umask(0)
    try:
        people = {name: {"login": name.upper(), "name": "=1"} for name in names}
        accounts.prepare(data, people, os.getuid() == 0)
    finally:
        os.umask(mask)
    with open(data / "passwords.csv") as file:
        rows = list(csv.DictReader(file))
    assert {(row["student"], row["name"]) for row in rows} >= {(n.upper(), "'=1") for n in names}
    return {row["account"]: row["password"] for row in rows}


def test_accounts_keep_their_passwords_and_homes(tmp_path):
    first = prepare(tmp_path / "data", "student1", "student2")
    assert set(first) == {"teacher", "student1", "student2"}
    assert len(set(first.values())) == 3
    again = prepare(tmp_path / "data", "student2", "student3")
    assert again.items() > first.items()
    students = list((tmp_path / "data" / "homes").iterdir())
    assert {home.name for home in students} == {"student1", "student2", "student3"}
    homes = [*students, tmp_path / "data" / "teacher"]  # outside the graded homes
    if os.getuid() == 0:
        assert len({home.stat().st_uid for home in homes}) == 4
        assert all(home.stat().st_uid in accounts.USERS for home in homes)
    closed = [tmp_path / "data", *homes]
    assert {stat.S_IMODE(path.stat().st_mode) for path in closed} == {0o700}
    assert stat.S_IMODE((tmp_path / "data" / "passwords.csv").stat().st_mode) == 0o600


def test_filling_a_home_never_overwrites_files(tmp_path):
    mine = tmp_path / "assignments" / "6.2" / "6.2.ipynb"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    (tmp_path / "assignments" / "6.1").write_text("a file where a folder would be")
    serve.fill(tmp_path)
    assert mine.read_text() == "mine"
    assert (tmp_path / "assignments" / "6.3" / "6.3.ipynb").exists()
    sections = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {path.name for path in tmp_path.glob("*.ipynb")} == sections
    corrected = shlex.quote(str(ROOT / "assignments/release/6.2/6.2.ipynb"))
    assert f"cp {corrected} " in (tmp_path / serve.NOTE).read_text()
    mine.unlink()
    serve.fill(tmp_path)
    assert mine.exists()
    assert not (tmp_path / serve.NOTE).exists()


def test_marks_reach_only_their_student_and_follow_no_link(tmp_path):
    prepare(tmp_path / "data", "student1", "student2", "student3")
    homes, pages = tmp_path / "data" / "homes", tmp_path / "grades" / hand_back.HANDED_BACK
    pages.mkdir(parents=True)
    for name in ("student1", "student2", "nobody"):
        (pages / f"{name}.html").write_text(f"marks of {name}")
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (homes / "student1" / "marks.html").symlink_to(secret)
    command = [sys.executable, "-m", "tools.hub.hand_back", tmp_path / "grades", tmp_path / "data"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "hand-back: 2 students have marks.html in their home\n"
    for name in ("student1", "student2"):
        page = homes / name / "marks.html"
        assert page.read_text() == f"marks of {name}"
        assert page.lstat().st_uid == (homes / name).stat().st_uid
    assert secret.read_text() == "secret"
    assert not (homes / "student3" / "marks.html").exists()


def test_the_owner_of_a_port_is_found():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert port_owners()[port] == os.getuid()
    assert port not in port_owners()


@SANDBOX
def test_kernels_and_terminals_are_killed_before_their_server(tmp_path):
    prepare(tmp_path / "data", "student1")
    score = ["cat", "/proc/self/oom_score_adj"]
    both = [*score, ";", *map(shlex.quote, [*serve.KILL_FIRST, *score])]
    command = sandboxed_command(
        ["sh", "-c", " ".join(both)], tmp_path / "data" / "homes" / "student1", "/home/student1"
    )
    done = subprocess.run(in_cgroups(command, [], 500), capture_output=True, text=True)
    assert done.stdout.split() == ["500", "1000"], done.stderr


def test_kernels_that_fill_the_memory_die_before_the_server():
    try:
        group = Group(2**28, 200, together=False)
    except OSError:
        pytest.skip("no control group can be made here")
    hold = [sys.executable, "-c", "import time; x = b'x' * 30_000_000; time.sleep(60)"]
    server = f"""if True:
        import subprocess, time
        x = b"x" * 100_000_000
        quiet = {{"stdout": subprocess.DEVNULL}}  # otherwise the reader of this output waits
        started = [subprocess.Popen({[*serve.KILL_FIRST, *hold]!r}, **quiet) for _ in range(12)]
        while not any(kernel.poll() for kernel in started):
            time.sleep(0.1)
        print({{kernel.poll() for kernel in started}} - {{None}})
    """
    command = in_cgroups([sys.executable, "-c", server], group.entrances(), 500)
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=300)
    finally:
        group.close()
    assert (done.stdout, done.returncode) == ("{-9}\n", 0)


V1 = {"memory": ["memory.limit_in_bytes"], "pids": ["pids.max"], "cpu": ["cpu.cfs_quota_us"]}
V2 = {"": ["memory.max", "memory.swap.max", "memory.oom.group", "pids.max", "cpu.max"]}


@pytest.mark.parametrize(
    ("trees", "limits"),
    [
        (V1, {"memory.limit_in_bytes": "4096", "pids.max": "200", "cpu.cfs_quota_us": "100000"}),
        (V2, dict(zip(V2[""], ["4096", "0", "0", "200", "100000 100000"]))),
    ],
)
def test_a_server_s_limits_work_in_both_cgroup_versions(tmp_path, monkeypatch, trees, limits):
    """Simulate Linux, which creates the limits' files in each new group."""
    (tmp_path / "own").write_text("".join(f"1:{name}:/\n" for name in trees))
    for name in trees:
        (tmp_path / name).mkdir(exist_ok=True)
    if trees == V2:
        (tmp_path / "cgroup.controllers").touch()
        (tmp_path / "cgroup.subtree_control").write_text("cpu memory pids")
    mkdir = Path.mkdir

    def make(path, **options):
        mkdir(path, **options)
        for file in ["cgroup.procs", *trees[path.parent.name if trees == V1 else ""]]:
            (path / file).touch()

    monkeypatch.setattr(cgroup, "FILES", tmp_path)
    monkeypatch.setattr(cgroup, "OWN", tmp_path / "own")
    monkeypatch.setattr(Path, "mkdir", make)
    group = Group(4096, 200, 1, "hub-200001", together=False)
    assert {path.parent.name for path in group.entrances()} == {"d2lconv-hub-200001"}
    assert len(group.entrances()) == len(trees)
    written = {f.name: f.read_text() for path in group.entrances() for f in path.parent.iterdir()}
    assert written == {**limits, "cgroup.procs": "0\n"}  # a process has joined


@SANDBOX
def test_in_the_sandbox_a_student_has_one_home_and_no_rights(tmp_path):
    if why := exposed("bwrap", [tmp_path, ROOT / "assignments" / "source"], VISIBLE):
        pytest.skip(why)
    prepare(tmp_path / "data", "student1", "student2")
    homes = tmp_path / "data" / "homes"
    closed = [homes, *map(Path, (f"{ROOT}/.git", f"{ROOT}/tests", "/root", "/var", "/run"))]
    seen = []  # paths to the course or to Python, which may be in root's home
    for folder in closed:
        inside = [
            Path(path) for path in [*readonly_paths(), *VISIBLE] if folder in Path(path).parents
        ]
        seen += sorted({path.relative_to(folder).parts[0] for path in inside if path.exists()})
    root = shlex.quote(str(ROOT))
    tried = f"""
        id -u; id -G; pwd; ls /home; ls {root}/assignments; ls -d /proc/[1-9]* | wc -l
        touch /home/student1/mine && echo written
        for path in {shlex.join(map(str, closed))}; do ls -A "$path"; done; cat /etc/shadow
        for path in / /usr {root}/notebooks /home /proc/sys/vm; do touch "$path"/new; done
        mount -t tmpfs none /tmp; kill -9 1
    """
    command = sandboxed_command(["sh", "-c", tried], homes / "student1", "/home/student1")
    done = subprocess.run(command, capture_output=True, text=True)
    user = str((homes / "student1").stat().st_uid)
    number, groups, *said = done.stdout.splitlines()
    assert (number, groups) == (user, user)
    assert said[:3] == [str(ROOT), "student1", "release"]
    assert int(said[3]) < 8  # processes: only the student's
    assert said[4:] == ["written", *seen]
    assert (homes / "student1" / "mine").stat().st_uid == int(user)


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="needs Linux")
def test_only_a_home_larger_than_all_others_hogs_the_disk(tmp_path, monkeypatch):
    homes = [tmp_path / "homes" / name for name in ("student1", "student2", "student3")]
    for home, size in zip(homes, (3, 1, 1)):
        home.mkdir(parents=True)
        (home / "file").write_bytes(bytes(size * 2**20))
    free = [20 * 2**20]
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda path: argparse.Namespace(free=free[0]))

    def crowding():
        return [disk.is_hogging_disk(tmp_path, home) for home in homes]

    disk.make_reserve(tmp_path)
    assert (tmp_path / "reserve").stat().st_size == 2 * 2**20
    assert (
        tmp_path / "reserve"
    ).stat().st_blocks * 512 >= 2 * 2**20  # the reserve takes real space
    assert crowding() == [False] * 3
    free[0] = 2**20
    assert crowding() == [True, False, False]
    (homes[1] / "more").write_bytes(bytes(2**20))
    assert crowding() == [False] * 3  # no single student has filled it
    for home in homes:
        for path in home.iterdir():
            path.unlink()
    (homes[2] / "little").write_bytes(bytes(2**20))
    assert crowding() == [False] * 3  # nor a student with less than the reserve
    (homes[2] / "much").write_bytes(bytes(2**21))
    assert crowding() == [False, False, True]
    (tmp_path / disk.RESERVE).unlink()
    assert crowding() == [False] * 3  # without a reserve, nobody is stopped


@pytest.mark.slow
def test_a_kernel_returns_freed_memory_after_each_cell(monkeypatch, tmp_path):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    manager = serve.KernelManager(kernel_name="python3")
    assert serve.TRIM in manager.format_kernel_cmd()
    manager.kernel_spec.argv[:] = ["another-language", "{connection_file}"]
    assert serve.TRIM not in manager.format_kernel_cmd()

    keep_last = "last = [bytes(2000) for _ in range(100_000)][-1]"  # of 200 MiB
    assert kept(keep_last, serve.TRIM) < 50 < kept(keep_last)


def kept(code: str, *options: str, **environment: str) -> float:
    """Return the MiB by which a cell makes a new kernel grow."""
    variables = {**os.environ, **environment}
    manager, client = start_new_kernel(extra_arguments=[*options], env=variables)
    try:
        process = psutil.Process(manager.provisioner.process.pid)
        before = process.memory_info().rss
        client.execute_interactive(code)
        return (process.memory_info().rss - before) / 2**20
    finally:
        manager.shutdown_kernel(now=True)


# Glibc can't return what is free at the end of a thread's own arena: here, 80 MiB
THREADS = """
import threading, numpy
numpy.ones(2**21)  # from now on, glibc keeps up to 32 MiB at the end of each arena
meeting = threading.Barrier(4)
def work():
    meeting.wait()
    [bytes(2000) for _ in range(10_000)]
    meeting.wait()
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


@pytest.mark.slow
def test_a_kernel_returns_what_its_threads_have_freed():
    from tools.hub.spawner import StudentSpawner  # not at the top: only a hub needs it

    student = SimpleNamespace(user=SimpleNamespace(name="ann"), sandboxed=True)
    environment = StudentSpawner.user_env(student, {})
    arenas = {name: value for name, value in environment.items() if "ARENA" in name}
    assert kept(THREADS, serve.TRIM, **arenas) < 40 < kept(THREADS, serve.TRIM)
