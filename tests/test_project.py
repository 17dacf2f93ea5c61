"""The files around the package agree with each other, and the README tells the truth."""

from __future__ import annotations

import ast
import configparser
import doctest
import importlib.metadata
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import d2lconv
from tools.install import preflight
from tools.publish import address

ROOT = Path(__file__).parent.parent
DOWNLOAD_MB, DISK_MB = preflight.DOWNLOAD_MB, preflight.DISK_MB


def read_pins(path: str) -> dict[str, Requirement]:
    lines = [line for line in (ROOT / path).read_text().splitlines() if not line.startswith("#")]
    return {pin.name: pin for pin in map(Requirement, lines)}


HALVES = ["3.9-3.11", "3.12-3.14"]  # of the Pythons, each with pins of its own
HALF = HALVES[sys.version_info >= (3, 12)]
PINS = {half: read_pins(f"tools/install/pins/{half}.txt") for half in HALVES}
OTHER_PINS = {
    (extra, half): read_pins(f"tools/install/pins/{extra}-{half}.txt")
    for extra in ("site", "benchmarks", "scale", "hub")
    for half in HALVES
}
UNPINNED = read_pins(
    "tools/install/pins/unpinned.txt"
)  # where we don't take what d2l and MXNet pin
EXTRAS = ["notebooks", "assignments", "test"]  # what `make` installs


def setup():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    return config


def lines_of(extra: str) -> list[Requirement]:
    """Return what an extra asks for, and what the package's other extras do that it names."""
    lines = setup()["options.extras_require"][extra].splitlines()
    asked = [Requirement(line) for line in lines if line and not line.startswith("#")]
    own = [line for line in asked if line.name == "d2lconv"]
    named = [line for mine in own for other in sorted(mine.extras) for line in lines_of(other)]
    return [line for line in asked if line not in own] + named


def requirements():
    base = setup()["options"]["install_requires"].splitlines()
    return [*map(Requirement, filter(None, base)), *(line for e in EXTRAS for line in lines_of(e))]


def pinned(name: str, pins: dict[str, Requirement] = PINS[HALF]) -> str:
    (specifier,) = pins[name].specifier
    assert specifier.operator == "=="
    return specifier.version


def python_admits(version: str) -> bool:
    return version in Requirement(f"python{setup()['options']['python_requires']}").specifier


PYTHONS = [f"3.{minor}" for minor in range(30) if python_admits(f"3.{minor}")]


def linked(text: str) -> set[str]:
    """Return the repositories, "owner/name", that a text clones, launches or shows as a site."""
    hosts = r"mybinder\.org/v2/gh/|colab\.research\.google\.com/github/|codespaces\.new/"
    hosts += r"|git clone https://github\.com/"
    sites = {
        "/".join(found) for found in re.findall(r"https://([\w-]+)\.github\.io/([\w.-]+)/", text)
    }
    return sites | set(re.findall(rf"(?:{hosts})([\w-]+/[\w.-]*\w)", text))


def disagreements(root: Path) -> set[str]:
    """Return the repositories that are named beside the one that setup.cfg is set to."""
    own = address.place(address.setting("url", root)).lower()
    texts = [(root / name).read_text() for name in address.FILES]
    found = {place for text in texts for place in linked(text) if place.lower() != own}
    return found | {"OWNER/REPO" for text in texts if "OWNER" in text and own != "owner/repo"}


def test_every_link_names_the_repository_of_the_one_setting():
    assert disagreements(ROOT) == set()
    assert linked((ROOT / "README.md").read_text())
    url, site = address.setting("url"), address.site(address.setting("url"))
    assert f"{site}/" in address.setting("project_urls")
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert (citation["repository-code"], citation["url"]) == (url, f"{site}/")
    assert citation["authors"] == [{"name": address.setting("author")}]


