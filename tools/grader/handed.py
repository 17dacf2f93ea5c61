"""Find what students hand in, read it once, and match it with the assignments."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import re
import stat
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tools.grader import limits
from tools.grader.assignments import SECTIONS, Assignment, assignment
from tools.grader.cells import Notebook, parse, parse_script
from tools.isolation import ROOT

# Files that operating systems add
NOT_HANDED_IN = {".ipynb_checkpoints", "__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini"}
# Files next to the students' folders that belong to the teacher
TABLES = {".csv", ".tsv", ".xls", ".xlsx", ".ods", ".log"}
LEAST_ALIKE = 2  # enough cells and functions to recognise a notebook without metadata
_NUMBER = re.compile(r"(?:\((\d+)\)|[-_ ](?:Copy)?(\d+))$")  # 6.3 (2), 6.3-Copy2, 6.3-2


def _counts(name: str) -> bool:
    """Return whether an entry is neither hidden nor added by an operating system."""
    return name not in NOT_HANDED_IN and not name.startswith(".")


def is_notebook(name: str) -> bool:
    """Return whether a file name is a notebook's, even if a browser has added to it."""
    return ".ipynb" in name.lower()


def _stem(name: str) -> str:
    return re.sub(r"(?is)\.ipynb.*|\.\w+$", "", name, count=1)


def _inside(folder: Path) -> list[Path]:
    """Return the files in a folder, and folders that can't be read. Follow no links."""
    found: list[Path] = []
    walk = os.walk(folder, onerror=lambda error: found.append(Path(error.filename)))
    for number, (top, folders, files) in enumerate(walk):
        if number == limits.MOST_FOLDERS:
            found.append(Path(top))
            break
        folders[:] = filter(_counts, sorted(folders))
        found += [Path(top, name) for name in files if _counts(name)]
    return sorted(found)


def find(submissions: Path) -> dict[str, list[Path]]:
    """Return each student's files: those in the student's folder, or a single file."""
    students: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(filter(lambda path: _counts(path.name), submissions.iterdir())):
        if path.is_dir() and not path.is_symlink():
            students[path.name] += _inside(path)
        elif path.suffix.lower() not in TABLES:
            students[_stem(path.name)].append(path)
    return students


def read(path: Path, most: int = limits.NOTEBOOK_BYTES) -> bytes:
    """Read a file without following links or blocking on pipes. Raises ValueError if it can't."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise ValueError("it is a link, not a regular file, or a folder with too much in it")
        with open(os.open(path, flags), "rb") as file:
            data = file.read(most + 1) or b""  # if a pipe has just taken the file's place
    except OSError as error:
        raise ValueError(error.strerror) from None
    if len(data) > most:
        raise ValueError(f"it is larger than {most // 2**20} MiB")
    return data


@dataclass
class Handed:
    """A submitted file: its content, or the `error` with which it can't be read.

    `version` orders the files for an assignment: by the LMS's time or number, the number in the
    file's name, and the file's time. `extras` are a notebook's modules and data by relative path.
    """

    path: PurePosixPath  # in the student's folder
    data: bytes = b""
    version: tuple = ()
    error: str = ""
    extras: dict[str, bytes] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def is_extra(self) -> bool:
        """Whether the file is a module or data, which the notebooks use but nobody grades."""
        data = self.path.suffix == ".json" and not is_notebook(self.name) and self.notebook is None
        return data or _is_extra(self.path)

    @functools.cached_property
    def notebook(self) -> Notebook | None:
        """The notebook, parsed once, or None and an `error`."""
        if self.error:
            return None
        try:
            return (parse_script if self.path.suffix == ".py" else parse)(self.data)
        except ValueError as error:
            self.error = str(error)
            return None


def _version(path: Path, name: str) -> tuple:
    stamp = ""
    with contextlib.suppress(ValueError):  # nbgrader's form: 2025-01-01 00:00:00 UTC
        stamp = read(path.parent / "timestamp.txt", 100).decode()
    canvas = re.search(r"_\d+_(\d{1,20})\d*_", path.name)  # numbers of student and file
    number = _NUMBER.search(_stem(name))
    numbers = int(canvas[1]) if canvas else 0, int(number[1] or number[2]) if number else 0
    return (stamp, *numbers, os.lstat(path).st_mtime)


def _is_extra(path: PurePosixPath | Path) -> bool:
    return not is_notebook(path.name) and path.suffix.lower() not in (".zip", ".json", "")


def _open(path: Path, top: Path) -> list[Handed]:
    """Read a file, or all files in a zip."""
    inside = PurePosixPath(path.relative_to(top))
    try:
        if path.suffix.lower() != ".zip":
            most = limits.EXTRA_BYTES if _is_extra(path) else limits.NOTEBOOK_BYTES
            return [Handed(inside, read(path, most), _version(path, path.name))]
        archive = zipfile.ZipFile(io.BytesIO(read(path)))
        members = {PurePosixPath(member.filename): member for member in archive.infolist()}
        wanted = [p for p in members if is_notebook(p.name) or p.suffix == ".py"]
        wanted = [place for place in wanted if all(map(_counts, place.parts))]
        size = sum(members[place].file_size for place in wanted)
        if size > 2 * limits.NOTEBOOK_BYTES or len(wanted) > limits.MOST_NOTEBOOKS:
            raise ValueError("it holds too much")
        # Read no more bytes than the archive declares
        texts = {p: archive.open(members[p]).read(members[p].file_size) for p in wanted}
        return [Handed(p, text, _version(path, p.name)) for p, text in texts.items()]
    except Exception as error:  # zipfile raises many types
        why = limits.shorten(str(error) or type(error).__name__, limits.NOTE_LETTERS)
        return [Handed(inside, b"", _version(path, path.name), why)]


@dataclass
class Submission:
    """A student's submission: the notebook to grade for each section, and notes."""

    chosen: dict[str, Handed] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    unreadable: bool = False


