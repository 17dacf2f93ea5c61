"""Grade a folder of submissions: `python -m tools.grader run FOLDER` (or `make grade`)."""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
from pathlib import Path

from tools.grader import report, run
from tools.grader.files import display_name
from tools.grader.modes import MODES
from tools.grader.sandbox import Ungraded, describe_limits
from tools.grader.student import Job, attempt, finished
from tools.isolation.bwrap import exposed
from tools.isolation.cgroup import available
from tools.publish.handout import listed

STUDENT_GIB = 2.5  # for a student's code and the process that grades it


def default_jobs() -> tuple[int, str]:
    """Return the number of students that cores and memory allow, and the figures as text."""
    cores = len(os.sched_getaffinity(0))
    free = available() / 2**30
    why = f"{cores} cores, {free:.1f} GiB of memory free, {STUDENT_GIB} for each student"
    return max(1, min(cores, int(free / STUDENT_GIB))), why


def slice_of(text: str) -> slice:
    """Parse I/N, the Ith of N slices: every Nth student, starting at the Ith."""
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    if found and 1 <= int(found[1]) <= int(found[2]):
        return slice(int(found[1]) - 1, None, int(found[2]))
    raise argparse.ArgumentTypeError(f"slice must be I/N with I from 1 to N, got {text!r}")


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="grade", description="Grade submissions in a sandbox.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="run|one|merge")
    many = commands.add_parser("run", help="grade all students, and write tables and pages")
    one = commands.add_parser("one", help="grade one student, without tables")
    merged = commands.add_parser("merge", help="merge results, and write tables and pages")
    for added in (many, one, merged):
        added.add_argument("submissions", type=Path, help="a folder or a file for each student")
        added.add_argument("--out", type=Path, default=Path("grades"), help="folder for the marks")
        added.add_argument("--lms", choices=["canvas", "moodle"], help="the uploads' platform")
        added.add_argument("--class-list", type=Path, help="a table: see assignments/README.md")
    for added in (many, one):
        added.add_argument("--sandbox", choices=MODES, default="bwrap", help="by default bwrap")
        added.add_argument("--seconds", type=float, default=20, help="CPU seconds for a call")
    for added in (many, merged):
        added.add_argument("--by-hand", type=Path, help="a table of marks and comments")
    many.add_argument("--jobs", type=int, help="students at a time (as cores and memory allow)")
    many.add_argument("--slice", type=slice_of, help="I/N: grade every Nth student, without tables")
    one.add_argument("student", help="the name in marks.csv")
    one.add_argument("--seed", type=int, help="the seed on a page, to repeat its inputs")
    merged.add_argument("folders", nargs="*", type=Path, help="folders from other machines")
    parser.set_defaults(by_hand=None, seed=None)
    return parser


def main() -> int:
    """Run the given command, and return the exit status."""
    parser = arguments()
    args = parser.parse_args()
    out = args.out.resolve()
    try:
        if not args.submissions.is_dir():
            raise ValueError(f"submissions must be a folder, got {str(args.submissions)!r}")
        about = run.Class(args.submissions.resolve(), args.lms, args.class_list, args.by_hand)
        if args.command == "one" and args.student not in about.students:
            raise ValueError(f"student must have handed in, got {args.student!r}")
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if args.command == "merge":
        run.merge(about.students, args.folders, out)
        return finish(run.write_reports(about, out), out)
    try:
        isolation = describe_limits(args.sandbox)
    except Ungraded as error:
        sys.exit(
            f"grade: students' code can't be isolated here ({error}).\n"
            "Install bubblewrap and util-linux, or set SANDBOX=none for code that you trust: "
            f"{MODES['none'].about}."
        )
    job = Job(out, args.sandbox, args.seconds, args.seed)
    if args.command == "run":
        print(f"grade: students' code is isolated by {isolation}")
        return grade_class(about, job, args.jobs, args.slice)
    files = about.students[args.student]
    if attempt(args.student, files, job) or not (result := finished(args.student, files, out)):
        return 1
    report.write(args.student, result, out)
    return 0


def finish(failed: list[str], out: Path, tables: bool = True) -> int:
    """Report who couldn't be graded and where the marks are, and return the exit status."""
    for name in failed:
        print(f"grade: {display_name(name)} is not graded yet; start again to retry")
    where = f"{out / 'marks.csv'}, and a page for each student beside it"
    print(f"grade: {where if tables else 'this was a slice; merge writes the tables'}")
    return 1 if failed else 0


def grade_class(about: run.Class, job: Job, jobs: int | None, of: slice | None) -> int:
    """Grade everyone, or a slice, and return 1 if a student could not be graded."""
    for stop in (signal.SIGTERM, signal.SIGHUP):  # like Ctrl-C: stop, and keep the results
        signal.signal(stop, signal.default_int_handler)
    if why := exposed(job.mode, [*listed(never=True), about.submissions, job.out]):
        sys.exit(f"grade: {why}: put it somewhere else")
    most, why_most = default_jobs()
    jobs = max(jobs, 1) if jobs is not None else most
    print(f"grade: {jobs} students at a time ({why_most})", flush=True)
    run.check_model_solutions(job, jobs)
    try:
        # Other slices may run on this machine, so a slice can't grade one student at a time
        students = dict([*about.students.items()][of or slice(None)])
        failed = run.grade_all(students, job, jobs, "submissions", again=of is None)
    except KeyboardInterrupt:
        print("grade: stopped; finished students are kept, start again for the rest")
        return 130
    finally:
        if not of:
            run.write_reports(about, job.out)
    return finish(failed, job.out, tables=not of)


if __name__ == "__main__":
    sys.exit(main())
