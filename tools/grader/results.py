"""The result of grading a student, as stored in results/NAME.json."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any


@dataclass
class Test:
    """The result of one test."""

    __test__ = False  # for pytest: not a test class

    id: str
    title: str
    points: int
    marks: int
    why: str
    answer: str  # its exercise
    kind: str = ""  # of failure, for students
    call: str = ""  # the last one before the failure
    told: bool = True  # students may see why: no hidden test ran before it


@dataclass
class Graded:
    """The result of one notebook."""

    readable: bool
    seed: int
    notes: dict[str, bool]  # whether only the teacher sees it
    tests: list[Test]
    code: dict[str, str]  # the student's, for each exercise
    own: str  # the student's code in all other cells
    written: dict[str, str]  # the answers in words; "" for the student's own cells

    @property
    def marks(self) -> int:
        return sum(test.marks for test in self.tests)

    @property
    def points(self) -> int:
        return sum(test.points for test in self.tests)


@dataclass
class Result:
    """The result of a student."""

    student: str
    key: str  # a hash of everything that the result depends on
    settings: dict[str, Any]
    notes: list[str]
    unreadable: bool  # a file that belongs to no notebook
    notebooks: dict[str, Graded]

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> Result:
        """Undo `to_json`. Raises ValueError, TypeError or KeyError for anything else."""
        content = json.loads(text)
        for section, graded in content["notebooks"].items():
            graded["tests"] = [Test(**test) for test in graded["tests"]]
            content["notebooks"][section] = Graded(**graded)
        return cls(**content)