def test_one_command_sets_the_address_everywhere_and_a_forgotten_link_is_found(tmp_path):
    for name in address.FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for place in ("Me/my-course", "you/you.github.io"):
        run = [
            sys.executable,
            ROOT / "tools" / "publish" / "address.py",
            "--root",
            tmp_path,
            "--author=Us two",
        ]
        said = subprocess.check_output([*run, f"https://github.com/{place}"], text=True)
        assert f"url    https://github.com/{place}\nauthor Us two\n" in said
        assert disagreements(tmp_path) == set()
        readme = (tmp_path / "README.md").read_text()
        assert f"git clone https://github.com/{place}" in readme
        assert address.site(f"https://github.com/{place}") in readme
    assert address.site(f"https://github.com/{place}") == "https://you.github.io"
    (tmp_path / "README.md").write_text(readme + "https://mybinder.org/v2/gh/OWNER/REPO/HEAD")
    assert disagreements(tmp_path) == {"OWNER/REPO"}


def test_an_address_that_is_none_is_named():
    run = [sys.executable, ROOT / "tools" / "publish" / "address.py", "https://example.org/me"]
    done = subprocess.run(run, capture_output=True, text=True)
    assert done.returncode == 2
    assert "URL must be https://github.com/owner/name, got 'https://example.org/me'" in done.stderr


def test_every_pin_is_one_exact_version_without_an_address():
    for pins in (*PINS.values(), *OTHER_PINS.values()):
        for name, pin in pins.items():
            assert pin.url is None
            assert pinned(name, pins)
    for folder, names in (
        ("docs", {"axe-core", "katex"}),
        ("tools/hub", {"configurable-http-proxy"}),
    ):
        packages = json.loads((ROOT / folder / "package.json").read_text())["dependencies"]
        assert set(packages) == names
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in packages.values())


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("extra", ["site", "benchmarks", "scale", "hub"])
def test_other_pins_are_what_is_asked_for_and_move_none_of_the_course_s(extra, half):
    pins = OTHER_PINS[extra, half]
    for requirement in lines_of(extra):
        assert requirement.specifier.contains(pinned(requirement.name, pins))
        assert requirement.name not in PINS[half]  # the students' environment does without it
    for name in set(pins) & set(PINS[half]):
        assert pins[name].specifier == PINS[half][name].specifier


@pytest.mark.parametrize("requirement", requirements(), ids=lambda requirement: requirement.name)
@pytest.mark.parametrize("half", HALVES)
def test_setup_cfg_admits_every_pin(requirement, half):
    assert requirement.specifier.contains(pinned(requirement.name, PINS[half]))


def test_what_is_installed_is_what_is_pinned():
    for name, pin in PINS[HALF].items():
        if pin.marker is None or pin.marker.evaluate():
            assert importlib.metadata.version(name) == pinned(name)


def test_pip_finds_no_fault_but_that_d2l_and_mxnet_pin_the_past():
    """They ask for NumPy 1 and its time, which Python 3.12 and later can't have: see `HALVES`."""
    run = subprocess.run(
        [sys.executable, "-m", "pip", "check", "--disable-pip-version-check"],
        capture_output=True,
        text=True,
    )
    faults = re.findall(r"^(\S+) \S+ has requirement ([\w.-]+)", run.stdout, re.MULTILINE)
    assert len(faults) == len([line for line in run.stdout.splitlines() if "No broken" not in line])
    pinning_the_past = {"d2l", "mxnet"} if sys.version_info >= (3, 12) else set()
    assert {package for package, _ in faults} == pinning_the_past
    assert {wanted for _, wanted in faults} <= set(UNPINNED)


def test_the_newest_numpy_is_said_once():
    newest = Requirement(setup()["options"]["install_requires"].split()[-2]).specifier
    assert newest == SpecifierSet(">=1.21,<2.6")
    assert UNPINNED["numpy"].specifier == SpecifierSet(">=2,<2.6")
    assert '"numpy<2.6"' in (ROOT / "tools/mxnet_today/mxnet_today/repair.py").read_text()


