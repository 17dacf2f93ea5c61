"""Explain in one line why the course can't be installed here."""

from __future__ import annotations

import ctypes
import platform
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

# Measured sizes of the pinned packages; a test checks DISK_MB
DOWNLOAD_MB, DISK_MB = 240, 870
PLATFORMS = [("Linux", "x86_64"), ("Linux", "aarch64"), ("Darwin", "x86_64")]
# Libraries that MXNet loads and a minimal Debian or a slim container lacks
LIBRARIES = {"x86_64": ["libgomp.so.1", "libquadmath.so.0"], "aarch64": ["libgomp.so.1"]}


def loads(library: str) -> bool:
    """Return whether the system can load a shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def obstacle() -> str | None:
    """Return the first obstacle as one line that says what to do, or None."""
    system, machine = platform.system(), platform.machine()
    if system == "Linux" and platform.libc_ver()[0] != "glibc":
        machine += " without glibc"
    if (system, machine) not in PLATFORMS:
        return (
            f"this is {system} {machine}, and MXNet runs only on Linux (x86_64, aarch64; glibc) "
            "and macOS (x86_64): use the container that README describes, or WSL on Windows"
        )
    apt = "(Debian and Ubuntu: apt install"
    for module in ("venv", "ensurepip"):
        if find_spec(module) is None:
            python = "{}.{}".format(*sys.version_info)
            return (
                f"Python {python} lacks the module {module}: install it {apt} python{python}-venv)"
            )
    missing = [file for file in LIBRARIES[machine] if system == "Linux" and not loads(file)]
    if missing:
        packages = " ".join(file.replace(".so.", "") for file in missing)
        return f"MXNet needs {' and '.join(missing)}: install them {apt} {packages})"
    return None


def no_room(environment: Path, least: int = DISK_MB) -> str | None:
    """Return a line if the environment's disk has less than `least` MB free, otherwise None."""
    parent = next(folder for folder in environment.parents if folder.exists())
    free = shutil.disk_usage(parent).free // 10**6
    if free >= least:
        return None
    return f"{parent} has {free} MB free, but {DISK_MB} are needed: make room, or set another VENV"


def unreachable(said: str) -> bool:
    """Return whether pip's error message means that it reached no package index."""
    signs = ("connection broken by", "ConnectionError", "ConnectTimeout")
    return any(sign in said for sign in signs)


def why(said: str) -> str:
    """Summarize pip's error message in one line."""
    if "No space left on device" in said:
        return f"the disk is full: about {DISK_MB + DOWNLOAD_MB} MB are needed"
    if unreachable(said):
        return "pip can't reach a package index: check the network, and whether it needs a proxy"
    errors = [line[7:] for line in said.splitlines() if line.startswith("ERROR: ")]
    return "pip fails: " + (errors or [said.strip() or "it gives no reason"])[-1]


def check(reason: str | None) -> None:
    """Exit with an obstacle, if there is one."""
    if reason:
        sys.exit(f"d2lconv: {reason}")
