"""Grade a folder of submissions: `python -m assignments.grader FOLDER` (or `make grade`)."""

from __future__ import annotations

import argparse
import contextlib
import csv
import hashlib
import io
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import jinja2
from tqdm import tqdm

from assignments.grader.course import (
    COURSE,
    ROOT,
    SECRET,
    SECTIONS,
    answered,
    cells,
    find,
    looked_at,
    marks,
    notebook,
    points,
    read,
    section_of,
)
from assignments.grader.judge import grade
from assignments.grader.limits import GRADER_BYTES, MOST_NOTEBOOKS, STUDENT_CALLS
from assignments.grader.sandbox import DEFENDED, Ungraded, holds, readable, safest

LONGEST_NAME = 200  # bytes, of a file system's 255


def key(files: list[Path]) -> str:
    """Return a hash of what decides about the marks: the submission, the tests, the grader."""
    own = [notebook(kind, section) for section in SECTIONS for kind in ("source", "release")]
    digest = hashlib.sha256()
    for path in [*own, *sorted(Path(__file__).parent.glob("*.*")), *looked_at(files)]:
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
    name: str, files: list[Path], out: Path, mode: str, seconds: float, alone: bool = True
) -> None:
    """Grade all that a student has handed in, and write `name`.json and `name`.html.

    Raises Ungraded, and writes nothing, if that failed for a reason that is not the student's.
    """
    deadline = time.monotonic() + STUDENT_CALLS * seconds
    chosen, notes, unreadable = choose(files)
    notebooks = {
        section: grade(
            path,
            notebook("source", section),
            notebook("release", section),
            mode,
            seconds,
            alone,
            deadline,
        )
        for section, path in sorted(chosen.items())
    }
    result = {
        "student": shown(name),
        "key": key(files),
        "notes": notes,
        "unreadable": unreadable,
        "notebooks": notebooks,
    }
    template = jinja2.Template(Path(__file__).with_name("page.html").read_text(), autoescape=True)
    page = template.render(result, marks=marks, points=points)
    write_whole(out / f"{file_name(name)}.html", page)
    write_whole(out / "results" / f"{file_name(name)}.json", json.dumps(result, indent=1))


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all, even if the disk is full or this process is killed."""
    part = path.with_name(f".{path.name}.part")
    with open(part, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        file.write(text)
    os.replace(part, path)


def finished(name: str, files: list[Path], out: Path) -> dict | None:
    """Return a student's result if there is one for these files and these tests."""
    try:
        result = json.loads((out / "results" / f"{file_name(name)}.json").read_text())
    except (OSError, ValueError):
        return None
    return result if result["key"] == key(files) else None


def shown(name: str) -> str:
    """Return a student's name as it is written: bytes that are no UTF-8 in hexadecimal."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def file_name(name: str) -> str:
    """Return what a student's files are called: the name, if there can be such files."""
    usable = len(os.fsencode(name)) <= LONGEST_NAME and not re.search(r"^[-.]|-[0-9a-f]{16}$", name)
    if usable and name.isprintable():
        return name
    plain = re.sub(r"[^\w ]+", "_", name, flags=re.ASCII)[:100]
    return f"{plain}-{hashlib.sha256(os.fsencode(name)).hexdigest()[:16]}"


def no_formula(text: str) -> str:
    """Return a text that a spreadsheet shows and doesn't compute."""
    starts = unicodedata.normalize("NFKC", text.lstrip())[:1] in ("=", "+", "-", "@")
    return f"'{text}" if starts else text


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
    """Grade two students at a time, each by a process of its own. Return who could not be."""
    (out / "results").mkdir(parents=True, exist_ok=True)
    students = find(folder)
    todo = [name for name, files in students.items() if not finished(name, files, out)]
    running: set[subprocess.Popen] = set()
    failed = []

    def start(name: str, alone: bool = False) -> bool:
        command = [sys.executable, "-m", "assignments.grader", str(folder), f"--student={name}"]
        command += ["--out", str(out), "--sandbox", args.sandbox, "--seconds", str(args.seconds)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        # A session of its own: Ctrl-C reaches this process alone, which then ends the others
        process = subprocess.Popen(
            [*command, *(["--alone"] if alone else [])],
            cwd=ROOT,
            env=environment,
            start_new_session=True,
        )
        running.add(process)
        try:
            return process.wait(6 * STUDENT_CALLS * args.seconds + 600) == 0
        except subprocess.TimeoutExpired:  # it should have ended itself
            process.kill()
            process.wait()
            return False
        finally:
            running.discard(process)

    done = len(students) - len(todo)
    with ThreadPoolExecutor(2) as pool, tqdm(total=len(students), initial=done, desc=what) as bar:
        jobs = {pool.submit(start, name): name for name in todo}
        try:
            for job in as_completed(jobs):
                if not job.result():
                    failed.append(jobs[job])
                bar.update()
            # One at a time: whoever is ended now has not been ended because of another one
            return [name for name in failed if not pool.submit(start, name, alone=True).result()]
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(running):
                process.terminate()
            raise


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
    files = find(args.submissions)[args.student]
    try:
        grade_student(args.student, files, args.out, args.sandbox, args.seconds, alone=args.alone)
    except Ungraded as error:
        after = "" if args.alone else ", and is graded again after the others"
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
    parser.add_argument("--student", help=argparse.SUPPRESS)
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if not args.submissions.is_dir():
        parser.error(f"submissions must be a folder, got {str(args.submissions)!r}")
    args.submissions, args.out = args.submissions.resolve(), args.out.resolve()
    if args.student:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        return one_student(args)

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
        write_csv(find(args.submissions), args.out)
    for name in failed:
        print(f"grade: {shown(name)} could not be graded, start again for the rest")
    print(f"grade: {args.out / 'marks.csv'}, and a page for each student beside it")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
