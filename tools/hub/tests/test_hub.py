"""The hub's refusals, accounts and pages, without a hub: `test_running.py` has one."""

from __future__ import annotations

import argparse
import csv
import fcntl
import os
import shutil
import socket
import stat
import subprocess
import sys

import pytest

from tools.grader.walls import ROOT
from tools.hub import __main__ as hub
from tools.hub import accounts, disk, hand_back, serve
from tools.hub.walls import listening, walled

AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="needs root")


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "class.csv"
    path.write_text("student,name\nstudent1,S1\nstudent2,S2\n")
    return path


@pytest.fixture(autouse=True)
def another_machine(monkeypatch, tmp_path):
    """Look for no proxy, which these tests do without, and at no hub that runs here."""
    monkeypatch.setattr(hub, "PROXY", tmp_path)
    monkeypatch.setattr(hub, "RUN", tmp_path / "run")


def refusal(monkeypatch, *options):
    """Return why the hub does not start."""
    monkeypatch.setattr(sys, "argv", ["hub", *map(str, options)])
    monkeypatch.setattr(os, "execv", lambda *command: pytest.fail("it starts"))
    with pytest.raises(SystemExit) as ended:
        hub.main()
    return str(ended.value)


def test_without_a_class_list_it_does_not_start(monkeypatch, tmp_path):
    line = refusal(monkeypatch, "--sandbox=none", f"--data={tmp_path / 'data'}")
    assert line.startswith("hub: there must be a class list: CLASS=table")
    assert not (tmp_path / "data").exists()
    line = refusal(monkeypatch, "--sandbox=none", f"--class-list={tmp_path / 'none'}")
    assert line.startswith("hub: CLASS must be a table that can be read, got '")


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        (
            "student1,letmein",
            "at least 8 letters and not be the name, got 'letmein' for 'student1'",
        ),
        ("student1,Student1", "and not be the name, got 'Student1' for 'student1'"),
        ("student1,", "at least 8 letters"),
        (
            "student1,one password\nstudent2,one password",
            "another one for each, got 'one password'",
        ),
    ],
)
def test_with_a_default_or_shared_password_it_does_not_start(
    monkeypatch, tmp_path, table, rows, line
):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "passwords.csv").write_text(f"student,password\n{rows}\n")
    options = ["--sandbox=none", f"--data={tmp_path / 'data'}", f"--class-list={table}"]
    assert line in refusal(monkeypatch, *options)


@pytest.mark.parametrize(
    ("names", "line"),
    [
        ("", "a line for each student, got none"),
        ("student1\nstudent1", "another one in each line, got 'student1' twice"),
        ("Student1", "small letters, .* got 'Student1'"),
        ("../student1", "got '../student1'"),
        ("teacher", "not 'teacher', got 'teacher'"),
    ],
)
def test_a_class_list_that_makes_no_accounts_is_named(tmp_path, names, line):
    path = tmp_path / "class.csv"
    path.write_text(f"student\n{names}\n")
    with pytest.raises(ValueError, match=line):
        accounts.read_class(path)


def test_an_ordinary_user_has_to_ask_for_no_walls_by_name(monkeypatch, tmp_path, table):
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    options = [f"--data={tmp_path / 'data'}", f"--class-list={table}"]
    line = refusal(monkeypatch, *options)
    assert (
        line == "hub: walls between students need root: use sudo, or say SANDBOX=none to do without"
    )


def test_no_walls_are_said_and_so_is_no_https(monkeypatch, tmp_path, table, capsys):
    options = ["--sandbox=none", f"--data={tmp_path / 'data'}", f"--class-list={table}"]
    monkeypatch.setattr(sys, "argv", ["hub", *options])
    monkeypatch.setattr(os, "execv", lambda *command: None)
    monkeypatch.setenv("D2LCONV_HUB", "")
    mask = os.umask(0)
    try:
        hub.main()
    finally:
        os.umask(mask)
    said = capsys.readouterr().out
    assert "hub: NOT DEFENDED" in said
    (warning,) = [line for line in said.splitlines() if "WARNING" in line]
    assert "no HTTPS" in warning


