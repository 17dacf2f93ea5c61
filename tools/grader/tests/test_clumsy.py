"""Honest students with odd habits keep their marks: each notebook is right apart from one habit.

All of them run one after the other in one sandbox, which is as good as new for each.
"""

from __future__ import annotations

import contextlib
import copy
import json
import random
import re
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tools.grader.assignments import assignment
from tools.grader.handed import find, submission
from tools.grader.judge import Limits, grade
from tools.grader.limits import EXTRA_BYTES
from tools.grader.tests.submission import PATIENCE, Submission, best_mode, lost

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("clumsy")]

STUB = (
    "def output_shape(n, k, p, s, rounding):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
)


class Notebook(Submission):
    """A right notebook for 6.3, to which habits are added."""

    def __init__(self) -> None:
        super().__init__("6.3")
        self.extras: dict[str, bytes] = {}

    def text(self, name: str) -> str:
        return "".join(self.cell(name)["source"])

    def above(self, name: str, lines: str) -> Notebook:
        """Insert lines at the start of an answer."""
        return self.answer(name, f"{lines}\n\n{self.text(name)}")

    def below(self, name: str, lines: str) -> Notebook:
        return self.answer(name, f"{self.text(name)}\n\n\n{lines}")

    def within(self, name: str, line: str) -> Notebook:
        """Insert a line into each function of an answer."""
        lines = []
        for each in self.text(name).split("\n"):
            lines += [each] + [f"    {line}"] * each.startswith("def ")
        return self.answer(name, "\n".join(lines))

    def cells_at(self, name: str, *sources: str, after: int = 0) -> Notebook:
        """Insert the student's cells above or below an answer."""
        place = self.cells.index(self.cell(name)) + after
        for number, source in enumerate(sources):
            extra = {"cell_type": "code", "metadata": {}, "source": source, "outputs": []}
            extra.update(execution_count=None, id=f"own-{name}-{after}-{number}")
            self.cells.insert(place + number, extra)
        return self

    def replaced(self, name: str, old: str, new: str) -> Notebook:
        assert old in self.text(name)
        return self.answer(name, self.text(name).replace(old, new))

    def retyped(self, name: str, kind: str, fence: str = "") -> Notebook:
        cell = self.cell(name)
        cell["cell_type"] = kind
        if fence:
            cell["source"] = f"{fence}python\n{self.text(name)}\n{fence}"
        for key in ("outputs", "execution_count"):
            cell.pop(key, None)
        return self

    def moved(self, name: str, to: str) -> Notebook:
        """Move an answer's text to the end of another cell, and leave the stub."""
        text = self.text(name)
        self.cell(to)["source"] = f"{self.text(to)}\n\n\n{text}"
        given = [cell for cell in assignment("6.3").given if cell.id == name]
        return self.answer(name, given[0].source)


def imports(line, name="field", use="math.pi"):
    """Return a habit: an import in a separate cell, below a line that fails only here."""
    return lambda n: n.cells_at("shape", f"{line}\nimport math").within(name, use)


def two_helpers(n):
    n.above("shape", "def helper(x):\n    return x").replaced(
        "shape", "return int(", "return helper(1) * int("
    )
    return n.above("field", "def helper(x):\n    return 2 * x").replaced(
        "field", "return field", "return helper(field) // 2"
    )


def changed_global(n):
    n.above("field", "start = 1").replaced(
        "field", "field, apart = 1, 1", "field, apart = start, 1"
    )
    return n.above("half", "start = 7")


def out_of_order(n):
    """The right helper is below the answer and ran before it; the last cell has another."""
    n.replaced("field", "field, apart = 1, 1", "field, apart = begin(), 1")
    n.cells_at("half", "def begin():\n    return 1").append("def begin():\n    return 9")
    code = [cell for cell in n.cells if cell["cell_type"] == "code"]
    code.sort(key=lambda cell: cell["id"] != "own-half-0-0")
    for number, cell in enumerate(code, 1):
        cell["execution_count"] = number
    return n


def copied(n, source=STUB, after=1):
    extra = copy.deepcopy(n.cell("shape"))
    extra.update(id="copied", source=source)
    n.cells.insert(n.cells.index(n.cell("shape")) + after, extra)
    return n


def new_cell(n, after):
    text = n.text("shape")
    n.answer("shape", STUB)
    return n.cells_at("shape", text, after=after)


