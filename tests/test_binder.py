"""Binder can use the repository: repo2docker renders it, without building anything."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.publish.contents import links

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / ".binder" / "Dockerfile").read_text()


@pytest.mark.site
def test_binder_builds_the_dockerfile():
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug"]
    command += ["--user-id=1000", "--user-name=jovyan", str(ROOT)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert DOCKERFILE in run.stdout


def test_the_dockerfile_has_what_binder_needs():
    """It has a user with Binder's uid, the notebooks in the home, and jupyter on PATH."""
    steps = ["ARG NB_UID", "useradd", "--uid $NB_UID", "WORKDIR $HOME", "USER $NB_USER"]
    steps += [
        "FROM system AS students",
        "COPY --from=picked",
        "RUN make install GROUPS=hub",
        "ENV PATH=$HOME/.venv/bin",
    ]
    places = [DOCKERFILE.rfind(step) for step in steps]
    assert -1 not in places
    assert places == sorted(places)
    assert "ENTRYPOINT" not in DOCKERFILE


def test_the_launch_link_opens_the_notebooks(tmp_path):
    (tmp_path / "setup.cfg").write_text("[metadata]\nurl = https://github.com/a/b\n")
    (folder,) = re.findall(r"https://mybinder\.org/v2/gh/a/b/HEAD\?labpath=(\w+)", links(tmp_path))
    assert list((ROOT / folder).glob("*.ipynb"))
