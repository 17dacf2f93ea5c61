"""What Binder makes of the repository, from repo2docker itself; nothing is built or fetched."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from repo2docker.buildpacks import CondaBuildPack

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def rendered():
    """Return the Dockerfile that repo2docker writes, and what it says about it."""
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug"]
    command += ["--user-id=1000", "--user-name=jovyan", str(ROOT)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout + run.stderr


def test_binder_takes_python_3_11(rendered):
    assert re.findall(r"conda environment for python=(\S+)", rendered) == ["3.11"]


def test_binder_copies_the_source_before_it_installs_from_it(rendered):
    copy = re.search(r"^COPY .* src/ ", rendered, re.MULTILINE)
    install = re.search(r'env update .* --file "environment.yml"', rendered)
    assert copy.start() < install.start()


def test_binder_installs_the_project_s_pins_and_nothing_else(monkeypatch):
    monkeypatch.chdir(ROOT)
    *conda, pip = CondaBuildPack("any image").environment_yaml["dependencies"]
    assert conda == ["python=3.11", "pip"]
    assert pip == {"pip": ["-r requirements.txt", "-e ."]}


def test_the_readme_s_launch_link_opens_the_notebooks():
    link = r"https://mybinder\.org/v2/gh/OWNER/REPO/HEAD\?labpath=(\w+)"
    for page in ("README.md", "docs/course.md"):
        (path,) = re.findall(link, (ROOT / page).read_text())
        assert list((ROOT / path).glob("*.ipynb"))
