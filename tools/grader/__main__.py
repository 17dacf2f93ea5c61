"""Grade a folder of submissions: `python -m tools.grader FOLDER` (or `make grade`)."""

from __future__ import annotations

import argparse
import contextlib
import csv
import functools
import hashlib
import importlib.metadata
import io
import json
import os
import platform
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path

import mxnet_today
from tqdm import tqdm

import d2lconv
from tools.grader import copies, people, pool, report, slices, tables
from tools.grader.course import (
    COURSE,
    SECRET,
    SECTIONS,
    answered,
    cells,
    find,
    looked_at,
    marks,
    notebook,
    read,
    section_of,
)
from tools.grader.files import file_name, no_formula, shown, write_whole
from tools.grader.judge import grade
from tools.grader.limits import GRADER_BYTES, MOST_NOTEBOOKS, STUDENT_CALLS
from tools.grader.sandbox import DEFENDED, Sandbox, Ungraded, holds, safest
from tools.grader.walls import ROOT, readable


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
        try:
            data = read(path)
        except ValueError as error:
            data = str(error).encode()
        digest.update(os.fsencode(path.name) + str(len(data)).encode() + data)
    return digest.hexdigest()


def choose(files: list[Path]) -> tuple[dict[str, Path], list[str], bool]:
    """Return the notebook to grade for each section, notes, and whether some can't be read.

    Of several for one section, it is the one with the most answers, which an empty one has none
    of; then the one that comes first.
    """
    found: dict[str, list[Path]] = {}
    notes = []
    unreadable = False
    for path in looked_at(files):
        section = section_of(path)
        if section:
            found.setdefault(section, []).append(path)
            continue
        if (ROOT / "notebooks" / path.name).exists():
            continue  # of a home on the hub, where the course's notebooks are too
        try:
            cells(path)
            notes.append(f"{path.name} belongs to no assignment")
        except ValueError as error:
            unreadable = True
            notes.append(f"{path.name} can't be read: {error}")
    chosen = {
        section: max(paths, key=lambda path: answered(path, section))
        for section, paths in found.items()
    }
    for section, paths in found.items():
        others = [path for path in paths if path != chosen[section]]
        notes += [f"{path.name} was not graded: {chosen[section].name} was" for path in others]
    if files[MOST_NOTEBOOKS:]:
        notes.append(f"of {len(files)} notebooks, only the first {MOST_NOTEBOOKS} were looked at")
    if not chosen:
        notes.append("there is no notebook to grade")
    return chosen, notes, unreadable


def grade_student(
    name: str,
    files: list[Path],
    out: Path,
    mode: str,
    seconds: float,
    seed: int | None = None,
    alone: bool = True,
) -> None:
    """Grade all that a student has handed in, and write `name`.json and `name`.html.

    Raises Ungraded, and writes nothing, if that failed for a reason that is not the student's.
    """
    deadline = time.monotonic() + STUDENT_CALLS * seconds
    chosen, notes, unreadable = choose(files)
    notebooks: dict[str, dict] = {}
    kept: list[Sandbox] = []
    try:
        for section, path in sorted(chosen.items()):
            own = notebook("source", section), notebook("release", section)
            notebooks[section] = grade(path, *own, mode, seconds, seed, alone, deadline, kept)
    finally:
        for sandbox in kept:
            sandbox.close()
    chosen_settings = settings(mode, seconds)
    result = {
        "student": shown(name),
        "key": key(files, chosen_settings),
        "settings": chosen_settings,
        "notes": notes,
        "unreadable": unreadable,
        "notebooks": notebooks,
    }
    report.write(name, result, out)
    write_whole(out / "results" / f"{file_name(name)}.json", json.dumps(result, indent=1))


def finished(name: str, files: list[Path], out: Path, chosen: dict | None = None) -> dict | None:
    """Return a student's result if there is one for these files, these tests and these settings.

    Without settings, those with which it was graded are as good as any.
    """
    try:
        result = json.loads((out / "results" / f"{file_name(name)}.json").read_text())
    except (OSError, ValueError):
        return None
    chosen = chosen or result.get("settings")
    return result if result["key"] == key(files, chosen) else None


def write_csv(students: dict[str, list[Path]], out: Path) -> None:
    """Write marks.csv: a line for each student, empty where nothing came in."""
    text = io.StringIO()
    table = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)  # a name can hold any separator
    table.writerow(["student", *SECTIONS, "total"])
    for name, files in students.items():
        result = finished(name, files, out)
        row: list[int | str] = [*[""] * len(SECTIONS), "not graded"]
        if result:
            found = [result["notebooks"].get(section) for section in SECTIONS]
            row = [_cell(graded) for graded in found]
            numbers = [mark for mark in row if isinstance(mark, int)]
            row.append("unreadable" if result["unreadable"] and not numbers else sum(numbers))
        table.writerow([no_formula(shown(name)), *row])
    write_whole(out / "marks.csv", text.getvalue())


def _cell(graded: dict | None) -> int | str:
    if graded is None:
        return ""
    return marks(graded) if graded["readable"] else "unreadable"


def close_to_others(folders: list[Path]) -> None:
    """Let no other user read these: without bubblewrap nothing else keeps the tests secret."""
    for folder in folders:
        if folder.exists():
            folder.chmod(folder.stat().st_mode & 0o700)
            print(f"grade: closed to other users: {folder}")


