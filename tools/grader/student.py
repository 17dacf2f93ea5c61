"""Grade one student, and decide later whether to grade the student again."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import json
import modulefinder
import platform
import resource
import sys
from dataclasses import dataclass
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

OURS = {"tools", "d2lconv", "mxnet_today"}
STARTS = ["tools.grader.student", "tools.grader.worker"]  # and their imports


@dataclass(frozen=True)
class Job:
    """The folder for results, and the settings that affect marks."""

    out: Path
    mode: str
    seconds: float
    seed: int | None = None
    alone: bool = True  # no other student is graded at the same time

    def settings(self) -> dict:
        """Return the settings that affect marks; they are stored with each result."""
        packages = ("mxnet", "numpy", "ipython", "ipykernel")
        versions = {name: importlib.metadata.version(name) for name in packages}
        versions["python"] = platform.python_version()
        return {"sandbox": self.mode, "seconds": float(self.seconds), "versions": versions}


class _Finder(modulefinder.ModuleFinder):
    """Find the repository's modules that code imports, also inside functions."""

    def find_module(self, name: str, path: Any, parent: Any = None) -> Any:
        if path is None and name not in OURS:
            raise ImportError(name)
        return super().find_module(name, path, parent)


@functools.cache
def deciding() -> list[Path]:
    """Return the repository's files that the judge or the worker can import or read."""
    finder = _Finder([str(ROOT), *sys.path])
    for module in STARTS:
        finder.import_hook(module)
    finder.import_hook("mxnet_today", None, ["*"])
    notebooks = [notebook(kind, section) for section in SECTIONS for kind in ("source", "release")]
    for path in notebooks:
        for cell in filter(lambda cell: cell.is_code, parse(path.read_bytes()).cells):
            finder.scan_code(compile(cell.source, path, "exec"), finder.add_module("__main__"))
    files = {vars(module)["__file__"] for module in finder.modules.values()} - {None}
    return [*map(Path, sorted(files)), *notebooks]


@functools.cache
def _digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def key(handed: list[Handed], chosen: dict | None = None) -> str:
    """Return a hash of what affects the marks: submission, tests, code, and `chosen` settings."""
    digest = hashlib.sha256(json.dumps(chosen, sort_keys=True).encode())
    for path in deciding():
        digest.update(path.name.encode() + _digest(path))
    for each in handed:
        data = each.data or each.error.encode()
        digest.update(str(each.path).encode("utf-8", "surrogateescape") + b"\0")
        digest.update(str(len(data)).encode() + data)
    return digest.hexdigest()


def result_file(name: str, out: Path) -> Path:
    return out / "results" / f"{file_name(name)}.json"


def finished(name: str, files: list[Path], out: Path, chosen: dict | None = None) -> Result | None:
    """Return a student's result for these files, tests and settings (by default any), or None."""
    try:
        result = Result.from_json(result_file(name, out).read_text())
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return result if result.key == key(load(files), chosen or result.settings) else None


def grade_student(name: str, files: list[Path], job: Job) -> Result:
    """Grade a student's submission, and store the result. Raises Ungraded if the sandbox failed."""
    handed = load(files)
    hash_of_all = key(handed, job.settings())
    found = submission(files, handed)
    limits = Limits(job.mode, job.seconds, job.alone)
    notebooks: dict[str, Graded] = {}
    try:
        for section, best in sorted(found.chosen.items()):
            extras = found.beside(best)
            notebooks[section] = grade(best, assignment(section), limits, job.seed, extras)
    finally:
        limits.close()
    unreadable = found.unreadable or any(not graded.readable for graded in notebooks.values())
    notes = [note.encode("utf-8", "backslashreplace").decode() for note in found.notes]
    result = Result(display_name(name), hash_of_all, job.settings(), notes, unreadable, notebooks)
    job.out.joinpath("results").mkdir(parents=True, exist_ok=True)
    write_whole(result_file(name, job.out), result.to_json())
    return result


def attempt(name: str, files: list[Path], job: Job) -> int:
    """Grade a student in this separate process, and return the exit status."""
    limit = GRADER_BYTES, resource.getrlimit(resource.RLIMIT_AS)[1]
    with contextlib.suppress(ValueError):  # a lower limit exists
        resource.setrlimit(resource.RLIMIT_AS, limit)
    try:
        grade_student(name, files, job)
    except Ungraded as error:
        after = "" if job.alone else ", and is graded again after the others"
        print(f"\ngrade: {display_name(name)}: {error}{after}", file=sys.stderr)
        return 1
    return 0
