"""Explain in one line why the course can't be installed here.

This runs on every Python since 2.7, to reject the unsupported ones.
"""

import ctypes
import os
import platform
import sys

# Measured sizes of the pinned packages; a test checks the second
DOWNLOAD_MB, DISK_MB = 240, 870
OLDEST, NEWEST = (3, 9), (3, 14)
PLATFORMS = [("Linux", "x86_64"), ("Linux", "aarch64"), ("Darwin", "x86_64")]
# Libraries that MXNet loads and a minimal Debian or a slim container lacks: file and package
LIBRARIES = {
    "x86_64": [("libgomp.so.1", "libgomp1"), ("libquadmath.so.0", "libquadmath0")],
    "aarch64": [("libgomp.so.1", "libgomp1")],
}


def loads(library):
    """Return whether the system can load a shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def obstacle():
    """Return the first obstacle as one line that says what to do, or None."""
    version = "{}.{}".format(*sys.version_info)
    python = "{} {}".format(platform.python_implementation(), version)
    if not python.startswith("CPython") or not OLDEST <= sys.version_info[:2] <= NEWEST:
        return (
            "this is {}, and the course runs on CPython 3.9 to 3.14: "
            "install one of them and add PYTHON=python3.13 (its name) to the make command"
        ).format(python)
    system, machine = platform.system(), platform.machine()
    glibc = system != "Linux" or platform.libc_ver()[0] == "glibc"
    if (system, machine) not in PLATFORMS or not glibc:
        return (
            "this is {} {}{}, and MXNet runs only on Linux (x86_64, aarch64; glibc) and macOS "
            "(x86_64): use the container that README describes, or WSL on Windows"
        ).format(system, machine, "" if glibc else " without glibc")
    from importlib.util import find_spec

    for module in ("venv", "ensurepip"):
        if find_spec(module) is None:
            return (
                "{} lacks the module {}: install it (Debian and Ubuntu: apt install python{}-venv)"
            ).format(python, module, version)
    if system == "Linux":
        missing = [names for names in LIBRARIES[machine] if not loads(names[0])]
        if missing:
            return "MXNet needs {}: install them (Debian and Ubuntu: apt install {})".format(
                " and ".join(file for file, _ in missing),
                " ".join(package for _, package in missing),
            )
    return None


def no_room(folder):
    """Return which disk is too full for the environment, as one line, or None."""
    import shutil
    import tempfile

    if os.path.exists(folder):  # an existing environment needs no more room
        return None
    parent = os.path.dirname(os.path.abspath(folder))
    while not os.path.exists(parent):  # VENV=a/b/c makes a and b too
        parent = os.path.dirname(parent)
    for place, needed, name in (
        (parent, DISK_MB, "VENV"),
        (tempfile.gettempdir(), DOWNLOAD_MB, "TMPDIR"),
    ):
        free = shutil.disk_usage(place).free // 10**6
        if free < needed:
            return "{} has {} MB free, but {} are needed: make room, or set another {}".format(
                place, free, needed, name
            )
    return None


def unreachable(said):
    """Return whether pip's error message means that it reached no package index."""
    signs = ("connection broken by", "ConnectionError", "ConnectTimeout")
    return any(sign in said for sign in signs)


def why(said):
    """Summarize pip's error message in one line."""
    if "No space left on device" in said:
        return "the disk is full: about {} MB are needed".format(DISK_MB + DOWNLOAD_MB)
    if unreachable(said):
        return "pip can't reach a package index: check the network, and whether it needs a proxy"
    errors = [line[7:] for line in said.splitlines() if line.startswith("ERROR: ")]
    return "pip fails: " + (errors or [said.strip() or "it gives no reason"])[-1]


def check(reason):
    """Exit with an obstacle, if there is one."""
    if reason:
        sys.exit("d2lconv: " + reason)
