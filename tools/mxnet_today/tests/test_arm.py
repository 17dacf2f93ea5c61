"""`python -m mxnet_today.arm` on a simulated machine.

`tools/mxnet_today/arm.sh` runs it on emulated ARM, and then the text's cells.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import platform
import re
from pathlib import Path

import pytest
from mxnet_today import arm

ROOT = Path(__file__).parents[3]


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """Simulate an ARM machine, with MXNet's folder and system libraries in `tmp_path`."""
    system, mxnet = tmp_path / "system", tmp_path / "mxnet"
    system.mkdir()
    mxnet.mkdir()
    for library in arm.STAND_INS.values():
        (system / library).write_text("from the system")
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    monkeypatch.setattr(arm, "SYSTEM", [tmp_path / "nowhere", system])
    monkeypatch.setattr(ctypes, "CDLL", lambda path: path)
    spec = type("Spec", (), {"submodule_search_locations": [str(mxnet)]})
    monkeypatch.setattr(arm, "find_spec", lambda name: spec)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def program(folder: Path, name: str, script: str) -> None:
    path = folder / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\nPATH={os.defpath}\n{script}\n")
    path.chmod(0o755)


def test_three_links_point_to_the_system_s_libraries(machine):
    assert arm.main() == "put in place: libarmpl_lp64_mp.so, libamath.so, libastring.so"
    for name, stand_in in arm.STAND_INS.items():
        assert (machine / "mxnet" / name).resolve() == machine / "system" / stand_in


def test_the_second_time_nothing_changes(machine):
    arm.main()
    before = {path: path.lstat().st_mtime_ns for path in (machine / "mxnet").iterdir()}
    assert arm.main() == "everything is in place"
    assert before == {path: path.lstat().st_mtime_ns for path in (machine / "mxnet").iterdir()}


def test_a_dangling_link_is_replaced(machine):
    (machine / "mxnet" / "libamath.so").symlink_to(machine / "gone")
    assert "libamath.so" in arm.main()
    assert (machine / "mxnet" / "libamath.so").read_text() == "from the system"


def test_the_arm_libraries_themselves_are_left_alone(machine):
    (machine / "mxnet" / "libamath.so").write_text("Arm's own")
    assert "libamath.so" not in arm.main()
    assert (machine / "mxnet" / "libamath.so").read_text() == "Arm's own"


def test_missing_packages_are_unpacked_without_root(machine):
    (machine / "system" / "liblapacke.so.3").unlink()
    program(machine, "apt-get", '[ "$1" = download ] && for i in "$@"; do touch "$i.deb"; done')
    program(
        machine,
        "dpkg-deb",
        'mkdir -p "$3/usr/lib/arm/blas"; echo unpacked >"$3/usr/lib/arm/blas/liblapacke.so.3.1"\n'
        'ln -sf blas/liblapacke.so.3.1 "$3/usr/lib/arm/liblapacke.so.3"',
    )
    assert arm.main().startswith("put in place: libarmpl_lp64_mp.so")
    assert (machine / "mxnet" / "libarmpl_lp64_mp.so").read_text() == "unpacked\n"
    assert not (machine / "mxnet" / "liblapacke.so.3").is_symlink()
    assert (machine / "mxnet" / "libamath.so").read_text() == "from the system"


@pytest.mark.parametrize("script", [None, "exit 100"], ids=["no apt", "apt has no lists"])
def test_otherwise_one_line_says_what_to_install(machine, script):
    (machine / "system" / "liblapacke.so.3").unlink()
    if script:
        program(machine, "apt-get", script)
    with pytest.raises(
        SystemExit, match=r"^mxnet_today: liblapacke\.so\.3 is missing.*apt install"
    ) as error:
        arm.main()
    assert all(package in str(error.value) for package in arm.PACKAGES)
    assert "\n" not in str(error.value)


def test_a_library_that_is_still_missing_is_named(machine, monkeypatch):
    def load(path):
        raise OSError("libgomp.so.1: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", load)
    with pytest.raises(SystemExit, match=r"libgomp\.so\.1.*apt install libgomp1$"):
        arm.main()


def test_without_mxnet_one_line_says_what_to_type(machine, monkeypatch):
    monkeypatch.setattr(arm, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"pip install --no-deps mxnet==1\.9\.1"):
        arm.main()


@pytest.mark.parametrize("other", [("Linux", "x86_64"), ("Darwin", "arm64")])
def test_on_other_machines_there_is_nothing_to_do(machine, monkeypatch, other):
    monkeypatch.setattr(platform, "system", lambda: other[0])
    monkeypatch.setattr(platform, "machine", lambda: other[1])
    assert arm.main().startswith("nothing to do")
    assert list((machine / "mxnet").iterdir()) == []


def test_mxnet_is_found_without_being_imported():
    assert arm.find_spec is importlib.util.find_spec
    assert "import mxnet\n" not in Path(arm.__file__).read_text()


def test_make_and_the_container_add_the_libraries():
    assert '"mxnet_today.arm"' in (ROOT / "tools" / "install" / "installer.py").read_text()
    container = (ROOT / ".binder" / "Dockerfile").read_text()
    assert re.search(r"echo libopenblas0-pthread liblapacke", container)
