"""`make release` in a temporary repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.publish import release

ROOT = Path(__file__).parent.parent
COMMIT = "git commit --quiet --all --message=one"
HOOK = "echo '{0}' > .git/hooks/{1}; chmod +x .git/hooks/{1}"  # of git, which then fails


@pytest.fixture
def repository(tmp_path, monkeypatch):
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "a")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "a@b")
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


@pytest.fixture
def run(repository, monkeypatch):
    """Return a function that makes a release; `make` and the handout only note their arguments."""
    copy = repository / "tools" / "publish" / "release.py"
    copy.parent.mkdir(parents=True)
    shutil.copy(release.__file__, copy)
    copy.with_name("handout.py").write_text("import sys\nprint(*sys.argv[1:])\n")
    (repository / "bin").mkdir()
    (repository / "bin" / "make").write_text('#!/bin/sh\necho make "$@"; test ! -e .git/broken\n')
    (repository / "bin" / "make").chmod(0o755)
    monkeypatch.setenv("PATH", f"{repository / 'bin'}:{os.environ['PATH']}")
    monkeypatch.chdir(repository)
    for command in ("git add .", COMMIT):
        subprocess.run(command.split(), check=True)
    return lambda: subprocess.run([sys.executable, copy, "7.8.9"], capture_output=True, text=True)


def git(*arguments):
    return subprocess.check_output(["git", *arguments], text=True)


def test_a_release_is_built_committed_and_tagged(run):
    told = run()
    assert told.returncode == 0, told.stderr
    built = "make wheel\ndist/d2lconv-7.8.9-handout.tar.gz\nd2lconv: released 7.8.9 in dist/."
    assert told.stdout.startswith(built)
    assert set(git("diff", "--name-only", "HEAD~").split()) == set(release.PLACES)
    assert git("log", "--format=%s %D", "-1").startswith("release: 7.8.9 ")
    said = git("tag", "--list", "--format=%(contents)", "v7.8.9")
    assert said.split() == ["d2lconv", "7.8.9", "-", "news"]
    assert git("rev-parse", "v7.8.9^{}") == git("rev-parse", "HEAD")
    assert not git("status", "--porcelain")


@pytest.mark.parametrize(
    "broken",
    [
        "touch .git/broken",
        "echo 1/0 > tools/publish/handout.py; " + COMMIT,
        HOOK.format("false", "pre-commit"),
        HOOK.format("! grep -q tags", "reference-transaction"),
    ],
)
def test_a_step_that_fails_leaves_everything_as_it_was(run, broken):
    subprocess.run(["sh", "-c", broken], check=True)
    before = git("status", "--porcelain"), git("show-ref")
    told = run()
    assert told.returncode == 1
    assert told.stderr.endswith("failed, so nothing was released\n")
    assert (git("status", "--porcelain"), git("show-ref")) == before
