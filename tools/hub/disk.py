"""Keep a reserve on the disk for when a student fills the rest."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

MOST_BYTES = 2**30


def _reserve(data: Path) -> Path:
    return data / "reserve"


def make_reserve(data: Path) -> None:
    """Reserve a tenth of the free disk, at most 1 GiB, until `release_reserve`."""
    size = min(MOST_BYTES, shutil.disk_usage(data).free // 10)
    if size and not _reserve(data).exists():
        with open(_reserve(data), "wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)


def release_reserve(data: Path) -> None:
    """Delete the reserve, so that the other students can save."""
    _reserve(data).unlink(missing_ok=True)


def _used(home: Path) -> int:
    # Ignore du's errors about files that change while it counts
    said = subprocess.run(
        ["du", "-sxB1", "--", home], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    return int(said.stdout.split()[0]) if said.stdout else 0


def is_hogging_disk(data: Path, home: Path) -> bool:
    """Return whether the disk is full and this home uses most of it.

    The home must use more than the reserve and more than all other homes combined. Without a
    reserve the result is always False.
    """
    if not _reserve(data).exists():
        return False
    reserve = _reserve(data).stat().st_size
    if shutil.disk_usage(data).free >= reserve:
        return False
    own = _used(home)
    others = (other for other in (data / "homes").iterdir() if other != home)
    return own > reserve and own > sum(map(_used, others))
