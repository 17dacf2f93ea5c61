"""Install groups of packages into an environment with uv, or with pip if uv fails.

Each group is a file in pins/ with exact versions, so nothing is resolved. The file `ready` in the
environment lists the installed groups, so that a second run takes no time.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import preflight

UV = "uv==0.13.9"
ROOT = Path(__file__).resolve().parents[2]
PINS = ROOT / "tools" / "install" / "pins"
# pip's settings and their names for uv
SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}


def digest(group: str) -> str:
    """Return a checksum of the files that define a group."""
    files = [PINS / f"{group}.txt"]
    if group == "lab":  # it also installs the course itself
        files += [ROOT / name for name in ("setup.cfg", "pyproject.toml")]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def installed(environment: Path) -> dict[str, str]:
    """Return the checksums of the installed groups; none if the environment was moved or copied."""
    try:
        ready = json.loads((environment / "ready").read_text())
        return ready["groups"] if ready["folder"] == str(environment) else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def uv_settings(listed: str) -> dict[str, str]:
    """Translate the output of `pip config list` to environment variables for uv."""
    found = {"UV_PYTHON_DOWNLOADS": "never", "UV_INDEX_STRATEGY": "unsafe-best-match"}
    for name, value in re.findall(r"\.([a-z-]+)='(.*)'$", listed, re.MULTILINE):
        if name in SETTINGS:
            values = value.replace("\\n", " ").split()
            if name == "find-links":  # uv fails if one is missing
                values = [link for link in values if "://" in link or os.path.exists(link)]
            found[SETTINGS[name]] = ("," if name == "find-links" else " ").join(values)
    return found


class Installer:
    """Run uv and pip in one environment."""

    def __init__(self, environment: Path) -> None:
        self.python = str(environment / "bin" / "python")
        self.uv = str(environment / "bin" / "uv")
        self.bar = sys.stderr.isatty()  # on a terminal, both show progress

    def install(self, *what: str) -> None:
        """Install packages without their dependencies; exit with the reason if that fails."""
        if os.path.exists(self.uv):
            command = [self.python, "-m", "pip", "config", "list"]
            listed = subprocess.run(command, stdout=subprocess.PIPE, text=True).stdout
            command = [self.uv, "pip", "install", "--python", self.python, "--no-deps"]
            command += ["--compile-bytecode", *([] if self.bar else ["--quiet"]), *what]
            error = None if self.bar else subprocess.DEVNULL
            env = {**uv_settings(listed), **os.environ}
            if subprocess.run(command, stderr=error, env=env).returncode == 0:
                return
            say("uv failed; trying pip")
        problem = self.pip(*what)
        if problem:
            sys.exit(f"d2lconv: {preflight.why(problem)}")

    def pip(self, *what: str) -> str:
        """Install packages with pip; return its error message if it fails."""
        command = [self.python, "-m", "pip", "install", "--disable-pip-version-check", "--no-deps"]
        command += [*what] if self.bar else ["--quiet", *what]
        run = subprocess.run(command, stderr=subprocess.PIPE, text=True)
        return run.stderr or "it gives no reason" if run.returncode else ""


def say(line: str) -> None:
    """Print a line immediately."""
    print(f"d2lconv: {line}", flush=True)


def main(folder: str, *groups: str) -> None:
    """Install the missing groups, in their pinned versions."""
    environment = Path(folder).resolve()
    ready = installed(environment)
    missing = {group: digest(group) for group in groups if ready.get(group) != digest(group)}
    if not missing:
        return
    if not ready:
        preflight.check(preflight.no_room(str(environment)))
        size = f"about {preflight.DOWNLOAD_MB} MB to download, {preflight.DISK_MB} MB on disk"
        say(f"making an environment in {folder}: {size}")
        clear = ["--clear"] if (environment / "ready").exists() else []
        subprocess.run([sys.executable, "-m", "venv", *clear, str(environment)], check=True)
    installer = Installer(environment)
    if not os.path.exists(installer.uv):
        problem = installer.pip(UV)
        if preflight.unreachable(problem):  # pip would fail for the same reason
            sys.exit(f"d2lconv: {preflight.why(problem)}")
    for group, checksum in missing.items():
        say(f"installing the group {group}")
        installer.install("--requirement", str(PINS / f"{group}.txt"))
        if group == "lab":
            say("installing the course")
            installer.install("--no-build-isolation", "--editable", str(ROOT))
            prepare(environment)
        ready = {**ready, group: checksum}
        content = {"folder": str(environment), "groups": ready}
        (environment / "ready").write_text(json.dumps(content))
    say(f"installed in {folder}")


def prepare(environment: Path) -> None:
    """Do in advance what would delay or disturb the first notebook."""
    python = str(environment / "bin" / "python")
    if platform.machine() == "aarch64":
        subprocess.run([python, "-m", "mxnet_today.arm"], check=True)
    subprocess.run([python, "-c", "import mxnet, matplotlib.font_manager"], check=True)
    config = environment / "etc" / "ipython" / "ipython_kernel_config.json"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text('{"IPKernelApp": {"log_level": 40}}')  # no warning about TCP at every start
