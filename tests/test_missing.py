"""If pip couldn't install MXNet or d2l, importing them prints the command that does."""

from __future__ import annotations

import subprocess
import sys

import pytest

WITHOUT = """
import sys
from importlib.machinery import PathFinder
import mxnet_today
mxnet_today.install()
find = PathFinder.find_spec
PathFinder.find_spec = lambda name, path=None, target=None: (
    None if name in {hidden} else find(name, path, target))
"""


def run(code: str, *hidden: str) -> str:
    command = [sys.executable, "-c", WITHOUT.format(hidden=hidden) + code]
    return subprocess.run(command, capture_output=True, text=True).stderr.strip()


@pytest.mark.parametrize("import_", ["from mxnet import np", "import mxnet.gluon", "import d2l"])
def test_without_mxnet_the_last_line_is_a_command(import_):
    module, version = ("d2l", "1.0.3") if "d2l" in import_ else ("mxnet", "1.9.1")
    line = run(import_, module).splitlines()[-1]
    advice = f"pip install --no-deps {module}=={version}"
    assert line == f"ModuleNotFoundError: {module} is not installed: {advice}"
    line = run(import_, module, "pip").splitlines()[-1]
    assert line.endswith(f": uv {advice}")


def test_programs_may_check_whether_mxnet_is_installed():
    code = "import importlib.util; assert importlib.util.find_spec('mxnet') is None\n"
    code += "try:\n    import mxnet\nexcept ImportError:\n    pass\n"
    assert run(code, "mxnet") == ""