def stripped(n):
    for cell in n.cells:
        cell["metadata"] = {}
    return n


def own_module(n):
    n.extras["mine.py"] = b"def start():\n    return 1, 1\n"
    n.above("field", "from mine import start")
    return n.replaced("field", "field, apart = 1, 1", "field, apart = start()")


def large_files(n):
    n.extras.update({f"data{number}.csv": b"1" * EXTRA_BYTES for number in range(15)})
    return own_module(n)


def written_module(n):
    n.cells_at("field", "%%writefile mine.py\ndef start():\n    return 1, 1")
    n.above("field", "import mine")
    return n.replaced("field", "field, apart = 1, 1", "field, apart = mine.start()")


def returns(what):
    def habit(n):
        text = n.text("shape")
        head, _, values = text.rpartition("    return ")
        values = values.partition("\n")[0]  # without the end mark of the solution
        return n.answer("shape", f"{head}    return {what.format(values)}")

    return habit


def every(n, change):
    """Change the text of each answer."""
    for name in ("shape", "same", "bug", "mirror", "field", "half"):
        n.answer(name, change(n.text(name)))
    return n


def indented(n, above, below=""):
    lines = "\n".join(f"    {line}" for line in n.text("field").split("\n"))
    return n.answer("field", f"{above}\n{lines}{below}")


def retyped_elsewhere(n):
    for number, cell in enumerate(n.cells):
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell.update(metadata={}, id=f"new{number}")
    return n


def doubled(n):
    n.content["cells"] = n.cells = n.cells + copy.deepcopy(n.cells)
    return n


def from_colab(n):
    n.cells_at("shape", "!pip install mxnet\n%cd /content\nfrom google.colab import files")
    n.content["metadata"] = {"colab": {}, "kernelspec": {"name": "python3"}}
    for cell in n.cells:
        cell["source"] = "".join(cell["source"]).splitlines(True)
        cell["metadata"] = {"id": cell.pop("id", "x"), "colab": {"base_uri": "x"}}
    return n


def of_2013(n):
    """Save the notebook in version 3 of the format."""
    for cell in n.cells:
        if cell["cell_type"] == "code":
            cell.update(input="".join(cell.pop("source")), language="python", collapsed=False)
            cell.pop("id", None)
    sheet = {"cells": n.cells, "metadata": {}}
    n.content = {
        "metadata": {"name": ""},
        "nbformat": 3,
        "nbformat_minor": 0,
        "worksheets": [sheet],
    }
    return n


FIELD = (
    "{0}\n    field, apart = {1}, {1}\n    for k, s, d in layers:\n"
    "        field = field + (k - 1) * d * apart\n        apart = apart * s\n    return field"
)


def field(head="def receptive_field(layers):", one="1", below=""):
    return lambda n: n.answer("field", FIELD.format(head, one) + below)


POOL = (
    "from concurrent.futures import {0}\n\n\n"
    "def _one(layer):\n    return (layer[0] - 1) * layer[2]\n\n\n"
    "def receptive_field(layers):\n"
    "    with {0}() as pool:\n        sizes = list(pool.map(_one, layers))\n"
    "    field, apart = 1, 1\n"
    "    for size, (k, s, d) in zip(sizes, layers):\n"
    "        field += size * apart\n        apart *= s\n    return field"
)
THREADS = (
    "def is_right(layer):\n    import threading\n    found = []\n"
    "    def work():\n        npx.set_np()  # which holds for one thread, in a notebook too\n"
    "        found.append(_is_right(layer))\n\n"
    "    thread = threading.Thread(target=work)\n"
    "    thread.start()\n    thread.join()\n    return found[0]"
)
CARELESS = "x = 1 / 0\nundefined_name\nopen('/content/drive/data.txt')"

