"""The repository's statements about mxnet_today are true."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import mxnet_today
import numpy
import pytest
from mxnet_today import repair

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "tools" / "mxnet_today"
PAGE = (ROOT / "docs" / "mxnet.md").read_text()


def test_without_mxnet_d2lconv_says_in_one_line_what_to_type():
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\nimport d2lconv"
    run = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True)
    said = "ImportError: d2lconv needs MXNet: pip install --no-deps mxnet==1.9.1"
    assert run.stderr.splitlines()[-1] == said
    assert "During handling" not in run.stderr


def test_the_files_read_at_the_start_are_recorded():
    """An uninstall removes recorded files."""
    installed = importlib.metadata.distributions(path=[sysconfig.get_path("purelib")])
    (own,) = [d for d in installed if d.metadata["Name"] == "d2lconv"]
    files = {file.name for file in own.files}
    assert {"mxnet_today_d2lconv.pth", "mxnet_today_d2lconv.start"} <= files


@pytest.mark.skipif(not repair.NEEDED, reason="MXNet needs no help on this NumPy and Python")
def test_the_page_lists_every_dropped_name_with_its_version():
    rows = re.findall(r"^\| NumPy ([\d.]+) \| (.*?) \|", PAGE, re.MULTILINE)
    installed = repair.Version(numpy.__version__)
    listed = [names for version, names in rows if repair.Version(version) <= installed]
    assert set(re.findall(r"`([\w.]+)`", " ".join(listed))) == set(repair.dropped())
    assert len(rows) == 3


@pytest.mark.parametrize("table", ["calls.tsv", "upstream.tsv"])
def test_the_page_lists_every_difference_that_remains(table):
    lines = (FOLDER / "tests" / table).read_text().splitlines()
    rows = [(line.split("\t") + ["", "", ""])[:4] for line in lines]
    ran = [row for row in rows if "not run" not in row]
    differ = [row for row in ran if (row[2] if table == "calls.tsv" else row[1] != row[2])]
    assert differ
    for name, _, _, reason in differ:
        assert reason
        assert f"`{name.rpartition('::')[2]}`" in PAGE


def test_the_version_is_in_the_changelog():
    assert f"## {mxnet_today.__version__}\n" in (FOLDER / "CHANGELOG.md").read_text()


def test_no_distribution_requires_mxnet_today_by_name():
    """The name isn't ours in any registry."""
    for path in ROOT.glob("[!.]*/**/*"):
        if path.suffix in {".toml", ".cfg", ".txt", ".yml"} and not (
            {"build", "env"} & {*path.parts} or ".egg-info" in str(path)
        ):
            lines = path.read_text().splitlines()
            assert not [line for line in lines if re.match(r"\s*\"?mxnet[-_]today\b[^=/.]*$", line)]


def test_the_readme_fits_on_a_screen():
    assert len((FOLDER / "README.md").read_text().splitlines()) <= 40
