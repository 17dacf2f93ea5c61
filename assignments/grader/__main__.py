"""Grade a folder of submissions: `python -m assignments.grader FOLDER` (or `make grade`)."""

from __future__ import annotations

import argparse
import contextlib
import csv
import functools
import hashlib
import importlib.metadata
import json
import platform
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from tqdm import tqdm

import d2lconv
import mxnet_today
from assignments.grader import copies, people, pool, report, scale, tables
from assignments.grader.course import (
    COURSE,
    MOST_NOTEBOOKS,
    NOTEBOOK_BYTES,
    SECRET,
    SECTIONS,
    find,
    looked_at,
    marks,
    notebook,
    section_of,
)
from assignments.grader.judge import grade
from assignments.grader.sandbox import DEFENDED, safest


def settings(mode: str, seconds: float) -> dict:
    """Return what decides about the marks besides files, and is said with each result."""
    packages = ("mxnet", "numpy", "ipython")
    versions = {name: importlib.metadata.version(name) for name in packages}
    versions["python"] = platform.python_version()
    return {"sandbox": mode, "seconds": float(seconds), "versions": versions}


@functools.cache
def _digest(path: Path, changed: int, size: int) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def key(files: list[Path], chosen: dict | None = None) -> str:
    """Return a hash of what decides about the marks.

    That is the submission, the tests, the grader, the packages of this repository, and the
    `settings` that were chosen.
    """
    own = [notebook(kind, section) for section in SECTIONS for kind in ("source", "release")]
    for code in [__file__, d2lconv.__file__, mxnet_today.__file__]:
        own += sorted(Path(str(code)).parent.glob("*.*"))
    digest = hashlib.sha256(json.dumps(chosen, sort_keys=True).encode())
    for path in own:
        about = path.stat()
        digest.update(path.name.encode() + _digest(path, about.st_mtime_ns, about.st_size))
    for path in looked_at(files):
        digest.update(path.name.encode())
        if path.resolve() == path and path.is_file():
            digest.update(str(path.stat().st_size).encode())
            digest.update(path.read_bytes() if path.stat().st_size <= NOTEBOOK_BYTES else b"")
    return digest.hexdigest()


def choose(files: list[Path]) -> tuple[dict[str, Path], list[str]]:
    """Return the notebook to grade for each section, and notes about the others."""
    chosen: dict[str, Path] = {}
    notes = []
    for path in looked_at(files):
        section = section_of(path)
        if section is None:
            notes.append(f"{path.name} belongs to no assignment")
        elif section in chosen:
            notes.append(f"{path.name} was not graded: {chosen[section].name} was")
        else:
            chosen[section] = path
    if files[MOST_NOTEBOOKS:]:
        notes.append(f"of {len(files)} notebooks, only the first {MOST_NOTEBOOKS} were looked at")
    if not chosen:
        notes.append("there is no notebook to grade")
    return chosen, notes


def grade_student(
    name: str, files: list[Path], out: Path, mode: str, seconds: float, seed: int | None = None
) -> None:
    """Grade all that a student has handed in, and write `name`.json and `name`.html."""
    chosen, notes = choose(files)
    notebooks = {
        section: grade(
            path, notebook("source", section), notebook("release", section), mode, seconds, seed
        )
        for section, path in sorted(chosen.items())
    }
    chosen_settings = settings(mode, seconds)
    result = {"student": name, "key": key(files, chosen_settings), "settings": chosen_settings}
    result.update(notes=notes, notebooks=notebooks)
    report.write(result, out)
    part = out / "results" / f"{name}.part"
    part.write_text(json.dumps(result, indent=1))
    part.replace(part.with_suffix(".json"))  # at once or not at all


def finished(name: str, files: list[Path], out: Path, chosen: dict | None = None) -> dict | None:
    """Return a student's result if there is one for these files, these tests and these settings.

    Without settings, those with which it was graded are as good as any.
    """
    try:
        result = json.loads((out / "results" / f"{name}.json").read_text())
    except (OSError, ValueError):
        return None
    chosen = chosen or result.get("settings")
    return result if result["key"] == key(files, chosen) else None