HABITS = {
    "nothing": lambda n: n,
    # Magics, at the start of an answer or in a cell of imports
    **{
        f"{magic} in an answer": lambda n, magic=magic: n.above("field", magic)
        for magic in (
            "%matplotlib inline",
            "%matplotlib notebook",
            "%matplotlib widget",
            "%matplotlib",
            "%config InlineBackend.figure_format = 'svg'",
            "%load_ext autoreload\n%autoreload 2",
            "%load_ext nb_black",
            "%autosave 30",
            "%cd /content/drive",
            "%pip install tqdm",
            "!pip install tqdm",
            "!conda install -y numpy",
            "!ls",
            "%env X=1",
            "%nonsense",
            "%debug",
            "%who",
            "?print",
        )
    },
    **{
        f"imports below {line}": imports(line)
        for line in (
            "%matplotlib widget",
            "%pylab inline\nfrom mxnet import np",  # in a kernel, too, np is NumPy below %pylab
            "from numpy import *\nfrom mxnet import np",
            "from google.colab import drive\ndrive.mount('/content/drive')",
            "import tensorflow",
            "%cd ~/course",
            "import os\nos.chdir('/content')",
            "%autosave 0",
            "!conda list",
            "input('ready?')",
            "1 / 0",
        )
    },
    "%%time": lambda n: n.answer("shape", f"%%time\n{n.text('shape')}"),
    "%%time above a failing line": lambda n: n.answer("shape", f"%%time\n1 / 0\n{n.text('shape')}"),
    "%%capture": lambda n: n.answer("shape", f"%%capture\n{n.text('shape')}"),
    "an import in the setup": lambda n: n.answer("setup", f"import math\n{n.text('setup')}").within(
        "field", "math.pi"
    ),
    "an import in a test's cell": lambda n: n.answer(
        "shape-visible", f"import math\n{n.text('shape-visible')}"
    ).within("field", "math.pi"),
    # Code that waits for a person
    "input above": lambda n: n.above("shape", "size = int(input('size? '))"),
    "input inside": lambda n: n.within("shape", "input('go on?')"),
    "a number by input inside": lambda n: n.within("shape", "_ = int(input('k? '))"),
    "breakpoint inside": lambda n: n.within("shape", "breakpoint()"),
    "another shell inside": lambda n: n.within(
        "shape", "import IPython, code; IPython.embed(); code.interact()"
    ),
    "pdb inside": lambda n: n.within("shape", "import pdb; pdb.set_trace()"),
    "IPython's set_trace": lambda n: n.within(
        "shape", "from IPython.core.debugger import set_trace; set_trace()"
    ),
    "getpass": lambda n: n.above("shape", "from getpass import getpass\ngetpass()"),
    # Experiments
    "failing lines above": lambda n: n.above("shape", CARELESS),
    "failing lines below": lambda n: n.below("shape", CARELESS),
    "an experiment that is slow": lambda n: n.below("shape", "while True:\n    pass"),
    "an experiment above that is slow": lambda n: n.above("shape", "while True:\n    pass"),
    "an experiment that sleeps": lambda n: n.above("shape", "import time\ntime.sleep(99)"),
    "an experiment that fills the memory": lambda n: n.above(
        "shape", "hog = []\nwhile True:\n    hog.append(bytearray(10**8))"
    ),
    "sys.exit in the middle": lambda n: n.above("shape", "import sys\nsys.exit()"),
    "exit() in the middle": lambda n: n.above("shape", "exit()"),
    "os._exit in the middle": lambda n: n.above("shape", "import os\nos._exit(1)"),
    "a failing class, and a loop": lambda n: n.above(
        "shape", "class A(Missing):\n    pass\n\n\nfor i in range(3):\n    print(missing[i])"
    ),
    "await": lambda n: n.above("field", "import asyncio\nawait asyncio.sleep(0)"),
    "display and tqdm": lambda n: n.above(
        "field", "display('x')\nfrom tqdm.notebook import tqdm\nfor _ in tqdm(range(2)):\n    pass"
    ),
    "a plot": lambda n: n.above(
        "field", "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()"
    ),
    "the kernel": lambda n: n.above(
        "field", "assert get_ipython().__class__.__name__ == 'ZMQInteractiveShell'\nseen = 1"
    ).replaced("field", "field, apart = 1, 1", "field, apart = seen, 1"),
    # Names in the notebook's given cells
    "draw inside": lambda n: n.within("half", "draw.heatmap"),
    "a picture's X inside": lambda n: n.within("field", "odd.shape"),
    "a test called inside an answer's cell": lambda n: n.below("field", "test_shape()"),
    # Where answers are
    "a stub below in a copy": copied,
    "a wrong copy above": lambda n: copied(n, STUB.replace("raise NotImpl", "return n #"), 0),
    "a stub below in the same cell": lambda n: n.below("shape", STUB),
    "a stub above in the same cell": lambda n: n.above("shape", STUB),
    "a new cell above the stub": lambda n: new_cell(n, 0),
    "a new cell below the stub": lambda n: new_cell(n, 1),
    "merged into a test's cell": lambda n: n.moved("shape", "shape-visible"),
    "merged into another answer": lambda n: n.moved("shape", "same"),
    "merged into the setup": lambda n: n.moved("shape", "setup"),
    "moved to the end": lambda n: n.append(n.text("shape")).answer("shape", STUB),
    "split in two": lambda n: n.cells_at("field", "first = 1").replaced(
        "field", "field, apart = 1, 1", "field, apart = first, 1"
    ),
    "a Markdown cell": lambda n: n.retyped("shape", "markdown"),
    "a Markdown cell with a fence": lambda n: n.retyped("shape", "markdown", "```"),
    "a raw cell": lambda n: n.retyped("shape", "raw"),
    "no metadata": stripped,
    "a lambda": lambda n: n.answer(
        "field",
        n.text("field").replace("receptive_field", "_f")
        + "\n\n\nreceptive_field = lambda l: _f(l)",
    ),
    "a decorator": lambda n: n.replaced(
        "field", "def receptive", "import functools\n\n\n@functools.wraps(print)\ndef receptive"
    ),
    "the student's NotImplementedError": lambda n: n.above(
        "shape", "raise NotImplementedError('later')"
    ),
    # States
    "the same helper's name": two_helpers,
    "a global changed later": changed_global,
    "a helper at the end": lambda n: n.append("def begin():\n    return 1").replaced(
        "field", "field, apart = 1, 1", "field, apart = begin(), 1"
    ),
    "cells run out of order": out_of_order,
    "X deleted later": lambda n: n.append("del np, numpy, d2lconv, whole"),
    "names shadowed later": lambda n: n.append("np = None\nwhole = None\nprint = None"),
    "%reset at the end": lambda n: n.append("%reset -f"),
    # Modules
    "a module beside the notebook": own_module,
    "large files beside the notebook": large_files,
    "a module by %%writefile": written_module,
    # Results of functions
    "a list": returns("list(({}))"),
    "a generator": returns("(each for each in ({}))"),
    "map": returns("map(int, ({}))"),
    "dict values": returns("dict(enumerate(({}))).values()"),
    "a named tuple": lambda n: returns("Pair(*({}))")(
        n.above("shape", "from collections import namedtuple\nPair = namedtuple('Pair', 'h w')")
    ),
    "fractions": lambda n: returns("tuple(map(Fraction, ({})))")(
        n.above("shape", "from fractions import Fraction")
    ),
    "NumPy's array": returns("numpy.array(({}))"),
    "an array of objects": returns("numpy.array(({}), dtype=object)"),
    "MXNet's array": returns("np.array(({}))"),
    "a zero-dimensional array": field(one="np.array(1)"),
    "an array of one number": field(one="np.array([1])"),
    "NumPy's integer": field(one="numpy.int64(1)"),
    "Decimal": field("from decimal import Decimal\ndef receptive_field(layers):", "Decimal(1)"),
    "a generator of generators": lambda n: n.answer(
        "same",
        n.text("same").replace("same_padding", "_same")
        + "\n\n\ndef same_padding(*a):\n    yield from ((x for x in pair) for pair in _same(*a))",
    ),
    # Kinds of functions
    "an object that can be called": field(
        "class Field:\n  def __call__(self, layers):", below="\n\n\nreceptive_field = Field()"
    ),
    "a static method": field(
        "class My:\n  @staticmethod\n  def rf(layers):", below="\n\n\nreceptive_field = My.rf"
    ),
    "default arguments": field("def receptive_field(layers, show=True, *more, **others):"),
    "a cache": field(
        "import functools\n@functools.lru_cache\ndef _rf(layers):",
        below=("\n\n\ndef receptive_field(layers):\n    return _rf(tuple(map(tuple, layers)))"),
    ),
    "recursion": lambda n: n.answer(
        "field",
        "def receptive_field(layers):\n    if not layers:\n        return 1\n"
        "    k, s, d = layers[0]\n"
        "    return (k - 1) * d + (receptive_field(layers[1:]) - 1) * s + 1",
    ),
    "code in a text": lambda n: n.answer("field", f"exec({n.text('field')!r})"),
    "an answer below if": lambda n: indented(n, "if True:"),
    "an answer below try": lambda n: indented(n, "try:", "\nexcept NameError:\n    pass"),
    "its own result in its name": lambda n: n.append("receptive_field = receptive_field([])"),
    # Layout
    "tabs": lambda n: every(n, lambda text: text.replace("    ", "\t")),
    "Windows line ends": lambda n: every(n, lambda text: text.replace("\n", "\r\n")),
    "old Mac line ends": lambda n: every(
        n, lambda text: f"%matplotlib inline\nimport math\n{text}".replace("\n", "\r")
    ),
    "spaces, form feeds, odd line ends": lambda n: every(
        n, lambda text: "# a\u2028b\x85c\n" + text.replace("\n", "  \n\n") + "\n\x0c\n"
    ),
    "two statements in a line": lambda n: n.above("field", "a = 1; b = '''x\ny'''; print(b)"),
    "pasted prompts": lambda n: n.answer("field", ">>> " + n.text("field").replace("\n", "\n... ")),
    "a cell of Python 2": lambda n: n.cells_at("field", "print 'hello'", "```", "???"),
    # Names and settings
    "from mxnet import *": lambda n: n.above("field", "from mxnet import *\nfrom math import *"),
    "names of Python's functions": lambda n: n.above("field", "list = [1, 2, 3]\nsum = 0"),
    "names of Python's functions below": lambda n: n.append("len = max = int = range = sum = 3"),
    "a module that a given cell imports": lambda n: n.within(
        "shape", "import d2lconv; d2lconv.draw.heatmap"
    ),
    "np as NumPy below": lambda n: n.append("import numpy as np"),
    "warnings as errors": lambda n: n.above(
        "field", "import warnings\nwarnings.simplefilter('error')"
    ),
    "the standard output": lambda n: n.above(
        "field",
        "import sys\nsys.stdout.buffer.write(b'x')\nsys.stdout.flush()\nsys.stdout.encoding",
    ),
    "unittest.main": lambda n: n.below("field", "import unittest\nunittest.main(argv=[''])"),
    # Programs that saved the file
    "answers retyped in other cells": retyped_elsewhere,
    "all cells doubled": doubled,
    "Colab": from_colab,
    "a notebook of 2013": of_2013,
    "Colab, its own result in its name": lambda n: from_colab(
        n.append("receptive_field = receptive_field([])")
    ),
    # Threads and processes
    "a thread": lambda n: n.answer(
        "bug", n.text("bug").replace("is_right", "_is_right") + "\n\n\n" + THREADS
    ),
    "a pool of threads": lambda n: n.answer("field", POOL.format("ThreadPoolExecutor")),
    "a pool of processes": lambda n: n.answer("field", POOL.format("ProcessPoolExecutor")),
    "the cell that tries the grader": lambda n: n.append("try_grader('mine.ipynb')"),
}


