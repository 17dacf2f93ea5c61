"""Make a release: set the version, build the wheel and the handout, commit, and tag.

    python tools/publish/release.py VERSION    (or `make release VERSION=1.1.0`)

The changelog must have a heading "Unreleased" above the new changes.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Each file with the version, and a pattern that finds the version
PLACES = {
    "d2lconv/__init__.py": r'(?<=^__version__ = ")[^"]+',
    "CITATION.cff": r"(?<=^version: ).+",
    "docs/changelog.md": r"(?<=^## )Unreleased$",
}


def obstacle(version: str, root: Path = ROOT) -> str | None:
    """Return why this version can't be released, as one line, or None."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        return f"VERSION must be three numbers such as 1.1.0, got {version!r}"
    tag = subprocess.run(["git", "tag", "--list", f"v{version}"], cwd=root, capture_output=True)
    if tag.stdout:
        return f"VERSION must be new, got {version}: the tag v{version} exists"
    status = ["git", "status", "--porcelain"]
    if subprocess.run(status, cwd=root, capture_output=True, check=True).stdout:
        return "commit every change first: see git status"
    if not re.search(PLACES["docs/changelog.md"], (root / "docs/changelog.md").read_text(), re.M):
        return "docs/changelog.md must have a heading '## Unreleased' above the new changes"
    return None


def set_version(version: str, root: Path = ROOT) -> None:
    """Write the version into every file."""
    for name, around in PLACES.items():
        text, count = re.subn(around, version, (root / name).read_text(), flags=re.MULTILINE)
        if count != 1:
            raise ValueError(f"{name} must state the version once, got {count} places")
        (root / name).write_text(text)


def main() -> None:
    """Check, build, commit and tag; print the commands that remain."""
    version = sys.argv[1]
    line = obstacle(version)
    if line:
        sys.exit(f"d2lconv: {line}")
    set_version(version)
    for command in (
        ["make", "wheel"],
        [sys.executable, "tools/publish/handout.py", f"dist/d2lconv-{version}-handout.tar.gz"],
        ["git", "commit", "--quiet", "--all", "--message", f"release: {version}"],
        ["git", "tag", "--annotate", f"v{version}", "--message", f"d2lconv {version}"],
    ):
        if subprocess.run(command, cwd=ROOT).returncode:
            subprocess.run(["git", "checkout", "--quiet", "--", *PLACES], cwd=ROOT)
            sys.exit(f"d2lconv: {shutil.which(command[0])} failed, so nothing was released")
    push = f"git push && git push origin v{version}"
    print(f"d2lconv: released {version} in dist/. Publish it: {push}")


if __name__ == "__main__":
    main()
