"""The files around the package agree with each other, and the README tells the truth."""

from __future__ import annotations

import ast
import configparser
import doctest
import importlib.metadata
import json
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import d2lconv

ROOT = Path(__file__).parent.parent


def read_pins(path: str) -> dict[str, Requirement]:
    lines = [line for line in (ROOT / path).read_text().splitlines() if not line.startswith("#")]
    return {pin.name: pin for pin in map(Requirement, lines)}


HALVES = ["3.9-3.11", "3.12-3.14"]  # of the Pythons, each with pins of its own
HALF = HALVES[sys.version_info >= (3, 12)]
PINS = {half: read_pins(f"requirements/{half}.txt") for half in HALVES}
OTHER_PINS = {
    (extra, half): read_pins(f"requirements/{extra}-{half}.txt")
    for extra in ("site", "benchmarks", "scale")
    for half in HALVES
}
UNPINNED = read_pins("requirements/unpinned.txt")  # where we don't take what d2l and MXNet pin
EXTRAS = ["notebooks", "assignments", "test"]  # what `make` installs


def setup():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    return config


def lines_of(extra: str) -> list[Requirement]:
    lines = setup()["options.extras_require"][extra].splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


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


def test_every_pin_is_one_exact_version_without_an_address():
    for pins in (*PINS.values(), *OTHER_PINS.values()):
        for name, pin in pins.items():
            assert pin.url is None
            assert pinned(name, pins)
    packages = json.loads((ROOT / "docs" / "package.json").read_text())["dependencies"]
    assert set(packages) == {"axe-core", "mathjax"}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in packages.values())


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("extra", ["site", "benchmarks", "scale"])
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
    assert '"numpy<2.6"' in (ROOT / "mxnet_today" / "repair.py").read_text()


def test_the_package_needs_mxnet_numpy_and_what_mxnet_imports():
    lines = filter(None, setup()["options"]["install_requires"].splitlines())
    assert {Requirement(line).name for line in lines} == {"mxnet", "numpy", "requests"}


def test_the_environment_of_conda_is_a_python_of_today():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, *others = environment["dependencies"]
    assert others == ["pip", "make"]
    assert python.partition("=")[2] in PYTHONS[-2:]


def test_the_versions_agree():
    changelog = (ROOT / "CHANGELOG.md").read_text()
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
    for target in ("lint", "test", "wheel", "test-grading"):
        assert re.search(rf"^\t\$\(MAKE\) {target}$", made, re.MULTILINE)
    assert "DNNL_MAX_CPU_ISA=SSE41 $(MAKE) test" in made


def test_every_place_that_lists_the_pythons_lists_the_same():
    classifiers = re.findall(r"Python :: (3\.\d+)", setup()["metadata"]["classifiers"])
    assert classifiers == PYTHONS
    makefile = (ROOT / "Makefile").read_text()
    assert (
        re.findall(r"python(3\.\d+)(?= |;)", makefile.split("PYTHON ?=")[1].split("\n")[0])
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
    known = re.findall(r"^(\w+) \?=", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = re.findall(r"\b(?<![$\w])([A-Z_]{2,})=", (ROOT / page).read_text())
    assert named
    assert set(named) <= set(known)


class TestPreflight:
    """`tools/preflight.py` with another machine put in the place of this one."""

    @pytest.fixture
    def obstacle(self, monkeypatch):
        monkeypatch.syspath_prepend(ROOT / "tools")
        import preflight

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
        import preflight

        self.machine("Linux", machine)
        self.here.setattr(preflight, "loads", lambda library: library not in missing)
        assert obstacle().endswith(f"apt install {packages})")

    def test_every_python_can_read_it(self):
        tree = ast.parse((ROOT / "tools" / "preflight.py").read_text())
        assert not any(isinstance(node, ast.JoinedStr) for node in ast.walk(tree))

    def test_it_sees_what_the_system_has(self, obstacle):
        assert self.loads("libc.so.6")
        assert not self.loads("libnothing.so.0")