def write_csv(students: dict[str, list[Path]], out: Path) -> None:
    """Write marks.csv: a line for each finished student, empty where nothing came in."""
    with open(out / "marks.csv", "w", encoding="utf-8", errors="replace", newline="") as file:
        table = csv.writer(file)
        table.writerow(["student", *SECTIONS, "total"])
        for name, files in students.items():
            result = finished(name, files, out)
            if result:
                row = [result["notebooks"].get(section) for section in SECTIONS]
                row = ["" if graded is None else marks(graded) for graded in row]
                table.writerow([name, *row, sum(mark or 0 for mark in row)])


def close_to_others(folders: list[Path]) -> None:
    """Let no other user read these: without bubblewrap nothing else keeps the tests secret."""
    for folder in folders:
        if folder.exists():
            folder.chmod(folder.stat().st_mode & 0o700)
            print(f"grade: closed to other users: {folder}")


def run(folder: Path, out: Path, args: argparse.Namespace, what: str) -> list[str]:
    """Grade some students at a time, each by a process of its own. Return who could not be."""
    (out / "results").mkdir(parents=True, exist_ok=True)
    students = scale.part(handed_in(folder, args), args.slice if what == "submissions" else None)
    chosen = settings(args.sandbox, args.seconds)
    todo = [name for name, files in students.items() if not finished(name, files, out, chosen)]
    common = [str(folder), f"--out={out}", f"--sandbox={args.sandbox}", f"--seconds={args.seconds}"]
    common += [f"--lms={args.lms}"] if args.lms and what == "submissions" else []
    commands = {name: [*common, f"--student={name}"] for name in todo}
    done = len(students) - len(todo)
    failed = []
    bar = tqdm(total=len(students), initial=done, desc=what)
    with bar, contextlib.closing(pool.each(commands, args.jobs)) as ended:
        for name, ok in ended:
            if not ok:
                failed.append(name)
            bar.update()
    return failed


def handed_in(folder: Path, args: argparse.Namespace) -> dict[str, list[Path]]:
    """Return each student's notebooks, by the name that the LMS's names begin with."""
    found = find(folder)
    return found if folder == COURSE / "source" else people.by_student(found, args.lms)


def merge(students: dict[str, list[Path]], folders: list[Path], out: Path) -> None:
    """Take over the results that other machines have written into these folders."""
    (out / "results").mkdir(parents=True, exist_ok=True)
    for name, files in students.items():
        if finished(name, files, out):
            continue
        for folder in folders:
            if finished(name, files, folder):
                shutil.copy(folder / "results" / f"{name}.json", out / "results")


def known_of(
    students: dict[str, list[Path]], args: argparse.Namespace
) -> tuple[dict[str, people.Upload], dict[str, dict]]:
    """Return what the students' uploads tell about them, and what was given them by hand."""
    uploads: dict[str, people.Upload] = {}
    for name in find(args.submissions):
        upload = people.upload(name, args.lms)
        late = upload.late or (upload.student in uploads and uploads[upload.student].late)
        uploads[upload.student] = upload._replace(late=late)
    known = {name: name for name in students}
    class_list = args.class_list
    for name in students if class_list else []:
        person = class_list.person(name, uploads[name].number)
        for column in ("id", "email", "name", "student"):
            if person and person[column]:
                known.setdefault(person[column], name)
    return uploads, people.read_by_hand(args.by_hand, known, SECTIONS) if args.by_hand else {}


def tell(students: dict[str, list[Path]], out: Path, args: argparse.Namespace) -> list[str]:
    """Write all tables and pages. Return who is not graded yet."""
    write_csv(students, out)
    results = {name: finished(name, files, out) for name, files in students.items()}
    uploads, by_hand = known_of(students, args)
    class_list = args.class_list
    tables.write(tables.entries(results, uploads, class_list, by_hand), class_list, out)
    done = [result for result in results.values() if result]
    copies.write(done, out / tables.FOLDER)
    for result in done if args.by_hand or args.merge is not None else []:
        report.write(result, out, by_hand.get(result["student"]))
    differing = sorted({json.dumps(result["settings"], sort_keys=True) for result in done})
    if differing[1:]:
        print("grade: not all were graded with the same settings:", *differing, sep="\n  ")
    return [name for name, result in results.items() if not result]


