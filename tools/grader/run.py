"""Run the grader for many students, each in a separate process; then write tables and pages."""

from __future__ import annotations

import dataclasses
import json
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from tqdm import tqdm

from tools.grader import copies, people, pool, report, tables
from tools.grader.assignments import ASSIGNMENTS
from tools.grader.files import write_whole
from tools.grader.handed import find
from tools.grader.limits import STUDENT_CALLS
from tools.grader.results import Result
from tools.grader.student import Job, attempt, finished, result_file

Students = dict[str, list[Path]]


def grade_all(students: Students, job: Job, jobs: int, what: str, again: bool = True) -> list[str]:
    """Grade several students at a time; with `again`, retry those that fail. Return who failed."""
    chosen = job.settings()
    todo = {n: files for n, files in students.items() if not finished(n, files, job.out, chosen)}
    longest = 6 * STUDENT_CALLS * job.seconds + 600  # it should have ended by itself
    with tqdm(total=len(students), initial=len(students) - len(todo), desc=what) as bar:
        # Retry one at a time, so that no other student can be the reason if a process dies
        for alone in (False, True) if again else (False,):
            own = dataclasses.replace(job, alone=alone)
            arguments = {name: (name, files, own) for name, files in todo.items()}
            at_once = 1 if alone else jobs
            with closing(pool.run_all(attempt, arguments, at_once, longest)) as ended:
                for name, ok in ended:
                    bar.update(not alone)
                    if ok:
                        del todo[name]
    return [*todo]


def check_model_solutions(job: Job, jobs: int) -> None:
    """Exit unless the model solutions get full marks here."""
    with tempfile.TemporaryDirectory() as folder:
        own = dataclasses.replace(job, out=Path(folder).resolve())
        lost = grade_all(find(ASSIGNMENTS / "source"), own, jobs, "model solutions")
        for path in own.out.glob("results/*.json"):
            for graded in Result.from_json(path.read_text()).notebooks.values():
                lost += [f"{test.id}: {test.why}" for test in graded.tests if test.why]
    if lost:
        sys.exit("\n".join(["grade: the model solutions don't pass here", *lost]))


def merge(students: Students, folders: list[Path], out: Path) -> None:
    """Copy results from other machines' folders."""
    for name, files in students.items():
        if not finished(name, files, out):
            for folder in folders:
                if result := finished(name, files, folder):
                    write_whole(result_file(name, out), result.to_json())


@dataclasses.dataclass
class Class:
    """A run's students, class list and marks by hand. Raises ValueError if a table is wrong."""

    submissions: Path
    lms: str | None = None
    listed: Path | None = None
    by_hand: Path | None = None

    def __post_init__(self) -> None:
        self.class_list = people.ClassList(self.listed) if self.listed else None
        kind = self.class_list.kind if self.class_list else "own"
        self.uploads = people.uploads(find(self.submissions), self.lms if kind == "own" else kind)
        self.students: Students = {name: upload.files for name, upload in self.uploads.items()}
        self.lines: dict[str, dict] = {}
        listed = self.entries(dict.fromkeys(self.students))
        self.lines = tables.marks_by_hand(listed, self.by_hand) if self.by_hand else {}

    def entries(self, results: dict[str, Result | None]) -> list[tables.Entry]:
        """Return what the tables say about each student."""
        found = tables.entries(results, self.uploads, self.class_list)
        for entry in found:
            entry.by_hand = self.lines.get(entry.key, {})
        return found


def write_reports(about: Class, out: Path) -> list[str]:
    """Write all tables and pages. Return the students who aren't graded yet."""
    results = {name: finished(name, files, out) for name, files in about.students.items()}
    found = about.entries(results)
    for line in tables.write(found, about.class_list, out):
        print(f"grade: {line}")
    done = [result for result in results.values() if result]
    copies.write(done, out / tables.FOLDER)
    for entry in found:
        if entry.result:
            report.write(entry.key, entry.result, out, entry.by_hand)
    differing = sorted({json.dumps(result.settings, sort_keys=True) for result in done})
    if differing[1:]:
        print("grade: not all were graded with the same settings:", *differing, sep="\n  ")
    return [name for name, result in results.items() if not result]