def test_where_a_hub_runs_no_second_one_starts(monkeypatch, tmp_path, table):
    options = [f"--class-list={table}", f"--data={tmp_path / 'data'}", "--sandbox=none"]
    place = tmp_path / "run" if os.getuid() == 0 else tmp_path / "data"
    place.mkdir()
    with open(place / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        line = refusal(monkeypatch, *options)
    assert line.startswith("hub: there must be one hub on a ")
    assert line.endswith(f"and one is running ({place})")


@pytest.mark.parametrize(
    ("option", "line"),
    [
        ("--idle=0", "IDLE must be a positive number of seconds, got 0"),
        ("--port=0", "PORT must be from 1 to 65535, got 0"),
        ("--port=70000", "PORT must be from 1 to 65535, got 70000"),
    ],
)
def test_a_number_that_can_t_be_is_named(monkeypatch, table, option, line):
    options = ["--sandbox=none", f"--class-list={table}", option]
    assert refusal(monkeypatch, *options) == f"hub: {line}"


def test_without_the_proxy_it_says_who_installs_it(monkeypatch, tmp_path, table):
    monkeypatch.setattr(hub, "PROXY", tmp_path / "none")
    line = refusal(monkeypatch, "--sandbox=none", f"--class-list={table}")
    assert line == "hub: there must be a proxy: start with make hub, which installs it"


def test_a_certificate_needs_its_key(monkeypatch, tmp_path, table):
    options = ["--sandbox=none", f"--class-list={table}", f"--cert={table}"]
    assert refusal(monkeypatch, *options) == "hub: CERT and KEY must be given both, or none"
    line = refusal(monkeypatch, *options, f"--key={tmp_path / 'none'}")
    assert line.startswith("hub: CERT and KEY must be files that can be read, got ")


@AS_ROOT
def test_homes_inside_what_students_see_are_refused(monkeypatch, table):
    data = ROOT / "tools" / "hub" / "data"
    line = refusal(monkeypatch, f"--data={data}", f"--class-list={table}")
    assert f"{data} is in {ROOT / 'hub'}" in line


def prepare(data, *names):
    mask = os.umask(0)
    try:
        accounts.prepare(data, list(names), os.getuid() == 0)
    finally:
        os.umask(mask)
    with open(data / "passwords.csv") as file:
        return {row["student"]: row["password"] for row in csv.DictReader(file)}


def test_each_account_has_a_password_and_a_home_of_its_own_and_keeps_them(tmp_path):
    first = prepare(tmp_path / "data", "student1", "student2")
    assert set(first) == {"teacher", "student1", "student2"}
    assert len(set(first.values())) == 3
    again = prepare(tmp_path / "data", "student2", "student3")
    assert again.items() > first.items()
    students = list((tmp_path / "data" / "homes").iterdir())
    assert {home.name for home in students} == {"student1", "student2", "student3"}
    homes = [*students, tmp_path / "data" / "teacher"]  # not among those that are graded
    if os.getuid() == 0:
        assert len({home.stat().st_uid for home in homes}) == 4
        assert all(home.stat().st_uid in accounts.USERS for home in homes)
    closed = [tmp_path / "data", *homes]
    assert {stat.S_IMODE(path.stat().st_mode) for path in closed} == {0o700}
    assert stat.S_IMODE((tmp_path / "data" / "passwords.csv").stat().st_mode) == 0o600


def test_a_home_is_filled_and_what_is_there_is_never_touched(tmp_path):
    mine = tmp_path / "assignments" / "6.2" / "6.2.ipynb"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    (tmp_path / "assignments" / "6.1").write_text("a file where a folder would be")
    serve.fill(tmp_path)
    assert mine.read_text() == "mine"
    assert (tmp_path / "assignments" / "6.3" / "6.3.ipynb").exists()
    assert len(list(tmp_path.glob("*.ipynb"))) == 3


def test_marks_go_to_their_student_alone_and_through_no_link(tmp_path):
    prepare(tmp_path / "data", "student1", "student2", "student3")
    homes, pages = tmp_path / "data" / "homes", tmp_path / "grades" / hand_back.PAGES
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


@AS_ROOT
def test_marks_are_written_with_the_student_s_rights(tmp_path):
    prepare(tmp_path / "data", "student1")
    home = tmp_path / "data" / "homes" / "student1"
    home.chmod(0o500)  # root could write here, the student can't
    with pytest.raises(PermissionError):
        hand_back.give(home, "marks")
    assert os.geteuid() == 0


def test_who_listens_at_a_port_is_seen():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert listening()[port] == os.getuid()
    assert port not in listening()


@AS_ROOT
@pytest.mark.skipif(not shutil.which("bwrap"), reason="needs bubblewrap")
def test_behind_the_walls_a_student_has_one_home_and_no_rights(tmp_path):
    prepare(tmp_path / "data", "student1", "student2")
    homes = tmp_path / "data" / "homes"
    tried = f"""
        id -u; id -G; pwd; ls /home; ls {ROOT}/assignments; ls -d /proc/[1-9]* | wc -l
        touch /home/student1/mine && echo written
        for path in {homes} {ROOT}/.git {ROOT}/tests /root /etc/shadow /var /run; do ls $path; done
        for path in / /usr {ROOT}/notebooks /home /proc/sys/vm; do touch $path/new; done
        mount -t tmpfs none /tmp; kill -9 1
    """
    command = walled(["sh", "-c", tried], homes / "student1", "/home/student1")
    done = subprocess.run(command, capture_output=True, text=True)
    user = str((homes / "student1").stat().st_uid)
    number, groups, *said = done.stdout.split()
    assert (number, groups) == (user, user)
    assert said[:3] == [str(ROOT), "student1", "grader"]
    assert said[3] == "release"
    assert int(said[4]) < 8  # processes: none but its own
    assert said[5:] == ["written"]
    assert (homes / "student1" / "mine").stat().st_uid == int(user)


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="of Linux, as the walls")
def test_who_has_more_than_all_others_together_crowds_them_out_of_a_full_disk(
    tmp_path, monkeypatch
):
    homes = [tmp_path / "homes" / name for name in ("student1", "student2", "student3")]
    for home, size in zip(homes, (3, 1, 1)):
        home.mkdir(parents=True)
        (home / "file").write_bytes(bytes(size * 2**20))
    free = [20 * 2**20]
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda path: argparse.Namespace(free=free[0]))

    def crowding():
        return [disk.crowds_out(tmp_path, home) for home in homes]

    disk.keep_free(tmp_path)
    assert (tmp_path / "reserve").stat().st_size == 2 * 2**20
    assert (tmp_path / "reserve").stat().st_blocks * 512 >= 2 * 2**20  # it is really taken
    assert crowding() == [False] * 3
    free[0] = 2**20
    assert crowding() == [True, False, False]
    (homes[1] / "more").write_bytes(bytes(2**20))
    assert crowding() == [False] * 3  # it is not one student who has filled it
    for home in homes:
        for path in home.iterdir():
            path.unlink()
    (homes[2] / "little").write_bytes(bytes(2**20))
    assert crowding() == [False] * 3  # nor one who has less than was kept
    (homes[2] / "much").write_bytes(bytes(2**21))
    assert crowding() == [False, False, True]
    disk.give_back(tmp_path)
    assert crowding() == [False] * 3  # who has more is nobody's harm any more
    disk.give_back(tmp_path)
