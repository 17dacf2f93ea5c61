"""A part of the disk that is kept free, for the day on which a student fills the rest."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

MOST_BYTES = 2**30


def _reserve(data: Path) -> Path:
    return data / "reserve"


def keep_free(data: Path) -> None:
    """Take a tenth of what is free, and 1 GiB at most, for a file that `give_back` deletes."""
    size = min(MOST_BYTES, shutil.disk_usage(data).free // 10)
    if size and not _reserve(data).exists():
        with open(_reserve(data), "wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)


def give_back(data: Path) -> None:
    """Let the others have what was kept free."""
    _reserve(data).unlink(missing_ok=True)


def _used(home: Path) -> int:
    # It may change meanwhile, and then du says so: what it has counted is as good
    said = subprocess.run(
        ["du", "-sxB1", "--", home], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    return int(said.stdout.split()[0]) if said.stdout else 0


def crowds_out(data: Path, home: Path) -> bool:
    """Say whether the disk is full, and more in this home than in those of all others together.

    And more than is kept free: else it is not the home that has filled it. Once that has been given
    back, nobody is said to crowd out others, until something is kept again.
    """
    if not _reserve(data).exists():
        return False
    kept = _reserve(data).stat().st_size
    if shutil.disk_usage(data).free >= kept:
        return False
    own = _used(home)
    others = (other for other in (data / "homes").iterdir() if other != home)
    return own > kept and own > sum(map(_used, others))
