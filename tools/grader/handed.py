"""Find what students hand in, read it once, and match it with the assignments."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import re
import stat
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tools.grader import limits
from tools.grader.assignments import SECTIONS, Assignment, assignment
from tools.grader.cells import Notebook, parse, parse_script
from tools.isolation import ROOT

# Files that operating systems add
NOT_HANDED_IN = {".ipynb_checkpoints", "__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini"}
# Files next to the students' folders that belong to a student; tables and logs don't
LOOSE = {".zip", ".py", ".txt", ".json", ".html", ".htm", ".pdf", ".doc", ".docx", ".odt", ".rtf"}
LOOSE |= {".rar", ".7z", ".tar", ".gz", ".tgz", ".md"}
LEAST_ALIKE = 2  # enough cells and functions to recognise a notebook without metadata
_NUMBER = re.compile(r"(?:\((\d+)\)|[-_ ](?:Copy)?(\d+))$")  # 6.3 (2), 6.3-Copy2, 6.3-2


def _entries(folder: Path) -> list[tuple[Path, int]]:
    """Return a folder's entries with their kinds, without following links."""
    entries = []
    for name in sorted(os.listdir(folder)):
        if name not in NOT_HANDED_IN and not name.startswith("._"):
            with contextlib.suppress(OSError):
                entries.append((folder / name, stat.S_IFMT(os.lstat(folder / name).st_mode)))
    return entries


def is_notebook(name: str) -> bool:
    """Return whether a file name is a notebook's, even if a browser has added to it."""
    return ".ipynb" in name.lower()


def _stem(name: str) -> str:
    return re.split(r"\.ipynb", name, maxsplit=1, flags=re.IGNORECASE)[0]


def _inside(folder: Path) -> list[Path]:
    """Return the files in a folder, and the folders that can't be read."""
    found, waiting, seen = [], [folder], 0
    for path in waiting:  # grows, with upper folders first
        try:
            entries = _entries(path)
        except OSError:
            found.append(path)
            continue
        seen += len(entries)
        too_deep = len(path.relative_to(folder).parts) >= limits.MOST_FOLDERS
        for entry, kind in entries:
            if kind == stat.S_IFDIR and entry.name.startswith("."):
                continue  # files of programs in a home on the hub
            if kind == stat.S_IFDIR and not (too_deep or seen > limits.MOST_ENTRIES):
                waiting.append(entry)
            elif kind in (stat.S_IFDIR, stat.S_IFREG) or is_notebook(entry.name):
                found += [entry] * (not entry.name.startswith("."))
    return sorted(found)


def find(submissions: Path) -> dict[str, list[Path]]:
    """Return each student's files: those in the student's folder, or a single file.

    This follows no links and raises no errors. Unreadable folders are in the list, so that `load`
    can report them.
    """
    students: dict[str, list[Path]] = {}
    for path, kind in _entries(submissions):
        if path.name.startswith("."):
            continue
        if kind == stat.S_IFDIR:
            students.setdefault(path.name, []).extend(_inside(path))
        elif is_notebook(path.name):
            students.setdefault(_stem(path.name), []).append(path)
        elif kind == stat.S_IFREG and path.suffix.lower() in LOOSE:
            students.setdefault(path.stem, []).append(path)
        elif kind == stat.S_IFLNK:
            students.setdefault(path.name, []).append(path)  # to a folder, or dangling
    return students


