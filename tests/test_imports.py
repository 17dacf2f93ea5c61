"""Imports load no slow package by accident and nothing that no extra declares."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
# Slow imports; the first two added two seconds to the start of every kernel client
SLOW = {"rfc3987_syntax", "lark", "mxnet", "scipy", "matplotlib", "pandas", "d2l", "torch"}
SLOW |= {"IPython", "jedi", "nbconvert", "nbgrader", "sqlalchemy", "hypothesis", "jupyter_server"}
# One process imports a list of modules in turn. What an earlier one may load, the later may too
LOADED_SLOWLY = [
    {
        "nbformat": set(),
        "jupyter_client": set(),
        "tools.lab.lab": set(),
        "tools.isolation.bwrap": set(),
        "tools.grader.worker": set(),
        "tools.hub.serve": {"jupyter_server"},
        "jupyterlab.labapp": {"jupyter_server"},
    },
    {
        "d2lconv": {"mxnet", "scipy"},
        "d2lconv.questions": {"mxnet", "scipy"},
        "tools.grader.__main__": {"mxnet", "scipy"},
    },
]
IMPORT = """
import importlib, json, sys
loaded = {}
for name in sys.argv[1:]:
    module = importlib.import_module(name)
    if name == "d2lconv.questions":
        module.guess("four outputs")  # asking one loads nothing else either
    loaded[name] = sorted({loaded.split(".")[0] for loaded in sys.modules})
print()
print(json.dumps(loaded))
"""


@pytest.mark.parametrize("allowed", LOADED_SLOWLY, ids=lambda allowed: next(iter(allowed)))
def test_imports_load_no_other_slow_package(allowed):
    command = [sys.executable, "-c", IMPORT, *allowed]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = json.loads(run.stdout.splitlines()[-1])
    assert [*loaded] == [*allowed]
    assert {name: SLOW & {*loaded[name]} - allowed[name] for name in allowed} == {
        name: set() for name in allowed
    }


# Each extra, and the modules that must work with only this extra
MODULES = {
    "": ["d2lconv", "d2lconv.checks", "mxnet_today", "mxnet_today.arm"],
    "draw": ["d2lconv.*", "d2lconv.draw.*", "d2lconv.course.*"],
    "lab": ["tools.lab.lab", "tools.grader.trial", "d2l.mxnet", "scipy"],
    "grade": ["tools.isolation.*", "tools.grader.*"],
    "hub": ["tools.hub.*", "tools.isolation.*"],
}
BLOCK = """
import importlib, json, pkgutil, sys
blocked, patterns = json.loads(sys.argv[1])

class Block:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.split(".")[0] in blocked:
            raise ModuleNotFoundError(f"{name} is in no package that the extra brings", name=name)

sys.meta_path.insert(0, Block)
for pattern in patterns:
    name, _, every = pattern.partition(".*")
    module = importlib.import_module(name)
    found = pkgutil.iter_modules(module.__path__, name + ".") if pattern.endswith(".*") else []
    for info in found:
        if not info.name.endswith((".__main__", ".tests")):
            importlib.import_module(info.name)
"""


def brought(extra: str) -> set[str]:
    """Return the installed packages that d2lconv needs with this extra."""
    todo, seen = [("d2lconv", extra)], set()
    while todo:
        name, extra = todo.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        try:
            requires = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:  # excluded, or for other machines
            continue
        for line in map(Requirement, requires):
            if line.marker is None or line.marker.evaluate({"extra": extra}):
                todo += [(canonical(line.name), wanted) for wanted in ["", *line.extras]]
    return {name for name, _ in seen}


@cache
def owners() -> dict[str, set[str]]:
    """Return the installed packages that each importable name belongs to."""
    found = defaultdict(set)
    for package in importlib.metadata.distributions():
        names = {
            file.parts[0].split(".")[0] for file in package.files or [] if ".." not in file.parts
        }
        for name in names:
            found[name].add(canonical(package.metadata["Name"]))
    return found


def canonical(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


@pytest.mark.slow
@pytest.mark.parametrize("extra", MODULES)
def test_every_module_works_with_only_its_extra(extra):
    # pip refuses d2l and MXNet since Python 3.12 and 3.13, but the environment has them.
    # d2lconv contains mxnet-today. Building that in its folder gives the files a second owner
    allowed = brought(extra) | {"mxnet", "mxnet-today", "d2l", "graphviz"}
    blocked = [name for name, packages in owners().items() if not packages & allowed]
    assert {"hypothesis", "pytest"} <= set(blocked)
    command = [sys.executable, "-c", BLOCK, json.dumps([blocked, MODULES[extra]])]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