def test_the_package_needs_mxnet_numpy_and_what_mxnet_imports():
    lines = filter(None, setup()["options"]["install_requires"].splitlines())
    assert {Requirement(line).name for line in lines} == {"mxnet", "numpy", "requests"}


def test_the_environment_of_conda_is_a_python_of_today():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, *others = environment["dependencies"]
    assert others == ["pip", "make"]
    assert python.partition("=")[2] in PYTHONS[-2:]


def test_the_versions_agree():
    changelog = (ROOT / "docs/changelog.md").read_text()
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert re.search(r"^## (\S+)", changelog, re.MULTILINE)[1] == d2lconv.__version__
    assert citation["version"] == d2lconv.__version__


def test_pre_commit_has_the_pinned_ruff():
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert {pinned("ruff", PINS[half]) for half in HALVES} == {repo["rev"][1:]}


def test_the_workflow_runs_every_python_that_setup_cfg_admits_on_both_processors_every_week():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    matrix = workflow["jobs"]["check"]["strategy"]["matrix"]
    assert matrix["python"] == PYTHONS
    assert matrix["machine"] == ["ubuntu-24.04", "ubuntu-24.04-arm"]
    assert workflow[True]["schedule"]  # YAML reads the key `on` as true


def test_ci_here_and_there_call_the_same_check():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    steps = [step.get("run") for step in workflow["jobs"]["check"]["steps"]]
    assert "SANDBOX=bwrap make check" in steps
    assert "make check" in (ROOT / ".ci" / "run").read_text()
    made = (ROOT / "Makefile").read_text().partition("\ncheck:")[2].partition("\n\n")[0]
    for target in ("lint", "test", "test-slow", "wheel", "test-grading"):
        assert re.search(rf"^\t\$\(MAKE\) {target}$", made, re.MULTILINE)
    assert "DNNL_MAX_CPU_ISA=SSE41 $(MAKE) test" in made


def test_every_place_that_lists_the_pythons_lists_the_same():
    classifiers = re.findall(r"Python :: (3\.\d+)", setup()["metadata"]["classifiers"])
    assert classifiers == PYTHONS
    makefile = (ROOT / "Makefile").read_text()
    assert (
        re.findall(r"python(3\.\d+)(?= |;)", makefile.split("PYTHON :=")[1].split("\n")[0])
        == (PYTHONS[::-1])
    )
    assert "with Python 3.9 to 3.14" in (ROOT / "README.md").read_text()


def test_pyproject_holds_the_build_system_and_the_linters_alone():
    text = (ROOT / "pyproject.toml").read_text()
    sections = re.findall(r"^\[+([\w-]+\.?[\w-]*)", text, re.MULTILINE)
    assert set(sections) == {"build-system", "tool.mypy", "tool.ruff"}