@pytest.fixture(scope="module")
def kept():
    sandboxes: list = []
    yield sandboxes
    for sandbox in sandboxes:
        sandbox.close()


def graded(notebook, folder, kept, seconds=PATIENCE):
    notebook.write(folder / "me" / "6.3.ipynb")
    for name, data in notebook.extras.items():
        (folder / "me" / name).write_bytes(data)
    found = submission(find(folder)["me"])
    limits = Limits(best_mode(), seconds, kept=kept)
    return grade(found.chosen["6.3"], assignment("6.3"), limits)


@pytest.mark.parametrize("habit", HABITS)
def test_a_habit_costs_no_marks(tmp_path, kept, habit):
    if "processes" in habit and best_mode() != "bwrap":
        pytest.skip("the locks of a pool are limited to the sandbox's folder only there")
    if "processes" in habit and sys.version_info >= (3, 14):
        pytest.skip("Python's fork server can't see a notebook's functions, in a kernel either")
    seconds = 5 if "slow" in habit or "sleeps" in habit else PATIENCE
    found = graded(HABITS[habit](Notebook()), tmp_path, kept, seconds)
    assert lost(found) == set(), [found.notes, [test.why for test in found.tests if test.why]]


def both(first: str, second: str) -> Notebook:
    return HABITS[second](HABITS[first](Notebook()))


