"""Grade a folder of submissions: `python -m assignments.grader FOLDER` (or `make grade`)."""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tqdm import tqdm

from assignments.grader import report
from assignments.grader.course import (
    COURSE,
    MOST_NOTEBOOKS,
    NOTEBOOK_BYTES,
    ROOT,
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


def key(files: list[Path]) -> str:
    """Return a hash of what decides about the marks: the submission, the tests, the grader."""
    own = [notebook(kind, section) for section in SECTIONS for kind in ("source", "release")]
    digest = hashlib.sha256()
    for path in [*own, *sorted(Path(__file__).parent.glob("*.*")), *looked_at(files)]:
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
    result = {"student": name, "key": key(files), "notes": notes, "notebooks": notebooks}
    report.write(result, out)
    part = out / "results" / f"{name}.part"
    part.write_text(json.dumps(result, indent=1))
    part.replace(part.with_suffix(".json"))  # at once or not at all


def finished(name: str, files: list[Path], out: Path) -> dict | None:
    """Return a student's result if there is one for these files and these tests."""
    try:
        result = json.loads((out / "results" / f"{name}.json").read_text())
    except (OSError, ValueError):
        return None
    return result if result["key"] == key(files) else None


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
    """Grade two students at a time, each by a process of its own. Return who could not be."""
    (out / "results").mkdir(parents=True, exist_ok=True)
    students = find(folder)
    todo = [name for name, files in students.items() if not finished(name, files, out)]
    running: set[subprocess.Popen] = set()
    failed = []

    def start(name: str) -> int:
        command = [sys.executable, "-m", "assignments.grader", str(folder), "--student", name]
        command += ["--out", str(out), "--sandbox", args.sandbox, "--seconds", str(args.seconds)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        # A session of its own: Ctrl-C reaches this process alone, which then ends the others
        process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
        running.add(process)
        return process.wait()

    done = len(students) - len(todo)
    with ThreadPoolExecutor(2) as pool, tqdm(total=len(students), initial=done, desc=what) as bar:
        jobs = {pool.submit(start, name): name for name in todo}
        try:
            for job in as_completed(jobs):
                if job.result() != 0:
                    failed.append(jobs[job])
                bar.update()
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in running:
                process.terminate()
            raise
    return failed


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
    parser.add_argument("--student", help="grade this one alone, and write no table")
    parser.add_argument("--seed", type=int, help="draw the tests' inputs from it, as a page says")
    args = parser.parse_args()
    if not args.submissions.is_dir():
        parser.error(f"submissions must be a folder, got {str(args.submissions)!r}")
    args.submissions, args.out = args.submissions.resolve(), args.out.resolve()
    if args.student:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        files = find(args.submissions)[args.student]
        grade_student(args.student, files, args.out, args.sandbox, args.seconds, args.seed)
        return 0

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
        write_csv(find(args.submissions), args.out)
    for name in failed:
        print(f"grade: {name} could not be graded, start again for the rest")
    print(f"grade: {args.out / 'marks.csv'}, and a page for each student beside it")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
