"""The code around the course has a budget, and so have the root's entries."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CODE = {".py", ".sh", ".js", ".html", ".toml"}
LINES = 4600  # non-blank
ENTRIES = 17  # in the root, without .ci/


@pytest.fixture(scope="module")
def tracked():
    """Return the paths that git tracks. An archive without git is skipped."""
    if not (ROOT / ".git").exists():
        pytest.skip("no git repository here")
    listing = subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True)
    return [Path(line) for line in listing.splitlines() if (ROOT / line).exists()]


def test_the_code_around_the_course_stays_within_its_budget(tracked):
    lines = 0
    for path in tracked:
        course = path.parts[0] in ("d2lconv", "docs", "notebooks") or "tests" in path.parts
        if not course and (path.suffix in CODE or path == Path(".ci/run")):
            text = (ROOT / path).read_text()
            lines += sum(bool(line.strip()) for line in text.splitlines())
    assert 2000 < lines <= LINES


def test_the_root_has_few_entries(tracked):
    entries = {path.parts[0] for path in tracked} - {".ci"}
    assert len(entries) <= ENTRIES, sorted(entries)
