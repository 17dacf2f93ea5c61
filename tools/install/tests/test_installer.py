"""`installer.py`, with a recorder instead of uv and pip."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import installer
import preflight
import pytest

# Don't pass on this run's own settings: `make test PYTHON=...`
PLAIN = {
    k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS", "PYTHON", "VENV"))
}
UNREACHABLE = (
    "WARNING: Retrying after connection broken by 'NewConnectionError(...)'\nERROR: none\n"
)


@pytest.fixture
def programs(monkeypatch):
    """Record the commands; return them, and a dict of programs that fail, with their messages."""
    commands, failing = [], {}

    def run(command, **options):
        commands.append(command)
        if "venv" in command:
            made(Path(command[-1]))
        name = "uv" if command[0].endswith("uv") else "pip" if "pip" in command else "venv"
        name = "fetch" if installer.UV in command else name
        if name == "fetch" and name not in failing:
            Path(command[0]).with_name("uv").touch()
        report = failing.get(name, "")
        return SimpleNamespace(returncode=bool(report), stderr=report, stdout="")

    monkeypatch.setattr(installer.subprocess, "run", run)
    monkeypatch.setattr(installer.subprocess, "check_output", lambda *command, **options: "")
    monkeypatch.setattr(preflight, "no_room", lambda folder, least=0: None)
    return SimpleNamespace(commands=commands, failing=failing)


def made(environment, **groups):
    """Make what `main` leaves behind: a program, and a file for each group."""
    (environment / "bin").mkdir(parents=True, exist_ok=True)
    (environment / "bin" / "pip").write_text(f"#!{environment}/bin/python")
    for group, content in groups.items():
        (environment / f"{group}.ready").write_text(content or installer.definition(group))


def test_a_second_run_installs_nothing(programs, tmp_path, capsys):
    installer.main(str(tmp_path / "env"), "lab", "lab", "test")  # `make install GROUPS="lab test"`
    by_uv = [command for command in programs.commands if command[0].endswith("/uv")]
    assert [Path(command[-1]).stem for command in by_uv] == ["lab", installer.ROOT.name, "test"]
    assert all("--no-deps" in command for command in by_uv)
    # Without a terminal, one line for each step
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == ["making", *["installing"] * 3, "installed"]
    programs.commands.clear()
    installer.main(str(tmp_path / "env"), "lab", "test")
    assert programs.commands == []


def test_only_missing_and_changed_groups_are_installed(programs, tmp_path):
    made(tmp_path / "env", lab="", test="older pins")
    installer.main(str(tmp_path / "env"), "lab", "test", "grade")
    files = [str(part) for command in programs.commands for part in command if "pins" in str(part)]
    assert [Path(file).stem for file in files] == ["test", "grade"]


def test_a_moved_or_copied_environment_is_rebuilt(programs, tmp_path):
    made(tmp_path / "env", lab="")
    (tmp_path / "env" / "pyvenv.cfg").touch()
    moved = (tmp_path / "env").rename(tmp_path / "moved")
    installer.main(str(moved), "lab")
    assert programs.commands[0][1:] == ["-m", "venv", "--clear", str(moved)]
    assert any("-m" in command and "pip" in command for command in programs.commands)


def test_only_an_environment_is_cleared(programs, tmp_path):
    (tmp_path / "mine").mkdir()
    installer.main(str(tmp_path / "mine"), "lab")
    assert programs.commands[0][1:] == ["-m", "venv", str(tmp_path / "mine")]


@pytest.mark.parametrize("failing", ["fetch", "uv"])
def test_if_uv_fails_pip_installs(programs, tmp_path, failing):
    programs.failing[failing] = "ERROR: No matching distribution found for uv\n"
    installer.main(str(tmp_path / "env"), "lab")
    by_pip = [command for command in programs.commands if command[1:4] == ["-m", "pip", "install"]]
    assert [command[-1] for command in by_pip[1:]] == [
        str(installer.PINS / "lab.txt"),
        str(installer.ROOT),
    ]
    assert all("--no-deps" in command for command in by_pip)


def test_without_a_network_it_ends_with_one_line(programs, tmp_path):
    programs.failing["fetch"] = UNREACHABLE
    with pytest.raises(SystemExit) as ended:
        installer.main(str(tmp_path / "env"), "lab")
    assert str(ended.value).startswith("d2lconv: pip can't reach a package index")
    assert len(programs.commands) == 2  # venv, and pip for uv


@pytest.mark.parametrize("program", ["uv", "venv"])
def test_a_failure_on_a_full_disk_names_the_disk(programs, tmp_path, monkeypatch, program):
    programs.failing[program] = "error\n"
    monkeypatch.setattr(preflight, "no_room", lambda folder, least=0: "full" if least else None)
    with pytest.raises(SystemExit, match=r"^d2lconv: full$"):
        installer.main(str(tmp_path / "env"), "lab")


def test_if_pip_fails_too_one_line_says_why(programs, tmp_path):
    programs.failing.update(uv="error\n", pip="ERROR: [Errno 28] No space left on device\n")
    with pytest.raises(SystemExit) as ended:
        installer.main(str(tmp_path / "env"), "lab")
    assert str(ended.value).startswith("d2lconv: the disk is full")
    assert not (tmp_path / "env" / "lab.ready").exists()


def test_uv_uses_pip_s_index():
    listed = ":env:.cert='/c.pem'\nglobal.extra-index-url='https://a\\nhttps://b'\n"
    found = installer.uv_settings(listed + "global.index-url='https://x/y'\nuser.timeout='9'\n")
    assert found.pop("UV_INDEX_STRATEGY") == "unsafe-best-match"
    wanted = {"SSL_CERT_FILE": "/c.pem", "UV_INDEX": "https://a https://b"}
    assert found == {**wanted, "UV_DEFAULT_INDEX": "https://x/y"}


def test_make_works_in_a_path_with_spaces(tmp_path):
    clone = tmp_path / "mein Kurs ü"
    for name in ("Makefile", "setup.cfg", "pyproject.toml"):
        clone.mkdir(exist_ok=True)
        shutil.copy(installer.ROOT / name, clone)
    shutil.copytree(installer.ROOT / "tools" / "install", clone / "tools" / "install")
    (clone / "bin").mkdir()
    python = clone / "bin" / "its own python"
    python.symlink_to(sys.executable)
    made(clone / ".venv", lab="")
    (clone / ".venv" / "pyvenv.cfg").write_text(f"executable = {python}\n")
    run = subprocess.run(["make", "install"], cwd=clone, capture_output=True, text=True, env=PLAIN)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    dry = subprocess.run(
        ["make", "-n", "lab"], cwd=clone, capture_output=True, text=True, env=PLAIN
    )
    assert f'"{python}" tools/install ".venv" lab' in dry.stdout


def test_with_a_read_only_home_settings_go_into_the_clone(tmp_path):
    env = {**PLAIN, "HOME": str(tmp_path / "nowhere")}
    shutil.copy(installer.ROOT / "Makefile", tmp_path)
    run = ["make", "-f", "Makefile", "-f", "-", "home"]
    printed = subprocess.run(
        run, cwd=tmp_path, env=env, input="home:\n\t@echo $$HOME\n", capture_output=True, text=True
    )
    assert printed.stdout.strip() == str(tmp_path / "build" / "home")
    assert (tmp_path / "build" / "home").is_dir()