def pairs(number: int) -> list[tuple[str, ...]]:
    """Draw pairs of habits that a notebook can have at once; always the same ones."""
    # A kernel has no limits and no terminal, and its tests are found by their ids
    without = re.compile("memory|slow|sleep|endless|input|inside|doubled|2013|Colab")
    names = [name for name in HABITS if not without.search(name)]
    draw, found = random.Random(0), []
    while len(found) < number:
        pair = tuple(draw.sample(names, 2))
        with contextlib.suppress(AssertionError, KeyError, ValueError):
            both(*pair)
            found.append(pair)
    return found


def passing(notebook: Notebook, folder: Path) -> set[str]:
    """Return the visible tests that pass if a kernel runs all cells in order."""
    folder.mkdir()
    for name, data in notebook.extras.items():
        (folder / name).write_bytes(data)
    run = nbformat.reads(json.dumps(notebook.content), 4)
    place = {"metadata": {"path": folder}}
    NotebookClient(run, timeout=120, allow_errors=True, resources=place).execute()
    fails: dict[str, bool] = {}
    for cell in filter(lambda cell: cell.cell_type == "code", run.cells):
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        failed = any(output.output_type == "error" for output in cell.outputs)
        fails[name] = fails.get(name, False) or failed
    return {name for name, failed in fails.items() if name.endswith("-visible") and not failed}


