"""Say in one line why the course can't be installed here, before anything is downloaded.

Runs on every Python from 2.7 on, with its standard library alone, to name the wrong ones. Exit
status 0 if all is well, else 1.
"""

import ctypes
import platform
import sys

OLDEST, NEWEST = (3, 9), (3, 14)
PLATFORMS = [("Linux", "x86_64"), ("Linux", "aarch64"), ("Darwin", "x86_64")]
# What MXNet's library loads and a minimal Debian, or a slim container, lacks: file and package
LIBRARIES = {
    "x86_64": [("libgomp.so.1", "libgomp1"), ("libquadmath.so.0", "libquadmath0")],
    "aarch64": [("libgomp.so.1", "libgomp1")],
}


def loads(library):
    """Say whether the system has a shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def obstacle():
    """Return the first reason not to install, as one line that says what to do, or None."""
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
            "this is {} {}{}, and MXNet runs on Linux (x86_64, aarch64; glibc) and on macOS "
            "(x86_64) alone: use the container that README describes, or on Windows WSL"
        ).format(system, machine, "" if glibc else " without glibc")
    from importlib.util import find_spec

    for module in ("venv", "ensurepip"):
        if find_spec(module) is None:
            return (
                "{} has no module {}: install it (on Debian and Ubuntu, apt install python{}-venv)"
            ).format(python, module, version)
    if system == "Linux":
        missing = [names for names in LIBRARIES[machine] if not loads(names[0])]
        if missing:
            return (
                "MXNet needs {}: install what has it (on Debian and Ubuntu, apt install {})".format(
                    " and ".join(file for file, _ in missing),
                    " ".join(package for _, package in missing),
                )
            )
    return None


if __name__ == "__main__":
    reason = obstacle()
    if reason:
        sys.exit("d2lconv: " + reason)
