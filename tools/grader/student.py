"""Grade one student, and decide later whether to grade the student again."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import modulefinder
import platform
import sys
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.grader.assignments import SECTIONS, assignment, notebook
from tools.grader.cells import parse
from tools.grader.files import display_name, file_name, write_whole
from tools.grader.handed import Handed, load, submission
from tools.grader.judge import Limits, grade
from tools.grader.limits import GRADER_BYTES
from tools.grader.results import Graded, Result
from tools.grader.sandbox import Ungraded
from tools.isolation import ROOT
from tools.isolation.rlimits import set_limits

STARTS = ["tools.grader.student", "tools.grader.worker"]  # and their imports


def deciding() -> list[Path]:
    """Return the repository's files that the judge or the worker can import or read."""
    finder = modulefinder.ModuleFinder([str(ROOT), str(ROOT / "tools" / "mxnet_today")])
    for module in STARTS:
        finder.import_hook(module)
    finder.import_hook("mxnet_today", None, ["*"])
    notebooks = [notebook(kind, section) for section in SECTIONS for kind in ("source", "release")]
    for path in notebooks:
        for cell in filter(lambda cell: cell.is_code, parse(path.read_bytes())):
            finder.scan_code(compile(cell.source, path, "exec"), finder.add_module("__main__"))
    files = {vars(module)["__file__"] for module in finder.modules.values()} - {None}
    return [*map(Path, sorted(files)), *notebooks]


def _hash(about: Any, files: Iterable[tuple[str, bytes]]) -> str:
    """Return a hash of plain data, and of the names and contents of files."""
    each = [(name, hashlib.sha256(data).hexdigest()) for name, data in files]
    return hashlib.sha256(json.dumps([about, each], sort_keys=True).encode()).hexdigest()


@functools.cache
def _code() -> str:
    return _hash("", ((path.name, path.read_bytes()) for path in deciding()))


@dataclass(frozen=True)
class Job:
    """The folder for results, and everything else that affects marks."""

    out: Path
    mode: str
    seconds: float
    seed: int | None = None
    alone: bool = True  # no other student is graded at the same time
    code: str = field(default_factory=_code)  # a hash, made once for a run

    def settings(self) -> dict:
        """Return the settings that affect marks; they are stored with each result."""
        packages = ("mxnet", "numpy", "ipython", "ipykernel")
        versions = {name: importlib.metadata.version(name) for name in packages}
        versions["python"] = platform.python_version()
        return {"sandbox": self.mode, "seconds": float(self.seconds), "versions": versions}


def key(handed: list[Handed], chosen: dict | None = None, code: str = "") -> str:
    """Return a hash of what affects marks: submission, settings, tests and the grader's code."""
    files = ((str(each.path), each.data or each.error.encode()) for each in handed)
    return _hash([chosen, code or _code()], files)


def result_file(name: str, out: Path) -> Path:
    return out / "results" / f"{file_name(name)}.json"


def finished(name: str, files: list[Path], out: Path, chosen: dict | None = None) -> Result | None:
    """Return the result for these files, tests and settings (None: any settings), or None."""
    try:
        result = Result.from_json(result_file(name, out).read_text())
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return result if result.key == key(load(files), chosen or result.settings) else None


def grade_student(name: str, files: list[Path], job: Job) -> Result:
    """Grade and store a submission. Raises Ungraded if it fails through no fault of the student."""
    handed, settings = load(files), job.settings()
    hash_of_all = key(handed, settings, job.code)
    found = submission(files, handed)
    notebooks: dict[str, Graded] = {}
    with closing(Limits(job.mode, job.seconds, job.alone)) as limits:
        for section, chosen in sorted(found.chosen.items()):
            notebooks[section] = grade(chosen, assignment(section), limits, job.seed)
    notes = [note.encode("utf-8", "backslashreplace").decode() for note in found.notes]
    result = Result(display_name(name), hash_of_all, settings, notes, found.unreadable, notebooks)
    write_whole(result_file(name, job.out), result.to_json())
    return result


def attempt(name: str, files: list[Path], job: Job) -> int:
    """Grade a student in this separate process, and return the exit status."""
    set_limits(AS=GRADER_BYTES)
    try:
        grade_student(name, files, job)
    except Ungraded as error:
        after = "" if job.alone else ", and is graded again after the others"
        print(f"\ngrade: {display_name(name)}: {error}{after}", file=sys.stderr)
        return 1
    return 0
