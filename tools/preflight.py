"""Say in one line why the course can't be installed here, before anything is downloaded.

Needs Python 3.6 or later and its standard library alone. Exit status 0 if all is well, else 1.
"""

import importlib.util
import platform
import sys

PLATFORMS = [("Linux", "x86_64"), ("Linux", "aarch64"), ("Darwin", "x86_64")]


def obstacle():
    """Return the first reason not to install, as one line that says what to do, or None."""
    version = "{}.{}".format(*sys.version_info)
    python = f"{platform.python_implementation()} {version}"
    if not python.startswith("CPython") or version not in ("3.9", "3.10", "3.11"):
        return (
            f"this is {python}, and the course runs on CPython 3.9, 3.10 and 3.11: "
            "install one of them and add PYTHON=python3.11 (its name) to the make command"
        )
    system, machine = platform.system(), platform.machine()
    glibc = system != "Linux" or platform.libc_ver()[0] == "glibc"
    if (system, machine) not in PLATFORMS or not glibc:
        return (
            f"this is {system} {machine}{'' if glibc else ' without glibc'}, and MXNet has wheels "
            "for Linux (x86_64, aarch64; glibc) and macOS (x86_64) alone: "
            "use a Linux container, on Windows WSL"
        )
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            return (
                f"{python} has no module {module}: "
                f"install it (on Debian and Ubuntu, apt install python{version}-venv)"
            )
    return None


if __name__ == "__main__":
    reason = obstacle()
    if reason:
        sys.exit(f"d2lconv: {reason}")
