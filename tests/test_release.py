"""`make release` in a temporary repository."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tools.publish import release

ROOT = Path(__file__).parent.parent
COMMIT = "git -c user.name=a -c user.email=a@b commit --quiet --all --message=one"


@pytest.fixture
def repository(tmp_path):
    for name in release.PLACES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    changelog = tmp_path / "docs" / "changelog.md"
    changelog.write_text("# Changelog\n\n## Unreleased\n\n- news\n\n## 0.9.0\n")
    for command in ("git init --quiet", "git add .", COMMIT, "git tag v0.9.0"):
        subprocess.run(command.split(), cwd=tmp_path, check=True)
    return tmp_path


def test_the_version_is_set_everywhere(repository):
    assert release.obstacle("7.8.9", repository) is None
    release.set_version("7.8.9", repository)
    for name in release.PLACES:
        assert (repository / name).read_text().count("7.8.9") == 1, name
    assert release.notes("7.8.9", repository) == "\n\n- news\n\n"


@pytest.mark.parametrize(
    ("version", "change", "line"),
    [
        ("1.1", "", "VERSION must be three numbers such as 1.1.0, got '1.1'"),
        ("0.9.0", "", "VERSION must be new, got 0.9.0"),
        ("7.8.9", "echo >> CITATION.cff", "commit every change first"),
        (
            "7.8.9",
            "sed -i s/Unreleased/1.0.0/ docs/changelog.md; " + COMMIT,
            "docs/changelog.md must have a heading",
        ),
    ],
)
def test_an_obstacle_is_one_line(repository, version, change, line):
    subprocess.run(["sh", "-c", change], cwd=repository, check=True)
    assert release.obstacle(version, repository).startswith(line)
