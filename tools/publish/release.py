"""Make a release (`make release VERSION=1.1.0`): set the version, build, commit, and tag."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHANGELOG = "docs/changelog.md"
# Each file with the version, and a pattern that finds the version
PLACES = {
    "d2lconv/__init__.py": r'(?<=^__version__ = ")[^"]+',
    "CITATION.cff": r"(?<=^version: ).+",
    CHANGELOG: r"(?<=^## )Unreleased$",
}


def obstacle(version: str, root: Path = ROOT) -> str | None:
    """Return why this version can't be released, as one line, or None."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        return f"VERSION must be three numbers such as 1.1.0, got {version!r}"
    if subprocess.check_output(["git", "tag", "--list", f"v{version}"], cwd=root):
        return f"VERSION must be new, got {version}: the tag v{version} exists"
    if subprocess.check_output(["git", "status", "--porcelain"], cwd=root):
        return "commit every change first: see git status"
    if not re.search(PLACES[CHANGELOG], (root / CHANGELOG).read_text(), re.MULTILINE):
        return f"{CHANGELOG} must have a heading '## Unreleased' above the new changes"
    return None


def set_version(version: str, root: Path = ROOT) -> None:
    """Write the version into every file."""
    for name, pattern in PLACES.items():
        text = (root / name).read_text()
        (root / name).write_text(re.sub(pattern, version, text, flags=re.MULTILINE))


def notes(version: str, root: Path = ROOT) -> str:
    """Return what the changelog says about a version."""
    return re.split(rf"^## {version}$|^## ", (root / CHANGELOG).read_text(), flags=re.M)[1]


def main(version: str) -> None:
    """Check, build, commit and tag; print the commands that remain."""
    if line := obstacle(version):
        sys.exit(f"d2lconv: {line}")
    before = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=ROOT, text=True).strip()
    set_version(version)
    tag = ["git", "tag", "--annotate", "--cleanup=verbatim", f"v{version}"]
    for command in (
        ["make", "wheel"],
        [sys.executable, "tools/publish/handout.py", f"dist/d2lconv-{version}-handout.tar.gz"],
        ["git", "commit", "--quiet", "--all", "--message", f"release: {version}"],
        [*tag, "--message", f"d2lconv {version}\n{notes(version)}"],
    ):
        if subprocess.run(command, cwd=ROOT).returncode:
            subprocess.run(["git", "reset", "--quiet", "--hard", before], cwd=ROOT)
            sys.exit(f"d2lconv: {' '.join(command[:3])} failed, so nothing was released")
    print(f"d2lconv: released {version} in dist/. Publish it: git push --follow-tags && \\")
    print(f"    gh release create v{version} dist/* --notes-from-tag")


if __name__ == "__main__":
    main(sys.argv[1])