def load(files: list[Path]) -> list[Handed]:
    """Read the first notebooks, correctly named ones before copies, and the first other files."""
    top = Path(os.path.commonpath([path.parent for path in files])) if files else Path()
    ranked = sorted(files, key=lambda path: path.stem not in SECTIONS)
    notebooks = [path for path in ranked if not _is_extra(path)][: limits.MOST_NOTEBOOKS]
    extras = [path for path in files if _is_extra(path)][: limits.MOST_EXTRAS]
    return [each for path in [*notebooks, *extras] for each in _open(path, top)]


def likeness(notebook: Notebook, name: str, known: Assignment) -> tuple[int, int, int]:
    """Rate how well a notebook fits an assignment: by shared answers, its name, and missing cells.

    In a notebook without any id, compare the cells' text and the functions instead.
    """
    ids = {cell.id for cell in notebook if cell.is_answer} & known.answers
    shared = len(ids)
    if not any(cell.is_answer and cell.id for cell in notebook):
        texts = {cell.source for cell in notebook} & {t for t in known.texts if t}
        defined = [cell.defines({*known.functions}) for cell in notebook if cell.is_code]
        alike = len(texts) + len(set().union(*defined))
        shared = alike if alike >= LEAST_ALIKE else 0
    named = len(known.section) if known.section in name else 0
    return shared, named, -len(known.answers - ids)


def section_of(handed: Handed) -> str | None:
    """Return a file's assignment, by its cells or otherwise by its name."""
    if handed.notebook:
        found = {s: likeness(handed.notebook, handed.name, assignment(s)) for s in SECTIONS}
        best = max(SECTIONS, key=lambda section: found[section])
        if found[best][0]:
            return best
    return max((s for s in SECTIONS if s in handed.name), key=len, default=None)


def has_answer(handed: Handed, section: str) -> bool:
    """Return whether any answer differs from the release."""
    known = assignment(section)
    own = [c for c in handed.notebook or [] if c.source and c.source not in known.texts]
    words = any(cell.id in known.answers and not cell.is_code for cell in own)
    return words or any(cell.defines({*known.functions}) for cell in own)


def submission(files: list[Path], handed: list[Handed] | None = None) -> Submission:
    """Choose the notebook to grade for each section: the latest one with any answer."""
    found = Submission()
    versions: dict[str, list[Handed]] = defaultdict(list)
    # A home on the hub also has our notebooks
    ours = {path.name for path in (ROOT / "notebooks").iterdir()}
    theirs = [e for e in (load(files) if handed is None else handed) if e.name not in ours]
    others = [each for each in theirs if each.is_extra]
    for each in [each for each in theirs if each not in others]:
        if section := section_of(each):
            versions[section].append(each)
            continue
        found.unreadable |= bool(each.error)
        why = f"can't be read: {each.error}" if each.error else "belongs to no assignment"
        found.notes.append(f"{each.name} {why}")
    for each in others:  # a script counts only if its section has no notebook
        section = section_of(each) if each.path.suffix == ".py" else None
        if section and section not in versions:
            versions[section].append(each)
            found.notes.append(f"{each.name} is a script; it was read as a notebook")
    for section, several in versions.items():
        ranks = [(has_answer(each, section), each.version, each) for each in several]
        *worse, (answered, _, best) = sorted(ranks, key=lambda rank: rank[:2])
        found.chosen[section] = best
        for also, _, each in worse:
            why = "which is later" if also == answered else "with answers"
            found.notes.append(f"{each.name} was not graded: {best.name} was, {why}")
        folder = best.path.parent
        for each in [each for each in others if not each.error]:
            path = each.path.relative_to(folder) if folder in each.path.parents else each.path
            best.extras[str(path)] = each.data
    if sum(not _is_extra(path) for path in files) > limits.MOST_NOTEBOOKS:
        looked = f"only the first {limits.MOST_NOTEBOOKS} notebooks were considered"
        found.notes.append(f"of {len(files)} files, {looked}")
    if not found.chosen:
        found.unreadable |= bool(theirs)
        found.notes += [f"{each.name} is not a notebook" for each in others]
        found.notes.append("there is no notebook to grade")
    return found