def test_the_readme_s_examples_print_what_they_say(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # one example writes a file
    result = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert result.attempted >= 12
    assert result.failed == 0


def test_the_readme_s_links_lead_somewhere():
    for link in re.findall(r"\]\((?!http)([^)#]+)", (ROOT / "README.md").read_text()):
        assert (ROOT / link).exists(), link


def test_make_alone_lists_its_targets_and_the_readme_s_commands_are_among_them():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = re.findall(r"^make ([\w-]+) ", listed, re.MULTILINE)
    commands = re.findall(r"\bmake ([\w-]+)", (ROOT / "README.md").read_text())
    assert {"lab", "test"} <= set(commands)
    assert set(commands) - {"alone"} <= set(targets)


@pytest.mark.parametrize("page", ["README.md", "assignments/README.md"])
def test_the_variables_of_make_that_a_page_names_are_known_to_make(page):
    known = re.findall(
        r"^(?:ifndef )?(\w+)(?: \?=|$)", (ROOT / "Makefile").read_text(), re.MULTILINE
    )
    named = re.findall(r"\b(?<![$\w])([A-Z_]{2,})=", (ROOT / page).read_text())
    assert named
    assert set(named) <= set(known)


@pytest.mark.slow
def test_the_disk_that_the_install_announces_is_what_it_takes():
    taken = 0
    for name, pin in PINS[HALF].items():
        if pin.marker is None or pin.marker.evaluate():
            package = importlib.metadata.distribution(name)
            paths = map(Path, map(package.locate_file, package.files))
            taken += sum(path.stat().st_size for path in paths if path.is_file())
    assert 0.8 * DISK_MB < taken / 10**6 < 1.1 * DISK_MB


@pytest.mark.parametrize(
    ("stamp", "does"),
    [
        (None, r"-m venv +\S+env$"),  # nothing is there
        ("{here}", r"Nothing to be done"),
        ("/elsewhere/env", r"-m venv --clear \S+env$"),
        ("", r"-m venv --clear \S+env$"),  # of a time when nothing was noted
    ],
)
def test_an_environment_that_was_moved_or_copied_is_made_anew(tmp_path, stamp, does):
    environment = tmp_path / "env"
    if stamp is not None:
        environment.mkdir()
        (environment / "ready").write_text(stamp.format(here=environment))
    run = subprocess.run(
        ["make", "--dry-run", "install", f"VENV={environment}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.search(does, run.stdout, re.MULTILINE), run.stdout


def test_what_an_environment_was_made_with_updates_it_too(tmp_path):
    """Else `make PYTHON=python3.13` and then, after an update, `make` would mix two Pythons."""
    (tmp_path / "python").symlink_to(sys.executable)
    (tmp_path / "pyvenv.cfg").write_text(f"home = {tmp_path}\nexecutable = {tmp_path}/python\n")
    run = ["make", "--dry-run", "install", f"VENV={tmp_path}"]
    # What this run was called with is not handed on: `make test PYTHON=...`
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
    }
    env.pop("PYTHON", None)
    said = subprocess.check_output(run, cwd=ROOT, text=True, env=env)
    assert f"{tmp_path}/python tools/install/preflight.py" in said
    assert f"--requirement tools/install/pins/{HALF}.txt" in said


class TestPreflight:
    """`tools/install/preflight.py` with another machine put in the place of this one."""

    @pytest.fixture
    def obstacle(self, monkeypatch):
        self.here = monkeypatch
        self.machine("Linux", "x86_64")
        self.loads = preflight.loads
        monkeypatch.setattr(preflight, "loads", lambda library: True)
        monkeypatch.setattr(platform, "python_implementation", lambda: "CPython")
        return preflight.obstacle

    def machine(self, system, machine, libc="glibc"):
        self.here.setattr(platform, "system", lambda: system)
        self.here.setattr(platform, "machine", lambda: machine)
        self.here.setattr(platform, "libc_ver", lambda: (libc, ""))

    @pytest.mark.parametrize("version", PYTHONS)
    def test_the_course_s_pythons_pass(self, obstacle, version):
        self.here.setattr(sys, "version_info", tuple(map(int, version.split("."))))
        assert obstacle() is None

    @pytest.mark.parametrize("version", [(3, 8), (3, 15), (2, 7)])
    def test_other_pythons_are_named(self, obstacle, version):
        self.here.setattr(sys, "version_info", version)
        assert "CPython {}.{},".format(*version) in obstacle()
        assert "PYTHON=" in obstacle()

    @pytest.mark.parametrize("machine", [("Linux", "aarch64"), ("Darwin", "x86_64")])
    def test_the_other_wheels_platforms_pass(self, obstacle, machine):
        self.machine(*machine)
        assert obstacle() is None

    @pytest.mark.parametrize(
        "machine",
        [("Darwin", "arm64"), ("Windows", "AMD64"), ("Linux", "armv7l"), ("Linux", "x86_64", "")],
    )
    def test_platforms_without_a_wheel_are_named(self, obstacle, machine):
        self.machine(*machine)
        assert "this is {} {}".format(*machine) in obstacle()
        assert "container" in obstacle()

    @pytest.mark.parametrize("module", ["venv", "ensurepip"])
    def test_a_missing_module_is_named(self, obstacle, module):
        import importlib.util

        found = importlib.util.find_spec
        self.here.setattr(
            importlib.util, "find_spec", lambda name: None if name == module else found(name)
        )
        assert f"no module {module}: install it" in obstacle()
        assert "-venv" in obstacle()

    @pytest.mark.parametrize(
        ("machine", "missing", "packages"),
        [
            ("x86_64", ["libquadmath.so.0"], "libquadmath0"),
            ("x86_64", ["libgomp.so.1", "libquadmath.so.0"], "libgomp1 libquadmath0"),
            ("aarch64", ["libgomp.so.1", "libquadmath.so.0"], "libgomp1"),
        ],
    )
    def test_a_missing_library_is_named_with_its_package(
        self, obstacle, machine, missing, packages
    ):
        self.machine("Linux", machine)
        self.here.setattr(preflight, "loads", lambda library: library not in missing)
        assert obstacle().endswith(f"apt install {packages})")

    @pytest.mark.parametrize("short", [("VENV", DISK_MB), ("TMPDIR", DOWNLOAD_MB)])
    def test_a_disk_with_too_little_room_is_named(self, monkeypatch, tmp_path, short):
        name, needed = short
        place = str(tmp_path if name == "VENV" else tempfile.gettempdir())

        def usage(path):
            free = needed * 10**6 - 1 if str(path) == place else 10**12
            return SimpleNamespace(free=free)

        monkeypatch.setattr(shutil, "disk_usage", usage)
        line = preflight.no_room(str(tmp_path / "env"))
        assert line.startswith(f"{place} has {needed - 1} MB free, and {needed} are needed")
        assert line.endswith(f"take another {name}")
        assert preflight.no_room(str(tmp_path / "not" / "yet" / "there")) == line
        (tmp_path / "env").mkdir()
        assert preflight.no_room(str(tmp_path / "env")) is None

    def test_with_room_enough_it_says_what_will_be_installed(self, obstacle, capsys, tmp_path):
        self.here.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=10**12))
        self.here.setattr(sys, "version_info", (3, 13))
        preflight.main([str(tmp_path / "env")])
        (line,) = capsys.readouterr().out.splitlines()
        assert f"about {DOWNLOAD_MB} MB to download, {DISK_MB} MB on disk" in line

    @pytest.mark.parametrize(
        ("said", "line"),
        [
            (
                "WARNING: Retrying (Retry(total=0)) after connection broken by "
                "'NewConnectionError(...)': /simple/pip/\n"
                "ERROR: Could not find a version that satisfies the requirement pip==26.3\n",
                "pip reaches no package index: is there a network",
            ),
            ("ERROR: [Errno 28] No space left on device\n", "the disk is full: about "),
            ("ERROR: one\nERROR: No matching distribution\nnote\n", "pip fails: No matching"),
            ("Traceback\n", "pip fails: Traceback"),
        ],
    )
    def test_why_pip_fails_is_said_in_one_line(self, obstacle, tmp_path, said, line):
        (tmp_path / "log").write_text(said)
        with pytest.raises(SystemExit) as ended:
            preflight.main(["--why", str(tmp_path / "log")])
        assert str(ended.value).startswith(f"d2lconv: {line}")
        assert "\n" not in str(ended.value)

    def test_every_python_can_read_it(self):
        tree = ast.parse((ROOT / "tools" / "install" / "preflight.py").read_text())
        assert not any(isinstance(node, ast.JoinedStr) for node in ast.walk(tree))

    def test_it_sees_what_the_system_has(self, obstacle):
        assert self.loads("libc.so.6")
        assert not self.loads("libnothing.so.0")
