"""Keep a reserve on the disk for when a student fills the rest."""

import os
import shutil
import subprocess
from pathlib import Path

MOST_BYTES = 2**30
RESERVE = "reserve"  # in the hub's folder; without it, the other students can save again


def make_reserve(data: Path) -> None:
    """Reserve a tenth of the free disk, at most 1 GiB."""
    size = min(MOST_BYTES, shutil.disk_usage(data).free // 10)
    if size and not (data / RESERVE).exists():
        with open(data / RESERVE, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)


def is_hogging_disk(data: Path, home: Path) -> bool:
    """Return whether the disk is full, and this home holds more than the reserve and all others."""
    reserve = (data / RESERVE).stat().st_size if (data / RESERVE).exists() else 0
    if shutil.disk_usage(data).free >= reserve:
        return False
    # Ignore du's errors about files that change while du counts
    du = ["du", "-xB1", "--max-depth=1", str(data / "homes")]
    said = subprocess.run(du, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    used = {path: int(size) for size, path in (line.split("\t") for line in said.splitlines())}
    own = used.get(str(home), 0)
    return own > reserve and 2 * own > used[du[-1]]
