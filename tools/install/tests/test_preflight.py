"""`preflight.py`, on simulated machines."""

from __future__ import annotations

import ast
import importlib.util
import platform
import shutil
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import preflight
import pytest

DOWNLOAD_MB, DISK_MB = preflight.DOWNLOAD_MB, preflight.DISK_MB
LOADS = preflight.loads


@pytest.fixture
def machine(monkeypatch):
    """Return a function that simulates a system, processor, C library and Python."""

    def change(system="Linux", processor="x86_64", libc="glibc", python=(3, 13)):
        monkeypatch.setattr(platform, "system", lambda: system)
        monkeypatch.setattr(platform, "machine", lambda: processor)
        monkeypatch.setattr(platform, "libc_ver", lambda: (libc, ""))
        monkeypatch.setattr(platform, "python_implementation", lambda: "CPython")
        monkeypatch.setattr(sys, "version_info", python)
        monkeypatch.setattr(preflight, "loads", lambda library: True)

    change()
    return change


@pytest.mark.parametrize("minor", range(9, 15))
def test_supported_pythons_pass(machine, minor):
    machine(python=(3, minor))
    assert preflight.obstacle() is None


@pytest.mark.parametrize("version", [(2, 7), (3, 8), (3, 15)])
def test_other_pythons_are_refused_with_the_supported_ones(machine, version):
    machine(python=version)
    line = preflight.obstacle()
    assert line.startswith("this is CPython {}.{}, and the course runs on".format(*version))
    assert "CPython 3.9 to 3.14" in line
    assert "\n" not in line


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
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == module else found(name)
    )
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


@pytest.mark.parametrize("short", [("VENV", DISK_MB), ("TMPDIR", DOWNLOAD_MB)])
def test_a_disk_with_too_little_room_is_named(monkeypatch, tmp_path, short):
    name, needed = short
    place = str(tmp_path if name == "VENV" else tempfile.gettempdir())

    def usage(path):
        return SimpleNamespace(free=needed * 10**6 - 1 if str(path) == place else 10**12)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    line = preflight.no_room(str(tmp_path / "env"))
    assert line.startswith(f"{place} has {needed - 1} MB free, but {needed} are needed")
    assert line.endswith(f"set another {name}")
    assert preflight.no_room(str(tmp_path / "not" / "yet" / "there")) == line
    (tmp_path / "env").mkdir()
    assert preflight.no_room(str(tmp_path / "env")) is None


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


@pytest.mark.parametrize("name", ["preflight.py", "__main__.py"])
def test_python_2_can_read_the_first_files(name):
    source = Path(preflight.__file__).with_name(name).read_text()
    assert not any(isinstance(node, ast.JoinedStr) for node in ast.walk(ast.parse(source)))
    assert "annotations" not in source


def test_the_real_system_is_checked():
    assert LOADS("libc.so.6")
    assert not LOADS("libnothing.so.0")