def prove(args: argparse.Namespace) -> None:
    """Exit unless the model solutions get full marks here: else it is not the students' fault."""
    with tempfile.TemporaryDirectory() as out:
        run(COURSE / "source", Path(out).resolve(), args, "model solutions")
        for path in Path(out, "results").glob("*.json"):
            for graded in json.loads(path.read_text())["notebooks"].values():
                lost = [f"{test['id']}: {test['why']}" for test in graded["tests"] if test["why"]]
                if lost:
                    sys.exit("\n".join(["grade: the solutions do not pass here", *lost]))
        if len(list(Path(out, "results").glob("*.json"))) < len(SECTIONS):
            sys.exit("grade: the solutions can't be graded here")


def main() -> int:
    """Grade, and return the exit status."""
    parser = argparse.ArgumentParser(prog="grade", description=__doc__)
    parser.add_argument("submissions", type=Path, help="a folder or a notebook for each student")
    parser.add_argument("--out", type=Path, default=Path("grades"), help="where the marks go")
    parser.add_argument("--sandbox", choices=DEFENDED, help="instead of the safest that works")
    parser.add_argument("--seconds", type=float, default=20, help="for a cell or a call")
    parser.add_argument("--jobs", type=int, help="students at a time (as cores and memory allow)")
    parser.add_argument("--slice", type=scale.slice_of, help="I/N: grade each Nth, write no table")
    parser.add_argument(
        "--merge", nargs="*", type=Path, help="grade nobody, write the tables; others' results too"
    )
    parser.add_argument("--class-list", type=Path, help="who is who: see assignments/README.md")
    parser.add_argument("--by-hand", type=Path, help="a table of marks and comments to merge in")
    parser.add_argument("--lms", choices=["canvas", "moodle"], help="whose uploads these are")
    parser.add_argument("--student", help="grade this one alone, and write no table")
    parser.add_argument("--seed", type=int, help="draw the tests' inputs from it, as a page says")
    args = parser.parse_args()
    if not args.submissions.is_dir():
        parser.error(f"submissions must be a folder, got {str(args.submissions)!r}")
    args.submissions, args.out = args.submissions.resolve(), args.out.resolve()
    try:
        args.class_list = people.ClassList(args.class_list) if args.class_list else None
        if args.class_list and args.class_list.kind != "own":
            args.lms = args.class_list.kind
        if args.by_hand:  # to say at once what is wrong with it
            known_of(handed_in(args.submissions, args), args)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if args.student:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        (args.out / "results").mkdir(parents=True, exist_ok=True)
        files = handed_in(args.submissions, args)[args.student]
        mode = args.sandbox or safest()
        grade_student(args.student, files, args.out, mode, args.seconds, args.seed)
        return 0
    if args.merge is not None:
        students = handed_in(args.submissions, args)
        merge(students, [folder.resolve() for folder in args.merge], args.out)
        missing = tell(students, args.out, args)
        for name in missing:
            print(f"grade: {name} is not graded yet")
        print(f"grade: {args.out / 'marks.csv'}, and a page for each student beside it")
        return 1 if missing else 0

    for stop in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C does: end the others, keep the marks
        signal.signal(stop, signal.default_int_handler)
    try:
        args.sandbox = safest(args.sandbox)
    except RuntimeError as error:
        sys.exit(
            f"grade: the students' code can't be locked up here ({error}).\n"
            "Install bubblewrap, or, for code that you trust, say SANDBOX=none: "
            f"{DEFENDED['none']}."
        )
    print(f"grade: each student's code runs behind {DEFENDED[args.sandbox]}")
    most, why = scale.jobs()
    args.jobs = max(args.jobs, 1) if args.jobs is not None else most
    print(f"grade: {args.jobs} students at a time ({why})")
    if args.sandbox == "user":
        args.out.mkdir(parents=True, exist_ok=True)
        close_to_others([*SECRET, args.submissions, args.out])
    prove(args)
    try:
        failed = run(args.submissions, args.out, args, "submissions")
    except KeyboardInterrupt:
        print("grade: stopped; what is finished is kept, start again for the rest")
        return 130
    finally:
        if not args.slice:
            tell(handed_in(args.submissions, args), args.out, args)
    for name in failed:
        print(f"grade: {name} could not be graded, start again for the rest")
    if args.slice:
        print(f"grade: slice {args.slice[0]} of {args.slice[1]}; --merge writes the tables")
    else:
        print(f"grade: {args.out / 'marks.csv'}, and a page for each student beside it")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
