"""mxnet-today installs with and without d2lconv, and removing one leaves the other working."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest
import setuptools

ROOT = Path(__file__).parents[3]
# In one group, because they build in the same folders
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("distribution")]
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
SOURCES = {"mxnet-today": ROOT / "tools" / "mxnet_today", "d2lconv": ROOT}


def run(*command: object) -> str:
    """Run a command and return its output."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheels")
    for source in SOURCES.values():
        run(*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, source)
    return {wheel.name.partition("-")[0].replace("_", "-"): wheel for wheel in folder.glob("*.whl")}


@pytest.fixture
def environment(tmp_path):
    """Return a new environment with only setuptools, which builds folders."""
    venv.create(tmp_path / "env", with_pip=False)
    (packages,) = (tmp_path / "env").glob("lib/python*/site-packages")
    ours = Path(setuptools.__file__).parents[1]
    for part in [*ours.glob("setuptools*"), *ours.glob("_distutils_hack")]:
        (packages / part.name).symlink_to(part)
    return tmp_path / "env"


def pip(environment: Path, *arguments: object) -> None:
    """Run pip for an environment without pip."""
    run(*PIP, "--python", environment / "bin" / "python", *arguments)


def install(environment: Path, *what: object) -> None:
    """Install without dependencies, which don't matter here."""
    pip(environment, "install", "--no-deps", "--no-build-isolation", *what)


def found(environment: Path) -> str:
    """Return the path of `mxnet_today` in a new process, and the number of finders."""
    code = (
        "import sys; names = [getattr(f, '__name__', '') for f in sys.meta_path]\n"
        "print(names.count('Finder'), getattr(sys.modules.get('mxnet_today'), '__file__', None))"
    )
    count, path = run(environment / "bin" / "python", "-c", code).split()
    assert count == ("0" if path == "None" else "1")
    return str(Path(path).parent).partition("site-packages/")[2] or path


@pytest.mark.parametrize("first", ["mxnet-today", "d2lconv"])
def test_removing_one_wheel_leaves_the_other_working(environment, wheels, first):
    own, packed = "mxnet_today", "d2lconv/bundled/mxnet_today"
    install(environment, wheels[first])
    assert found(environment) == (packed if first == "d2lconv" else own)
    install(environment, *wheels.values())
    assert found(environment) == own
    pip(environment, "uninstall", "--yes", first)
    assert found(environment) == (own if first == "d2lconv" else packed)
    pip(environment, "uninstall", "--yes", next(name for name in SOURCES if name != first))
    assert found(environment) == "None"
    left = {path.name for path in environment.glob("lib/python*/site-packages/*")}
    assert not [name for name in left if "mxnet" in name or "d2lconv" in name]


@pytest.mark.parametrize("editable", [True, False])
@pytest.mark.parametrize("name", SOURCES)
def test_a_folder_can_be_installed(environment, name, editable):
    install(environment, *["--editable"] * editable, SOURCES[name])
    path = found(environment)
    assert path != "None"
    assert editable == path.startswith(str(ROOT))
    run(environment / "bin" / "python", "-c", "import mxnet_today.generated, mxnet_today.arm")
    pip(environment, "uninstall", "--yes", name)
    assert found(environment) == "None"


def test_the_two_wheels_share_no_file_and_the_same_source(wheels):
    from zipfile import ZipFile

    files = {name: set(ZipFile(wheel).namelist()) for name, wheel in wheels.items()}
    assert not files["mxnet-today"] & files["d2lconv"]
    packed = {name[len("d2lconv/bundled/") :] for name in files["d2lconv"] if "bundled/" in name}
    assert packed == {name for name in files["mxnet-today"] if name.startswith("mxnet_today/")}
    assert {
        f"mxnet_today/{path.name}" for path in (SOURCES["mxnet-today"] / "mxnet_today").glob("*.py")
    } == packed
