"""The files around the package agree with each other, and README is true."""

from __future__ import annotations

import configparser
import doctest
import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import preflight
import pytest
import yaml
from packaging.requirements import Requirement

import d2lconv
from tools.publish import address, contents

ROOT = Path(__file__).parent.parent
CONFIG = configparser.ConfigParser()
CONFIG.read(ROOT / "setup.cfg")
GROUPS = {
    path.stem: [Requirement(line) for line in path.read_text().splitlines()]
    for path in (ROOT / "tools" / "install" / "pins").iterdir()
}
INSTALLED = ["lab", "grade", "test"]  # by `make test`
PYTHONS = [
    f"3.{minor}"
    for minor in range(30)
    if f"3.{minor}" in Requirement("python" + CONFIG["options"]["python_requires"]).specifier
]


def asked_for(extra: str) -> list[Requirement]:
    """Return the requirements of an extra, including the extras it names."""
    lines = CONFIG["options.extras_require"][extra].splitlines()
    asked = [Requirement(line) for line in lines if line and not line.startswith("#")]
    named = [other for line in asked if line.name == "d2lconv" for other in line.extras]
    rest = [line for line in asked if line.name != "d2lconv"]
    return rest + [line for other in named for line in asked_for(other)]


def here(group: str) -> dict[str, str]:
    """Return a group's versions for this Python and this machine."""
    fitting = [pin for pin in GROUPS[group] if pin.marker is None or pin.marker.evaluate()]
    return {pin.name: str(pin.specifier)[2:] for pin in fitting}


def linked(text: str) -> set[str]:
    """Return the repositories, "owner/name", in a text's links."""
    hosts = r"mybinder\.org/v2/gh/|colab\.research\.google\.com/github/|codespaces\.new/"
    sites = re.findall(r"https://([\w-]+)\.github\.io/([\w.-]+)/", text)
    return {"/".join(found) for found in sites} | set(
        re.findall(rf"(?:{hosts})([\w-]+/[\w.-]*\w)", text)
    )


def disagreements(root: Path) -> set[str]:
    """Return the repositories in links other than the one in setup.cfg."""
    own = address.place(address.setting("url", root)).lower()
    texts = [(root / name).read_text() for name in [*address.FILES, "README.md"]]
    found = {place for text in texts for place in linked(text) if place.lower() != own}
    return found | {"OWNER/REPO" for text in texts if "OWNER" in text and own != "owner/repo"}


def test_every_link_names_the_repository_in_setup_cfg():
    assert disagreements(ROOT) == set()
    url, site = address.setting("url"), address.site(address.setting("url"))
    assert f"{site}/" in address.setting("project_urls")
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert (citation["repository-code"], citation["url"]) == (url, f"{site}/")
    assert citation["authors"] == [{"name": address.setting("author")}]
    # README has no link to the placeholder
    if url == address.PLACEHOLDER:
        assert linked((ROOT / "README.md").read_text()) == set()


def test_one_command_sets_the_address_everywhere(tmp_path):
    for name in [*address.FILES, "README.md", "notebooks/contents.cfg"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for place in ("Me/my-course", "you/you.github.io"):
        contents.main(f"https://github.com/{place}", tmp_path)
        assert address.setting("url", tmp_path) == f"https://github.com/{place}"
        assert disagreements(tmp_path) == set()
        readme = (tmp_path / "README.md").read_text()
        assert f"https://mybinder.org/v2/gh/{place}/HEAD?labpath=notebooks" in readme
        for path in (ROOT / "notebooks").glob("*.ipynb"):
            assert address.colab(place, path.stem) in readme
        assert address.site(f"https://github.com/{place}") in readme
    assert address.site(f"https://github.com/{place}") == "https://you.github.io"
    (tmp_path / "README.md").write_text(readme + "https://mybinder.org/v2/gh/OWNER/REPO/HEAD")
    assert disagreements(tmp_path) == {"OWNER/REPO"}  # a forgotten link is found


def test_a_malformed_address_is_refused():
    line = "URL must be https://github.com/owner/name, got 'https://example.org/me'"
    with pytest.raises(SystemExit, match=line):
        contents.main("https://example.org/me")


def test_every_pin_is_one_exact_version_without_an_address():
    for pin in [pin for pins in GROUPS.values() for pin in pins]:
        assert pin.url is None
        assert [part.operator for part in pin.specifier] == ["=="]
    for folder in ("docs", "tools/hub"):
        packages = json.loads((ROOT / folder / "package.json").read_text())["dependencies"]
        assert packages
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in packages.values())


