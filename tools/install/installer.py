"""Install groups of packages, pinned in pins/, with uv, or with pip if uv fails."""

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
SETTINGS = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "cert": "SSL_CERT_FILE"}
FULL_MB = 10  # if less is free after a failure, the full disk was the reason
BAR = sys.stderr.isatty()  # on a terminal, uv and pip show progress


def say(line: str) -> None:
    """Print a line immediately."""
    print(f"d2lconv: {line}", flush=True)


def definition(group: str) -> str:
    """Return the text stored with an installed group. If it differs, the group is out of date."""
    course = [ROOT / "setup.cfg", ROOT / "pyproject.toml"] if group == "lab" else []
    return "\n".join(path.read_text() for path in [PINS / f"{group}.txt", *course])


def is_usable(environment: Path) -> bool:
    """Return whether the environment exists and wasn't moved: its programs contain its path."""
    pip = environment / "bin" / "pip"
    return pip.exists() and str(environment / "bin") in pip.read_text()


def uv_settings(listed: str) -> dict[str, str]:
    """Translate the output of `pip config list` to environment variables for uv."""
    found = re.findall(r"\.([a-z-]+)='(.*)'$", listed, re.MULTILINE)
    known = {SETTINGS[k]: value.replace("\\n", " ") for k, value in found if k in SETTINGS}
    return {"UV_INDEX_STRATEGY": "unsafe-best-match", **known}


def pip(python: str, *what: str) -> str:
    """Install packages with pip; return its error message if it fails."""
    command = [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-deps"]
    command += [*what] if BAR else ["--quiet", *what]
    run = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    return run.stderr or "it gives no reason" if run.returncode else ""


def install(python: str, *what: str) -> None:
    """Install packages without their dependencies; exit with the reason if that fails."""
    uv = Path(python).with_name("uv")
    if uv.exists():
        listed = subprocess.check_output([python, "-m", "pip", "config", "list"], text=True)
        command = [str(uv), "pip", "install", "--python", python, "--no-deps", "--compile-bytecode"]
        env = {**uv_settings(listed), **os.environ}
        error = None if BAR else subprocess.DEVNULL
        if subprocess.run([*command, *what], stderr=error, env=env).returncode == 0:
            return
        preflight.check(preflight.no_room(uv, FULL_MB))
        say("uv failed; trying pip")
    problem = pip(python, *what)
    preflight.check(problem and preflight.why(problem))


def main(folder: str, *groups: str) -> None:
    """Install the missing groups, in their pinned versions."""
    environment = Path(folder).resolve()
    new = not is_usable(environment)
    ready = {} if new else {path.stem: path.read_text() for path in environment.glob("*.ready")}
    missing = [group for group in dict.fromkeys(groups) if ready.get(group) != definition(group)]
    if not missing:
        return
    preflight.check(preflight.obstacle())
    python = str(environment / "bin" / "python")
    if new:
        preflight.check(preflight.no_room(environment))
        size = f"about {preflight.DOWNLOAD_MB} MB to download, {preflight.DISK_MB} MB on disk"
        say(f"making an environment in {folder}: {size}")
        clear = ["--clear"] if (environment / "pyvenv.cfg").exists() else []
        command = [sys.executable, "-m", "venv", *clear, str(environment)]
        if subprocess.run(command).returncode:
            problem = preflight.no_room(environment, FULL_MB)
            preflight.check(problem or f"no environment can be made in {folder}: see above")
    if not Path(python).with_name("uv").exists():
        problem = pip(python, UV)
        if new and preflight.unreachable(problem):  # pip would fail for the same reason
            preflight.check(preflight.why(problem))
    for group in missing:
        say(f"installing the group {group}")
        install(python, "--requirement", str(PINS / f"{group}.txt"))
        if group == "lab":
            say("installing the course")
            install(python, "--no-build-isolation", "--editable", str(ROOT))
            prepare(environment)
        (environment / f"{group}.ready").write_text(definition(group))
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