def run(folder: Path, out: Path, args: argparse.Namespace, what: str) -> list[str]:
    """Grade some students at a time, each by a process of its own. Return who could not be."""
    (out / "results").mkdir(parents=True, exist_ok=True)
    students = slices.part(handed_in(folder, args), args.slice if what == "submissions" else None)
    chosen = settings(args.sandbox, args.seconds)
    todo = [name for name, files in students.items() if not finished(name, files, out, chosen)]
    common = [str(folder), f"--out={out}", f"--sandbox={args.sandbox}", f"--seconds={args.seconds}"]
    common += [f"--lms={args.lms}"] if args.lms and what == "submissions" else []
    commands = {name: [*common, f"--student={name}"] for name in todo}
    longest = 6 * STUDENT_CALLS * args.seconds + 600  # by then it should have ended itself
    among = {name: [*command, "--among-others"] for name, command in commands.items()}
    failed = {}
    bar = tqdm(total=len(students), initial=len(students) - len(todo), desc=what)
    with bar, contextlib.closing(pool.each(among, args.jobs, longest)) as ended:
        for name, ok in ended:
            if not ok:
                failed[name] = commands[name]
            bar.update()
    if args.slice and what == "submissions":
        return list(failed)  # another slice may run on this machine: nobody would be alone
    # One at a time: whoever is ended now has not been ended because of another one
    with contextlib.closing(pool.each(failed, 1, longest)) as ended:
        return [name for name, ok in ended if not ok]


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
            if result := finished(name, files, folder):
                path = out / "results" / f"{file_name(name)}.json"
                write_whole(path, json.dumps(result, indent=1))


def known_of(
    students: dict[str, list[Path]], args: argparse.Namespace
) -> tuple[dict[str, people.Upload], dict[str, dict]]:
    """Return what the students' uploads tell about them, and what was given them by hand."""
    uploads: dict[str, people.Upload] = {}
    for name in find(args.submissions):
        upload = people.upload(name, args.lms)
        late = upload.late or (upload.student in uploads and uploads[upload.student].late)
        uploads[upload.student] = upload._replace(late=late)
    known = {no_formula(shown(name)): name for name in students}  # as it is in our tables
    known.update({shown(name): name for name in students})
    class_list = args.class_list
    for name in students if class_list else []:
        person = class_list.person(shown(name), uploads[name].number)
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
    for name, result in results.items() if args.by_hand or args.merge is not None else []:
        if result:
            report.write(name, result, out, by_hand.get(name))
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


def one_student(args: argparse.Namespace) -> int:
    """Grade one student, in the process that is started for that."""
    limit = GRADER_BYTES, resource.getrlimit(resource.RLIMIT_AS)[1]
    with contextlib.suppress(ValueError):  # there is a lower one
        resource.setrlimit(resource.RLIMIT_AS, limit)
    (args.out / "results").mkdir(parents=True, exist_ok=True)
    files = handed_in(args.submissions, args)[args.student]
    alone = not args.among_others
    try:
        mode = args.sandbox or safest()
        grade_student(args.student, files, args.out, mode, args.seconds, args.seed, alone)
    except Ungraded as error:
        after = "" if alone else ", and is graded again after the others"
        print(f"\ngrade: {shown(args.student)}: {error}{after}", file=sys.stderr)
        return 1
    return 0


def main() -> int:
    """Grade, and return the exit status."""
    parser = argparse.ArgumentParser(prog="grade", description=__doc__)
    parser.add_argument("submissions", type=Path, help="a folder or a notebook for each student")
    parser.add_argument("--out", type=Path, default=Path("grades"), help="where the marks go")
    parser.add_argument("--sandbox", choices=DEFENDED, help="instead of the safest that works")
    parser.add_argument("--seconds", type=float, default=20, help="for a cell or a call")
    parser.add_argument("--jobs", type=int, help="students at a time (as cores and memory allow)")
    parser.add_argument("--slice", type=slices.slice_of, help="I/N: grade each Nth, write no table")
    parser.add_argument(
        "--merge", nargs="*", type=Path, help="grade nobody, write the tables; others' results too"
    )
    parser.add_argument("--class-list", type=Path, help="who is who: see assignments/README.md")
    parser.add_argument("--by-hand", type=Path, help="a table of marks and comments to merge in")
    parser.add_argument("--lms", choices=["canvas", "moodle"], help="whose uploads these are")
    parser.add_argument("--student", help="grade this one alone, and write no table")
    parser.add_argument("--seed", type=int, help="draw the tests' inputs from it, as a page says")
    parser.add_argument("--among-others", action="store_true", help=argparse.SUPPRESS)
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
        return one_student(args)
    if args.merge is not None:
        students = handed_in(args.submissions, args)
        merge(students, [folder.resolve() for folder in args.merge], args.out)
        missing = tell(students, args.out, args)
        for name in missing:
            print(f"grade: {shown(name)} is not graded yet")
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
    secret = [*SECRET, args.submissions, args.out]
    if why := readable(args.sandbox, secret):
        sys.exit(f"grade: {why}: put it somewhere else")
    print(f"grade: each student's code runs behind {holds(args.sandbox)}")
    most, why_most = slices.jobs()
    args.jobs = max(args.jobs, 1) if args.jobs is not None else most
    print(f"grade: {args.jobs} students at a time ({why_most})")
    if args.sandbox == "user":
        args.out.mkdir(parents=True, exist_ok=True)
        close_to_others(secret)
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
        print(f"grade: {shown(name)} could not be graded, start again for the rest")
    if args.slice:
        print(f"grade: slice {args.slice[0]} of {args.slice[1]}; --merge writes the tables")
    else:
        print(f"grade: {args.out / 'marks.csv'}, and a page for each student beside it")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
