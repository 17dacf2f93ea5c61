"""`preflight.py`, on simulated machines."""

from __future__ import annotations

import ast
import platform
import runpy
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import installer
import preflight
import pytest

LOADS = preflight.loads


@pytest.fixture
def machine(monkeypatch):
    """Return a function that simulates a system, processor and C library."""

    def change(system="Linux", processor="x86_64", libc="glibc"):
        monkeypatch.setattr(platform, "system", lambda: system)
        monkeypatch.setattr(platform, "machine", lambda: processor)
        monkeypatch.setattr(platform, "libc_ver", lambda: (libc, ""))
        monkeypatch.setattr(preflight, "loads", lambda library: True)

    change()
    return change


@pytest.fixture
def start(monkeypatch):
    """Return a function that runs `python tools/install` on a simulated Python."""

    def run(*version, name="CPython"):
        monkeypatch.setattr(sys, "version_info", version)
        monkeypatch.setattr(platform, "python_implementation", lambda: name)
        monkeypatch.setattr(installer, "main", lambda *groups: print("it starts"))
        runpy.run_path(str(Path(preflight.__file__).parent), run_name="__main__")

    return run


@pytest.mark.parametrize("minor", range(9, 15))
def test_supported_pythons_pass(start, capsys, minor):
    start(3, minor)
    assert capsys.readouterr().out == "it starts\n"


@pytest.mark.parametrize("version", [(2, 7), (3, 8), (3, 15)])
def test_other_pythons_are_refused_with_the_supported_ones(start, version):
    with pytest.raises(SystemExit) as ended:
        start(*version)
    said = "d2lconv: this is CPython {}.{}, and the course runs on CPython 3.9 to 3.14: install"
    assert str(ended.value).startswith(said.format(*version))
    assert "\n" not in str(ended.value)
    with pytest.raises(SystemExit, match=r"this is PyPy 3\.11"):
        start(3, 11, name="PyPy")


def test_python_2_can_read_the_first_file():
    source = Path(preflight.__file__).with_name("__main__.py").read_text()
    assert not any(isinstance(node, ast.JoinedStr) for node in ast.walk(ast.parse(source)))
    assert "annotations" not in source


@pytest.mark.parametrize("other", [("Linux", "aarch64"), ("Darwin", "x86_64")])
def test_platforms_with_other_wheels_pass(machine, other):
    machine(*other)
    assert preflight.obstacle() is None


@pytest.mark.parametrize(
    "other",
    [("Darwin", "arm64"), ("Windows", "AMD64"), ("Linux", "armv7l"), ("Linux", "x86_64", "")],
)
def test_platforms_without_a_wheel_are_named(machine, other):
    machine(*other)
    line = preflight.obstacle()
    assert "this is {} {}".format(*other) in line
    assert "container" in line


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_missing_module_is_named(machine, monkeypatch, module):
    monkeypatch.setattr(preflight, "find_spec", lambda name: None if name == module else "there")
    assert f"lacks the module {module}: install it" in preflight.obstacle()


@pytest.mark.parametrize(
    ("processor", "missing", "packages"),
    [
        ("x86_64", ["libquadmath.so.0"], "libquadmath0"),
        ("x86_64", ["libgomp.so.1", "libquadmath.so.0"], "libgomp1 libquadmath0"),
        ("aarch64", ["libgomp.so.1", "libquadmath.so.0"], "libgomp1"),
    ],
)
def test_a_missing_library_is_named_with_its_package(
    machine, monkeypatch, processor, missing, packages
):
    machine("Linux", processor)
    monkeypatch.setattr(preflight, "loads", lambda library: library not in missing)
    assert preflight.obstacle().endswith(f"apt install {packages})")


def test_a_disk_with_too_little_room_is_named(monkeypatch, tmp_path):
    free = preflight.DISK_MB * 10**6
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    assert preflight.no_room(tmp_path / "env") is None
    free -= 1
    for environment in (tmp_path / "env", tmp_path / "not" / "yet" / "there"):
        line = preflight.no_room(environment)
        assert line.startswith(f"{tmp_path} has {preflight.DISK_MB - 1} MB free, but")
        assert line.endswith(f"{preflight.DISK_MB} are needed: make room, or set another VENV")


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (
            "WARNING: Retrying (Retry(total=0)) after connection broken by "
            "'NewConnectionError(...)': /simple/pip/\n"
            "ERROR: Could not find a version that satisfies the requirement pip==26.3\n",
            "pip can't reach a package index: check the network",
        ),
        ("ERROR: [Errno 28] No space left on device\n", "the disk is full: about "),
        ("ERROR: one\nERROR: No matching distribution\nnote\n", "pip fails: No matching"),
        ("Traceback\n", "pip fails: Traceback"),
    ],
)
def test_pip_s_failure_is_explained_in_one_line(report, line):
    assert preflight.why(report).startswith(line)
    assert "\n" not in preflight.why(report)


def test_the_real_system_is_checked():
    assert LOADS("libc.so.6")
    assert not LOADS("libnothing.so.0")
