"""Try the grader on your own notebook: `python -m tools.grader.trial FILE` (or `make try`).

This reads and runs the notebook as the grader does, with the notebook's own tests.
"""

import sys
import time
from contextlib import closing
from pathlib import Path

from tools.grader.assignments import assignment
from tools.grader.handed import submission
from tools.grader.judge import Limits, grade
from tools.grader.limits import MEMORY_BYTES
from tools.grader.sandbox import Ungraded

SECONDS = 20  # like the grader's


def trial(path: Path) -> list[str]:
    """Return the grader's report on a notebook, line by line."""
    if not path.is_file():
        return [f"{path.name} doesn't exist: save your notebook, and give its name"]
    said = [f"{path.name}, as you saved it at {time.ctime(path.stat().st_mtime)}:"]
    found = submission([path, *sorted(path.parent.glob("*.py"))])
    said += [f"  note: {note}" for note in found.notes]
    for section, handed in found.chosen.items():
        try:
            with closing(Limits("none", SECONDS)) as limits:
                graded = grade(handed, assignment(section, "release"), limits)
        except Ungraded as error:
            return [*said, f"  it could not be tried: {error}"]
        said += [f"  note: {note}" for note in graded.notes]
        for test in graded.tests if graded.readable else []:
            todo = test.why and not graded.code.get(test.answer)
            outcome = f"fails: {test.why}" if test.why else "passes"
            said.append(f"  {test.id}: {'still to do' if todo else outcome}")
    memory = f"{MEMORY_BYTES // 2**30} GiB"
    limit = f"Each statement and each call may compute for {SECONDS} seconds and take {memory}."
    return [*said, "Hidden tests run when your notebook is graded.", limit]


if __name__ == "__main__":
    print(*trial(Path(sys.argv[1]).resolve()), sep="\n")
