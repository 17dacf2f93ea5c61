"""`make release` in a temporary repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = ["Makefile", "pyproject.toml", "d2lconv/__init__.py", "CITATION.cff"]
CHANGELOG = "# Changelog\n\n## Unreleased\n\n### Added\n\n- {news}\n\n## 0.9.0\n\n- more\n"
GOAL = ["-o", "assignments", "-o", "with-grade-test", "release"]  # without its prerequisites
BUILD = '#!/bin/sh\necho "$@" > build-args; test ! -e "${0%/*}/broken"\n'
HOOK = "echo '{0}' > .git/hooks/{1}; chmod +x .git/hooks/{1}"  # of git, which then fails


@pytest.fixture
def repository(tmp_path, monkeypatch):
    for name in FILES:
        (tmp_path / "clone" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / "clone" / name)
    monkeypatch.chdir(tmp_path / "clone")
    Path("docs").mkdir()
    Path("docs/changelog.md").write_text(CHANGELOG)
    Path(".gitignore").write_text("build-args\n")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "a")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "a@b")
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message=one")
    git("tag", "v0.9.0")
    return tmp_path


def git(*arguments):
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout


def release(folder, version):
    """Run `make release`. The library builds with a `make` that only notes its arguments."""
    (folder / "make").write_text(BUILD)
    (folder / "make").chmod(0o755)
    command = [shutil.which("make"), *GOAL, f"VERSION={version}", f"VENV={sys.prefix}"]
    path = f"{folder}:{os.environ['PATH']}"
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PATH": path})


def test_a_release_is_built_committed_and_tagged(repository):
    result = release(repository, "7.8.9")
    assert result.returncode == 0, result.stderr
    assert Path("build-args").read_text() == "dist\n"
    files = git("diff", "--name-only", "HEAD~").split()
    assert set(files) == {*FILES, "docs/changelog.md"} - {"Makefile"}
    for name in files:
        assert Path(name).read_text().count("7.8.9") == 1, name
    assert git("log", "--format=%s %D", "-1").startswith("release: 7.8.9 ")
    tag = git("for-each-ref", "--format=%(objecttype) %(contents)", "refs/tags/v7.8.9")
    assert tag == "tag d2lconv 7.8.9\n\n### Added\n\n- {news}\n\n\n"
    assert git("rev-parse", "v7.8.9^{}") == git("rev-parse", "HEAD")
    assert not git("status", "--porcelain")
    assert "gh release create v7.8.9 dist/*" in result.stdout


@pytest.mark.parametrize(
    ("version", "change", "message"),
    [
        ("1.1", "", "VERSION must be three numbers such as 1.1.0, got '1.1'"),
        ("v1.1.0", "", "VERSION must be three numbers such as 1.1.0, got 'v1.1.0'"),
        ("0.9.0", "", "VERSION must be new, got 0.9.0"),
        ("7.8.9", "echo >> CITATION.cff", "commit every change first"),
        ("7.8.9", "touch new", "commit every change first"),
        (
            "7.8.9",
            "sed -i s/Unreleased/1.0.0/ docs/changelog.md; git commit --quiet --all --message=two",
            "Did not find '^## Unreleased$'",
        ),
        ("7.8.9", "touch ../broken", "'make dist' exited with 1"),
        ("7.8.9", HOOK.format("false", "pre-commit"), "nothing was released"),
        ("7.8.9", HOOK.format("! grep -q tags", "reference-transaction"), "nothing was released"),
    ],
)
def test_an_obstacle_is_explained_and_changes_nothing(repository, version, change, message):
    subprocess.run(["sh", "-c", change], check=True)
    before = git("status", "--porcelain"), git("show-ref")
    result = release(repository, version)
    assert result.returncode != 0
    assert message in result.stderr + result.stdout
    assert (git("status", "--porcelain"), git("show-ref")) == before
