"""Add the libraries that MXNet's wheel for Linux on ARM lacks: `python -m mxnet_today.arm`.

The wheel needs three Arm Performance Libraries, which no registry has. From the first it uses only
BLAS, LAPACK and LAPACKE, which Debian has. From the other two it uses functions that the C library
has, too. So this program makes links with their names next to libmxnet.so, where the linker looks
first. If Debian's packages aren't installed, it unpacks them there as well, without root.
"""

from __future__ import annotations

import ctypes
import platform
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from mxnet_today.advice import advice

STAND_INS = {
    "libarmpl_lp64_mp.so": "liblapacke.so.3",
    "libamath.so": "libm.so.6",
    "libastring.so": "libc.so.6",
}
PACKAGES = ["liblapacke", "libtmglib3", "libopenblas0-pthread"]
SYSTEM = [Path("/usr/lib/aarch64-linux-gnu"), Path("/usr/lib64"), Path("/usr/lib"), Path("/lib64")]


def find(name: str) -> Path | None:
    """Return the path of a system library, or None."""
    return next((folder / name for folder in SYSTEM if (folder / name).exists()), None)


def unpack(beside: Path) -> None:
    """Unpack the shared libraries of `PACKAGES` into a folder, with apt but without root."""
    with tempfile.TemporaryDirectory() as name:
        try:
            command = ["apt-get", "download", "--quiet", *PACKAGES]
            subprocess.run(command, cwd=name, check=True, capture_output=True)
            for package in Path(name).glob("*.deb"):
                subprocess.run(["dpkg-deb", "--extract", package, name], check=True)
        except (OSError, subprocess.CalledProcessError):
            sys.exit(
                f"mxnet_today: {STAND_INS['libarmpl_lp64_mp.so']} is missing, and apt can't "
                f"download it: apt install {' '.join(PACKAGES)}"
            )
        for library in Path(name, "usr/lib").rglob("lib*.so.[0-9]*"):
            shutil.copy(library, beside / library.name)  # copy the file, under the link's name


def put_in_place(beside: Path) -> list[str]:
    """Make the missing links in a folder; return their names."""
    made = []
    for name, stand_in in STAND_INS.items():
        link = beside / name
        if link.exists():
            continue
        if find(stand_in) is None and not (beside / stand_in).exists():
            unpack(beside)
        link.unlink(missing_ok=True)  # remove a dangling link
        link.symlink_to(find(stand_in) or stand_in)
        made.append(name)
    return made


def main() -> str:
    """Add the missing libraries, and return the result as one line."""
    machine = f"{platform.system()} {platform.machine()}"
    if machine != "Linux aarch64":
        return f"nothing to do: MXNet's wheel lacks nothing on {machine}"
    spec = find_spec("mxnet")
    if spec is None:
        sys.exit("mxnet_today: MXNet is not installed: pip install --no-deps mxnet==1.9.1")
    beside = Path(spec.submodule_search_locations[0])
    made = put_in_place(beside)
    try:
        ctypes.CDLL(str(beside / "libmxnet.so"))
    except OSError as error:
        sys.exit(f"mxnet_today: {advice(error)}")
    return f"put in place: {', '.join(made)}" if made else "everything is in place"


if __name__ == "__main__":
    print(f"mxnet_today: {main()}")