@pytest.mark.parametrize("habits", pairs(8), ids=" and ".join)
def test_what_passes_in_a_kernel_passes_in_the_grader(tmp_path, kept, habits):
    notebook = both(*habits)
    passes = passing(notebook, tmp_path / "own")
    assert passes
    found = graded(notebook, tmp_path / "in", kept)
    assert {test.id: test.why for test in found.tests if test.id in passes and test.why} == {}


FILES = {
    "6.3.ipynb.txt": None,
    "6.3.ipynb.json": None,
    "6.3.json": None,
    "6.3.IPYNB": None,
    "6.3 (1).ipynb": None,
    "6.3.ipynb (1)": None,
    "Untitled7.ipynb": None,
}


@pytest.mark.parametrize("name", [*FILES, "6.3.zip", "6.3.py", "flat"])
def test_a_notebook_is_found_under_any_name(tmp_path, name):
    notebook, folder = Notebook(), tmp_path / "in" / "me"
    folder.mkdir(parents=True)
    if name == "6.3.zip":
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr("6.3/6.3.ipynb", json.dumps(notebook.content))
    elif name == "6.3.py":
        code = [c for c in notebook.cells if c["cell_type"] == "code"]
        (folder / name).write_text("\n# In[ ]:\n".join("".join(c["source"]) for c in code))
    elif name == "flat":
        notebook.write(tmp_path / "in" / "you.ipynb.txt")
        folder = tmp_path / "in" / "you"
    else:
        (stripped(notebook) if name.startswith("Untitled") else notebook).write(folder / name)
    found = submission(find(tmp_path / "in")[folder.name])
    assert set(found.chosen) == {"6.3"}, found.notes
    assert not found.unreadable


def test_large_outputs_are_accepted(tmp_path):
    notebook = Notebook()
    picture = {"image/png": "A" * (25 * 2**20), "text/plain": ""}
    output = {"output_type": "display_data", "metadata": {}, "data": picture}
    notebook.cells[1]["outputs"] = [output]
    notebook.write(tmp_path / "me.ipynb")
    assert set(submission(find(tmp_path)["me"]).chosen) == {"6.3"}


@pytest.mark.parametrize("name", ["answers.pdf", "6.3.docx", "notes.html", "6.3.rar"])
def test_other_files_are_unreadable_and_not_a_zero(tmp_path, name):
    (tmp_path / "me").mkdir()
    (tmp_path / "me" / name).write_bytes(b"%PDF")
    (tmp_path / name).write_bytes(b"%PDF")
    assert len(find(tmp_path)) == 2
    for files in find(tmp_path).values():
        found = submission(files)
        assert found.unreadable
        assert f"{name} is not a notebook" in found.notes


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("6.3.ipynb", "6.3 (1).ipynb"),
        ("6.3 (2).ipynb", "6.3 (10).ipynb"),
        ("6.3.ipynb", "6.3-Copy1.ipynb"),
        ("ann_12_100_6.3.ipynb", "ann_12_205_6.3-1.ipynb"),
    ],
)
@pytest.mark.parametrize("empty", [False, True])
def test_the_latest_version_with_any_answer_counts(tmp_path, first, second, empty):
    Notebook().answer("shape", "def output_shape(*args):\n    return 1").write(tmp_path / first)
    Submission("6.3", solved=not empty).write(tmp_path / second)
    found = submission(sorted(tmp_path.iterdir()))
    assert found.chosen["6.3"].name == (first if empty else second)
    (note,) = found.notes
    assert ("with answers" if empty else "which is later") in note
