"""Run the grader for many students, each in a separate process; then write tables and pages."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

from tqdm import tqdm

from tools.grader import copies, people, pool, report, student, tables
from tools.grader.assignments import ASSIGNMENTS, SECTIONS
from tools.grader.files import write_whole
from tools.grader.handed import find
from tools.grader.limits import STUDENT_CALLS
from tools.grader.results import Result
from tools.grader.student import Job, finished, result_file

Students = dict[str, list[Path]]


def grade_all(students: Students, job: Job, jobs: int, what: str, again: bool = True) -> list[str]:
    """Grade several students at a time; with `again`, retry those that fail. Return who failed."""
    (job.out / "results").mkdir(parents=True, exist_ok=True)
    chosen = job.settings()
    todo = {n: files for n, files in students.items() if not finished(n, files, job.out, chosen)}
    longest = 6 * STUDENT_CALLS * job.seconds + 600  # it should have ended by itself
    among = dataclasses.replace(job, alone=False)
    bar = tqdm(total=len(students), initial=len(students) - len(todo), desc=what)

    def grade(todo: Students, job: Job, jobs: int) -> Generator[tuple[str, bool], None, None]:
        arguments = {name: (name, files, job) for name, files in todo.items()}
        with contextlib.closing(pool.run_all(student.process, arguments, jobs, longest)) as ended:
            for name, ok in ended:
                if ok:
                    write_page(name, job.out)
                yield name, ok

    failed = {}
    with bar, contextlib.closing(grade(todo, among, jobs)) as graded:
        for name, ok in graded:
            bar.update()
            if not ok:
                failed[name] = todo[name]
    # Retry alone: a process that dies now was not killed because of another student
    with contextlib.closing(grade(failed if again else {}, job, 1)) as graded:
        right = [name for name, ok in graded if ok]
    return [name for name in failed if name not in right]


def write_page(name: str, out: Path) -> None:
    """Write the pages of a student with a stored result."""
    report.write(name, Result.from_json(result_file(name, out).read_text()), out)


def check_model_solutions(job: Job, jobs: int) -> None:
    """Exit unless the model solutions get full marks here."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder).resolve()
        models = find(ASSIGNMENTS / "source")
        grade_all(models, dataclasses.replace(job, out=out), jobs, "model solutions")
        files = list(Path(out, "results").glob("*.json"))
        for path in files:
            for graded in Result.from_json(path.read_text()).notebooks.values():
                lost = [f"{test.id}: {test.why}" for test in graded.tests if test.why]
                if lost:
                    sys.exit("\n".join(["grade: the model solutions don't pass here", *lost]))
        if len(files) < len(SECTIONS):
            sys.exit("grade: the model solutions can't be graded here")


def merge(students: Students, folders: list[Path], out: Path) -> None:
    """Copy results from other machines' folders."""
    (out / "results").mkdir(parents=True, exist_ok=True)
    for name, files in students.items():
        if not finished(name, files, out):
            for folder in folders:
                if result := finished(name, files, folder):
                    write_whole(result_file(name, out), result.to_json())


@dataclasses.dataclass
class Class:
    """The students of a run: their files, the class list, and marks by hand."""

    submissions: Path
    lms: str | None = None
    class_list: people.ClassList | None = None
    by_hand: Path | None = None

    @property
    def students(self) -> Students:
        return people.by_student(find(self.submissions), self.lms)

    def entries(self, results: dict[str, Result | None]) -> list[dict]:
        """Return the tables' data about each student. Raises ValueError if a table is wrong."""
        uploads: dict[str, people.Upload] = {}
        for name in find(self.submissions):
            upload = people.upload(name, self.lms)
            late = upload.late or (upload.student in uploads and uploads[upload.student].late)
            uploads[upload.student] = upload._replace(late=late)
        found = tables.entries(results, uploads, self.class_list)
        if self.by_hand:
            tables.add_by_hand(found, self.by_hand)
        return found


def write_reports(about: Class, out: Path, pages: bool) -> list[str]:
    """Write all tables, and with `pages` all pages. Return the students who aren't graded yet."""
    students = about.students
    results = {name: finished(name, files, out) for name, files in students.items()}
    found = about.entries(results)
    for line in tables.write(found, about.class_list, out):
        print(f"grade: {line}")
    done = [result for result in results.values() if result]
    copies.write(done, out / tables.FOLDER)
    for entry in found if pages or about.by_hand else []:
        if result := results.get(entry["key"]):
            report.write(entry["key"], result, out, entry["by_hand"])
    differing = sorted({json.dumps(result.settings, sort_keys=True) for result in done})
    if differing[1:]:
        print("grade: not all were graded with the same settings:", *differing, sep="\n  ")
    return [name for name, result in results.items() if not result]
