"""The files around the package agree with each other, and the README tells the truth."""

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

import d2lconv

ROOT = Path(__file__).parent.parent


def read_pins(path: str) -> "dict[str, Requirement]":
    lines = [line for line in (ROOT / path).read_text().splitlines() if not line.startswith("#")]
    return {pin.name: pin for pin in map(Requirement, lines)}


PINS = read_pins("requirements.txt")
SITE_PINS = read_pins("docs/requirements.txt")
EXTRAS = ["notebooks", "assignments", "test"]  # what `make` installs


def setup():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    return config


def requirements():
    extras = [setup()["options.extras_require"][name] for name in EXTRAS]
    lines = [setup()["options"]["install_requires"], *extras]
    return [Requirement(line) for text in lines for line in text.split("\n") if line]


def pinned(name: str, pins: "dict[str, Requirement]" = PINS) -> str:
    (specifier,) = pins[name].specifier
    assert specifier.operator == "=="
    return specifier.version


def test_the_benchmarks_have_pins_of_their_own_which_no_student_installs():
    extra = setup()["options.extras_require"]["benchmarks"].split()
    pins = (ROOT / "benchmarks" / "requirements.txt").read_text().splitlines()
    assert {Requirement(pin).name for pin in pins} == {Requirement(line).name for line in extra}
    for pin in map(Requirement, pins):
        assert all(specifier.operator == "==" for specifier in pin.specifier)
        assert pin.name not in PINS


def test_every_pin_is_one_exact_version_without_an_address():
    for pins in (PINS, SITE_PINS):
        for name, pin in pins.items():
            assert pin.url is None
            assert pinned(name, pins)
    packages = json.loads((ROOT / "docs" / "package.json").read_text())["dependencies"]
    assert set(packages) == {"axe-core", "mathjax"}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in packages.values())


def test_the_site_s_pins_are_what_it_asks_for_and_move_none_of_the_course_s():
    for name in read_pins("docs/requirements.in"):
        assert name in SITE_PINS
        assert name not in PINS  # the students' environment does without it
    for name in set(SITE_PINS) & set(PINS):
        assert SITE_PINS[name].specifier == PINS[name].specifier


@pytest.mark.parametrize("requirement", requirements(), ids=lambda requirement: requirement.name)
def test_setup_cfg_admits_the_pin_and_the_pin_is_installed(requirement):
    assert requirement.specifier.contains(pinned(requirement.name))
    assert importlib.metadata.version(requirement.name) == pinned(requirement.name)


def test_the_package_needs_mxnet_and_numpy_alone():
    text = setup()["options"]["install_requires"].split()
    assert {Requirement(line).name for line in text} == {"mxnet", "numpy"}


def test_the_environment_of_conda_is_that_of_make():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, section = environment["dependencies"]
    assert pip == "pip"
    assert section == {"pip": ["-r requirements.txt", "-e ."]}
    version = python.partition("=")[2]
    assert Requirement(f"python{setup()['options']['python_requires']}").specifier.contains(version)


def test_the_versions_agree():
    changelog = (ROOT / "CHANGELOG.md").read_text()
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert re.search(r"^## (\S+)", changelog, re.MULTILINE)[1] == d2lconv.__version__
    assert citation["version"] == d2lconv.__version__


def test_pre_commit_has_the_pinned_ruff():
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repo["rev"] == f"v{pinned('ruff')}"


def test_the_workflow_runs_every_python_that_setup_cfg_admits_and_every_week():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    pythons = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    admitted = Requirement(f"python{setup()['options']['python_requires']}").specifier
    assert pythons == [f"3.{minor}" for minor in range(30) if f"3.{minor}" in admitted]
    assert workflow[True]["schedule"]  # YAML reads the key `on` as true


def test_pyproject_holds_the_build_system_alone():
    sections = re.findall(r"^\[(.*)\]", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert sections == ["build-system"]


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
        monkeypatch.setattr(platform, "python_implementation", lambda: "CPython")
        return preflight.obstacle

    def machine(self, system, machine, libc="glibc"):
        self.here.setattr(platform, "system", lambda: system)
        self.here.setattr(platform, "machine", lambda: machine)
        self.here.setattr(platform, "libc_ver", lambda: (libc, ""))

    @pytest.mark.parametrize("minor", [9, 10, 11])
    def test_the_course_s_pythons_pass(self, obstacle, minor):
        self.here.setattr(sys, "version_info", (3, minor))
        assert obstacle() is None

    @pytest.mark.parametrize("version", [(3, 8), (3, 12), (3, 14), (2, 7)])
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
