"""The package is light, has no side effects, and is easy to copy."""

from __future__ import annotations

import doctest
import importlib
import inspect
import subprocess
import sys

import pytest
from mxnet import npx

import d2lconv
from d2lconv import conv

# The text's import lines; below them, each helper's source must work by itself.
HEAD = "from mxnet import autograd, np, npx\nfrom mxnet.gluon import nn\n"
X = "np.array([[0, 1, 2], [3, 4, 5], [6, 7, 8]])"
K = "np.array([[0, 1], [2, 3]])"
COPIES = {
    "corr2d": f"assert corr2d({X}, {K}).tolist() == [[19, 25], [37, 43]]",
    "corr2d_loop": f"assert corr2d_loop({X}, {K}).tolist() == [[19, 25], [37, 43]]",
    "Conv2D": f"layer = Conv2D(2); layer.initialize(); layer.weight.set_data({K})\n"
    f"layer.bias.set_data(np.array([1])); assert layer({X}).tolist() == [[20, 26], [38, 44]]",
    "comp_conv2d": f"assert comp_conv2d(nn.Conv2D(1, 2, padding=1), {X}).shape == (4, 4)",
    "conv2d_output_shape": "assert conv2d_output_shape((3, 3), 2, 1, (3, 2)) == (2, 2)",
}
NEEDS = {"Conv2D": ["corr2d"]}


def python(code: str) -> str:
    """Run `code` in a new Python process, and return its output."""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_every_public_name_is_tested_as_a_copy():
    assert set(COPIES) == set(d2lconv.__all__)


@pytest.mark.parametrize("name", sorted(COPIES))
def test_a_helper_works_where_its_source_is_pasted(name):
    sources = [inspect.getsource(getattr(d2lconv, n)) for n in [*NEEDS.get(name, []), name]]
    pasted = {}
    exec("\n\n".join([HEAD, *sources, "npx.set_np()", COPIES[name]]), pasted)
    assert pasted[name] is not getattr(d2lconv, name)


@pytest.mark.parametrize("name", sorted(COPIES))
def test_every_helper_names_its_section(name):
    assert "Section 6." in inspect.getdoc(getattr(d2lconv, name))


@pytest.mark.parametrize("name", sorted(set(COPIES) - {"corr2d_loop"}))  # the text's lines
def test_every_helper_documents_arguments_and_result(name):
    text = inspect.getdoc(getattr(d2lconv, name))
    for part in ("Parameters\n---", "Raises\n---", "ValueError", "TypeError"):
        assert part in text, f"{name} lacks {part!r}"


def test_the_examples_in_the_docstrings_print_what_they_say():
    npx.set_np()
    result = doctest.testmod(conv)
    assert result.attempted >= 2
    assert result.failed == 0


@pytest.mark.slow
def test_without_matplotlib_one_line_says_how_to_install_it():
    code = (
        "import sys\n"
        "class Without:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'matplotlib': raise ModuleNotFoundError(name=name)\n"
        "sys.meta_path.insert(0, Without())\n"
        "try: import d2lconv.draw\n"
        "except ImportError as error: print(error)"
    )
    assert python(code) == "d2lconv.draw needs Matplotlib: pip install d2lconv[draw]"


@pytest.mark.parametrize("name", ["beach", "explorer", "field", "picture", "questions"])
def test_the_notebooks_import_paths_work(name):
    alias = importlib.import_module(f"d2lconv.{name}")
    home = importlib.import_module(f"d2lconv.{'draw' if name == 'picture' else 'course'}.{name}")
    assert alias.__all__
    for public in alias.__all__:
        assert getattr(alias, public) is getattr(home, public)


@pytest.mark.slow
def test_importing_needs_only_mxnet_and_numpy():
    state = (
        "(npx.is_np_array(), npx.is_np_shape(), warnings.filters[:], numpy.get_printoptions(), "
        "numpy.geterr(), numpy.random.get_state()[1].tolist(), dict(os.environ), sys.path[:])"
    )
    code = (
        "import os, sys, warnings, numpy, mxnet; from mxnet import npx\n"
        f"modules, before = set(sys.modules), {state}\n"
        f"import d2lconv; assert {state} == before, 'state'\n"
        "print(sorted(m.split('.')[0] for m in set(sys.modules) - modules))"
    )
    assert set(eval(python(code))) == {"d2lconv"}


@pytest.mark.slow
def test_without_set_np_every_helper_that_needs_it_says_so():
    code = (
        "from d2lconv import *; from mxnet import np, npx; from mxnet.gluon import nn\n"
        "import d2lconv\n"
        "X = np.ones((3, 3))\n"
        "print(conv2d_output_shape((3, 3), 2))\n"
        "layer = nn.Conv2D(1, 2)\n"
        "uses = [(corr2d, (X, X)), (Conv2D, (2,)), (comp_conv2d, (layer, X))]\n"
        "for f, x in uses:\n"
        "    try: f(*x)\n"
        "    except RuntimeError as error: print(error)\n"
    )
    shape, *errors = python(code).splitlines()
    assert shape == "(2, 2)"
    assert [error.split()[0] for error in errors] == ["corr2d", "Conv2D", "comp_conv2d"]
    assert all("call npx.set_np() first" in error for error in errors)
