"""How many students are graded at a time on this machine, and which of them are."""

from __future__ import annotations

import argparse
import os
from typing import TypeVar

from tools.isolation.cgroup import available

STUDENT_BYTES = 2.5 * 2**30  # that a student's code may take, and the process that grades it

Item = TypeVar("Item")


def jobs() -> tuple[int, str]:
    """Return as many as there are cores, and as the free memory holds; and these figures."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    free = available()
    most = max(1, min(cores or 1, int(free / STUDENT_BYTES)))
    return most, (
        f"{cores} cores, {free / 2**30:.1f} GiB of memory free, {STUDENT_BYTES / 2**30:.1f} "
        "for each student"
    )


def slice_of(text: str) -> tuple[int, int]:
    """Read I/N, the Ith of N slices."""
    try:
        which, number = map(int, text.split("/"))
        if 1 <= which <= number:
            return which, number
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"slice must be I/N with I from 1 to N, got {text!r}")


def part(students: dict[str, Item], which: tuple[int, int] | None) -> dict[str, Item]:
    """Return every Nth student, from the Ith on; all of them if no slice is asked for."""
    if which is None:
        return students
    first, number = which
    return {name: students[name] for name in list(students)[first - 1 :: number]}