@pytest.mark.parametrize("group", GROUPS)
def test_the_pins_satisfy_setup_cfg(group):
    versions = {**here("lab"), **here(group)}
    for wanted in asked_for(group):
        if wanted.marker is None or wanted.marker.evaluate():
            assert wanted.specifier.contains(versions[wanted.name]), wanted
    assert versions.items() >= here("lab").items()  # a group changes nothing in the lab


def test_the_pinned_versions_are_installed():
    for group in INSTALLED:
        for name, version in here(group).items():
            assert importlib.metadata.version(name) == version


def test_pip_check_complains_only_about_d2l_and_mxnet():
    command = [sys.executable, "-m", "pip", "check", "--disable-pip-version-check"]
    said = subprocess.run(command, capture_output=True, text=True).stdout
    lines = said.replace("No broken requirements found.\n", "").splitlines()
    faults = [re.match(r"(\S+) \S+ has requirement", line) for line in lines]
    pinning_the_past = {"d2l", "mxnet"} if sys.version_info >= (3, 12) else {"d2l"}
    assert {fault and fault[1] for fault in faults} == pinning_the_past


def test_the_package_needs_mxnet_numpy_and_what_mxnet_imports():
    lines = CONFIG["options"]["install_requires"].strip().splitlines()
    assert {Requirement(line).name for line in lines} == {"mxnet", "numpy", "requests"}


def test_the_versions_agree():
    changelog = (ROOT / "docs" / "changelog.md").read_text()
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert re.search(r"^## (\d\S+)", changelog, re.MULTILINE)[1] == d2lconv.__version__
    assert citation["version"] == d2lconv.__version__


def test_every_file_lists_the_same_pythons():
    assert re.findall(r"Python :: (3\.\d+)", CONFIG["metadata"]["classifiers"]) == PYTHONS
    makefile = (ROOT / "Makefile").read_text()
    assert re.findall(r" python(3\.\d+)\b(?=[ ;].*do)", makefile) == PYTHONS[::-1]
    assert f"with Python {PYTHONS[0]} to {PYTHONS[-1]}" in (ROOT / "README.md").read_text()
    first = (ROOT / "tools" / "install" / "__main__.py").read_text()
    assert f"CPython {PYTHONS[0]} to {PYTHONS[-1]}" in first
    python, *others = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    assert python.partition("=")[2] in PYTHONS[-2:]
    assert others == ["pip", "make"]
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    assert workflow["jobs"]["check"]["strategy"]["matrix"]["python"] == PYTHONS


def test_the_readme_s_examples_print_what_they_say(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # one example writes a file
    result = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert result.attempted >= 12
    assert result.failed == 0


def test_the_readme_s_links_work():
    for link in re.findall(r"\]\((?!http)([^)#]+)", (ROOT / "README.md").read_text()):
        assert (ROOT / link).exists(), link


def test_the_pages_name_only_commands_and_variables_of_make():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = set(re.findall(r"^make ([\w-]+) ", listed, re.MULTILINE))
    known = set(re.findall(r"\b(\w+)\b", (ROOT / "Makefile").read_text()))
    for page in ("README.md", "assignments/README.md"):
        text = (ROOT / page).read_text()
        assert set(re.findall(r"[`$(]make ([a-z][\w-]+)", text)) <= targets, page
        assert set(re.findall(r"\b(?<![$\w])([A-Z_]{2,})=", text)) <= known, page


@pytest.mark.slow
def test_the_announced_disk_space_is_right():
    taken = 0
    for package in map(importlib.metadata.distribution, here("lab")):
        paths = map(Path, map(package.locate_file, package.files))
        taken += sum(path.stat().st_size for path in paths if path.is_file())
    # The rest is bytecode
    assert 0.7 * preflight.DISK_MB < taken / 10**6 < 0.9 * preflight.DISK_MB