def read(path: Path, most: int = limits.NOTEBOOK_BYTES) -> bytes:
    """Read a submitted file; follow no link and block on no pipe.

    Raises ValueError if it is a link, not a regular file, too large, or unreadable.
    """
    try:
        kind = stat.S_IFMT(os.lstat(path).st_mode)
        if kind == stat.S_IFDIR:
            raise ValueError("it is a folder that can't be read, or that contains too much")
        if kind != stat.S_IFREG:
            raise ValueError("it is a link, or not a regular file")
        # It may have been replaced meanwhile: follow no link, wait for no pipe
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with open(os.open(path, flags), "rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise ValueError(error.strerror) from None
    if len(data) > most:
        raise ValueError(f"it is larger than {most // 2**20} MiB")
    return data


@dataclass
class Handed:
    """A submitted file: its content, or the `error` with which it can't be read.

    `version` orders the files for an assignment: by the LMS's time or number, the number in the
    file's name, and the file's time.
    """

    path: PurePosixPath  # in the student's folder
    data: bytes = b""
    error: str = ""
    version: tuple = ()

    @property
    def name(self) -> str:
        return self.path.name

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
    number = _NUMBER.search(_stem(Path(name).name))
    numbers = int(canvas[1]) if canvas else 0, int(number[1] or number[2]) if number else 0
    return (stamp, *numbers, os.lstat(path).st_mtime)


def _open(path: Path, top: Path) -> list[Handed]:
    """Read a file, or all files in a zip."""
    inside = PurePosixPath(path.relative_to(top))
    try:
        if path.suffix.lower() != ".zip":
            most = limits.EXTRA_BYTES if _extra(path) else limits.NOTEBOOK_BYTES
            return [Handed(inside, read(path, most), "", _version(path, path.name))]
        found: list[Handed] = []
        left = 2 * limits.NOTEBOOK_BYTES  # a zip may claim far more
        with zipfile.ZipFile(io.BytesIO(read(path, limits.ZIP_BYTES))) as members:
            for member in members.infolist()[: limits.MOST_ENTRIES]:
                place = PurePosixPath(member.filename)
                hidden = {*place.parts} & NOT_HANDED_IN or place.name.startswith(".")
                if hidden or not (is_notebook(place.name) or place.suffix == ".py"):
                    continue
                most = min(limits.NOTEBOOK_BYTES, left)
                with members.open(member) as file:
                    held = file.read(most + 1)
                left -= len(held)
                if len(held) > most or len(found) == limits.MOST_NOTEBOOKS:
                    raise ValueError("it holds too much")
                found.append(Handed(place, held, "", _version(path, member.filename)))
        return found
    except Exception as error:  # zipfile raises many types of errors
        return [Handed(inside, b"", str(error) or type(error).__name__)]


@dataclass
class Submission:
    """A student's submission: the notebook to grade for each section, and notes."""

    chosen: dict[str, Handed] = field(default_factory=dict)
    extras: list[Handed] = field(default_factory=list)  # modules and data files
    notes: list[str] = field(default_factory=list)
    unreadable: bool = False

    def beside(self, notebook: Handed) -> dict[str, bytes]:
        """Return modules and data by their paths relative to a notebook."""
        folder = notebook.path.parent
        return {
            str(e.path.relative_to(folder) if folder in e.path.parents else e.path): e.data
            for e in self.extras
        }


def looked_at(files: list[Path]) -> list[Path]:
    """Return the first `MOST_NOTEBOOKS`; correctly named files come before copies."""
    maybe = [path for path in files if not _extra(path)]
    return sorted(maybe, key=lambda path: path.stem not in SECTIONS)[: limits.MOST_NOTEBOOKS]


def _extra(path: PurePosixPath | Path) -> bool:
    """Return whether a file is a module or data, and not to be graded itself."""
    return not is_notebook(path.name) and path.suffix.lower() not in (".zip", ".json", "")


def _is_data(handed: Handed) -> bool:
    """Return whether a file is JSON but not a notebook."""
    return handed.path.suffix == ".json" and not is_notebook(handed.name) and not handed.notebook


def load(files: list[Path]) -> list[Handed]:
    """Read the notebooks to consider, and the small files next to them."""
    top = Path(os.path.commonpath([path.parent for path in files])) if files else Path()
    extras = [path for path in files if _extra(path)][: limits.MOST_EXTRAS]
    return [each for path in [*looked_at(files), *extras] for each in _open(path, top)]


def likeness(notebook: Notebook, name: str, known: Assignment) -> tuple[int, int, int]:
    """Rate how well a notebook fits an assignment: by shared answers, its name, and missing cells.

    In a notebook without any id, compare the cells' text and the functions instead.
    """
    ids = {cell.id for cell in notebook.cells if cell.is_answer} & known.answers
    shared = len(ids)
    if not any(cell.is_answer and cell.id for cell in notebook.cells):
        texts = {cell.text for cell in notebook.cells} & {t for t in known.texts if t}
        defined = [cell.defines({*known.functions}) for cell in notebook.cells if cell.is_code]
        shared = len(texts) + len(set().union(*defined))
        shared = shared if shared >= LEAST_ALIKE else 0
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


def answered(handed: Handed, section: str) -> int:
    """Return how many answers differ from the release; -1 if the file is unreadable."""
    if not handed.notebook:
        return -1
    known = assignment(section)
    given = {cell.id: cell.text for cell in known.given.cells}
    functions: set[str] = set()
    words = 0
    for cell in handed.notebook.cells:
        if cell.text and cell.text not in known.texts:
            functions |= cell.defines({*known.functions})
            words += cell.id in known.answers and not cell.is_code and cell.text != given[cell.id]
    return len({known.functions[name] for name in functions}) + words


def submission(files: list[Path], handed: list[Handed] | None = None) -> Submission:
    """Choose the notebook to grade for each section: the latest one with any answer.

    A script counts only if there is no notebook; otherwise it is one of the student's modules.
    """
    found = Submission()
    versions: dict[str, list[Handed]] = {}
    scripts = []
    # A home on the hub also has the course's notebooks
    courses = {path.name for path in (ROOT / "notebooks").iterdir()}
    theirs = [e for e in (load(files) if handed is None else handed) if e.name not in courses]
    others = [each for each in theirs if _extra(each.path) or _is_data(each)]
    for each in theirs:
        if each in others:
            scripts += [each] * (each.path.suffix == ".py")
            found.extras += [each] * (not each.error)
        elif section := section_of(each):
            versions.setdefault(section, []).append(each)
        elif each.error:
            found.unreadable = True
            found.notes.append(f"{each.name} can't be read: {each.error}")
        else:
            found.notes.append(f"{each.name} belongs to no assignment")
    for each in scripts:
        section = section_of(each)
        if section and section not in versions:
            versions.setdefault(section, []).append(each)
            found.notes.append(f"{each.name} is a script; it was read as a notebook")
    for section, several in versions.items():
        ranks = [min(answered(each, section), 1) for each in several]
        rank, best = max(zip(ranks, several), key=lambda both: (both[0], both[1].version))
        found.chosen[section] = best
        for its, each in zip(ranks, several):
            why = "which is later" if its == rank else "with answers"
            if each is not best:
                found.notes.append(f"{each.name} was not graded: {best.name} was, {why}")
    most = limits.MOST_NOTEBOOKS
    if len([path for path in files if not _extra(path)]) > most:
        looked = f"only the first {most} notebooks were considered"
        found.notes.append(f"of {len(files)} files, {looked}")
    if not found.chosen:
        found.unreadable |= bool(theirs)
        found.notes += [f"{each.name} is not a notebook" for each in others]
        found.notes.append("there is no notebook to grade")
    return found
