"""What grading finds out about a student, as it is stored in results/NAME.json."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Test:
    """What became of one test of ours.

    `answer` is the exercise that it is about; `kind` says in a word what failed; `call` is the last
    call before that. `told`: students may see why, for nothing hidden had been asked before it.
    """

    __test__ = False  # for pytest: it is none of its own

    id: str
    title: str
    points: int
    marks: int
    why: str
    answer: str
    kind: str = ""
    call: str = ""
    told: bool = True


@dataclass
class Written:
    """An answer in words."""

    id: str | None
    text: str


@dataclass
class Graded:
    """What was found out about one notebook.

    `notes` say what happened; `private` are those of them that only the teacher sees. `code` is
    the student's for each exercise, `own` that of all other cells.
    """

    file: str
    readable: bool
    seed: int
    notes: list[str]
    tests: list[Test]
    code: dict[str, str]
    own: str
    written: list[Written]
    private: list[str] = field(default_factory=list)

    @property
    def marks(self) -> int:
        return sum(test.marks for test in self.tests)

    @property
    def points(self) -> int:
        return sum(test.points for test in self.tests)


@dataclass
class Result:
    """What was found out about a student; `key` is a hash of what that depends on."""

    student: str
    key: str
    settings: dict[str, Any]
    notes: list[str]
    unreadable: bool
    notebooks: dict[str, Graded]

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> Result:
        """Undo `to_json`. Raises ValueError, TypeError or KeyError for anything else."""
        content = json.loads(text)
        for section, graded in content["notebooks"].items():
            graded["tests"] = [Test(**test) for test in graded["tests"]]
            graded["written"] = [Written(**answer) for answer in graded["written"]]
            content["notebooks"][section] = Graded(**graded)
        return cls(**content)
