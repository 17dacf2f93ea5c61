"""MXNet runs on today's NumPy and Python, and nothing else notices."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import mxnet
import mxnet_today
import numpy
import pytest
from mxnet import np, npx
from mxnet.gluon import nn
from mxnet_today import repair

from tests.test_package import python

ROOT = Path(__file__).parents[3]
# At the head of a program: as if nothing had called `install()`
UNINSTALLED = "import sys; finder = sys.meta_path.pop(0); assert finder.__name__ == 'Finder'\n"
FOLDER = str(ROOT / "tools" / "mxnet_today")
PAGE = (ROOT / "docs" / "mxnet.md").read_text()
NEEDED = repair.namespace() is not None
npx.set_np()


def test_help_is_given_where_it_is_needed_and_nowhere_else():
    version = tuple(map(int, numpy.__version__.split(".")[:2]))
    assert (version >= (1, 24) or sys.version_info >= (3, 12)) == NEEDED
    patched = mxnet.base.c_str.__module__ == "mxnet_today.repair"
    assert patched == NEEDED
    assert isinstance(vars(mxnet.numpy.fallback)["__builtins__"], dict)
    hidden = vars(mxnet.numpy.fallback)["onp"] is not numpy
    assert hidden == NEEDED


def test_a_process_starts_with_the_finder_alone():
    code = (
        "import sys; print(sys.meta_path[0].__name__,\n"
        "sorted(name for name in sys.modules if name.partition('.')[0] in "
        "('mxnet', 'mxnet_today', 'numpy')))"
    )
    assert python(code) == "Finder ['mxnet_today']"


def test_the_text_s_two_import_lines_work_alone_and_leave_numpy_as_it_is():
    code = (
        "import numpy; before = dict(vars(numpy))\n"
        "from mxnet import autograd, np, npx\nfrom mxnet.gluon import nn\n"
        "import types; now = vars(numpy)  # its submodules are loaded when they are asked for\n"
        "new = {n for n in set(now) - set(before) if not isinstance(now[n], types.ModuleType)}\n"
        "print(set(before) - set(now), new, all(now[n] is before[n] for n in before))\n"
        "print(__import__('builtins').__import__, __builtins__.__import__)"
    )
    first, second = python(code).splitlines()
    assert first == "set() set() True"
    assert second == "<built-in function __import__> <built-in function __import__>"


@pytest.mark.slow
def test_nobody_else_sees_the_dropped_names():
    code = (
        "import mxnet, numpy, types\n"
        "from mxnet_today import repair\n"
        "names = [n for v, ns in repair.dropped(numpy).items() for n in ns]\n"
        "print(sorted(n for n in names if n in vars(numpy)))"
    )
    version = tuple(map(int, numpy.__version__.split(".")[:2]))
    still_there = {
        name
        for since, names in repair.dropped(numpy).items()
        for name in names
        if version < since and name in vars(numpy)
    } | {name for name in ("bool", "core") if name in vars(numpy)}  # NumPy 2 has others so named
    assert set(eval(python(code))) == still_there


@pytest.mark.slow
def test_the_first_import_is_silent(tmp_path):
    run = subprocess.run(
        [sys.executable, "-X", f"pycache_prefix={tmp_path}", "-c", "import d2lconv"],
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.slow
def test_without_the_finder_mxnet_does_not_work_here():
    """What would be left of the other tests if MXNet needed no help? Nothing."""
    run = subprocess.run([sys.executable, "-c", UNINSTALLED + "import mxnet"], capture_output=True)
    assert (run.returncode != 0) == NEEDED


@pytest.mark.parametrize("size", [3, numpy.int64(3), numpy.int32(3)], ids=repr)
def test_sizes_may_be_numpy_s_integers(size):
    X = np.arange(12).reshape((size, 4))
    assert np.zeros((size, 2)).shape == (3, 2)
    assert np.tile(X, (size, 1)).shape == (9, 4)
    assert X.reshape((size - 1, size + size)).shape == (2, 6)
    assert np.ones((size, size)).shape == np.full((size, size), 1.5).shape == (3, 3)
    assert [part.shape for part in np.split(X, size)] == 3 * [(1, 4)]
    assert X[: size - 1, size].tolist() == [3, 7]
    X[size - 1 : size, 0] = size
    assert X[2].tolist() == [3, 9, 10, 11]
    assert np.pad(X, ((size, 0), (0, size))).shape == (6, 7)
    assert np.random.uniform(size=(size, 2)).shape == (3, 2)
    for draw in (np.random.uniform, np.random.normal, np.random.gamma, npx.random.bernoulli):
        assert draw(0.5, size=size).shape == (3,)
    assert np.random.randint(size, size=size).shape == np.random.choice(size, size).shape == (3,)
    assert np.expand_dims(X, size - 1).shape == (3, 4, 1)
    assert np.concatenate([X, X], axis=size - 2).shape == (3, 8)
    assert np.transpose(X.reshape(size, 2, 2), (size - 1, 0, size - 2)).shape == (2, 3, 2)
    assert npx.one_hot(np.array([1]), size).tolist() == [[0, 1, 0]]
    assert mxnet.nd.zeros((size, 2)).shape == (3, 2)
    assert mxnet.nd.slice_axis(mxnet.nd.ones((4, 4)), axis=0, begin=0, end=size).shape == (3, 4)
    assert mxnet.sym.zeros(shape=(size, 2)).infer_shape()[1] == [(3, 2)]


@pytest.mark.parametrize("one", [1, numpy.int64(1), numpy.int32(1)], ids=repr)
def test_layers_take_numpy_s_integers(one):
    layer = nn.Conv2D(one + 1, kernel_size=(one + 2, one), padding=(one, one), strides=(one, one))
    layer.initialize()
    assert layer(np.ones((1, 1, 5, 5))).shape == (1, 2, 5, 7)
    layer.hybridize()
    assert layer(np.ones((1, 1, 5, 5))).shape == (1, 2, 5, 7)
    pool = nn.MaxPool2D(pool_size=(one + 1, one + 1), strides=(one, one))
    assert pool(np.ones((1, 1, 5, 5))).shape == (1, 1, 4, 4)


def test_a_true_of_numpy_s_and_numbers_with_a_point_are_read_too():
    X = np.arange(4)
    assert np.clip(X, numpy.float64(0.5), numpy.float32(2)).tolist() == [0.5, 1, 2, 2]
    assert X.sum(keepdims=numpy.bool_(True)).shape == (1,)
    assert mxnet.nd.LeakyReLU(mxnet.nd.array([-1]), slope=numpy.float64(0.5)).asscalar() == -0.5


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("(np.int64(3), 2)", "(3, 2)"),
        ("[np.float32(1.5), np.float64(-1e-05)]", "[1.5, -1e-05]"),
        ("np.float64(nan)", "nan"),
        ("(np.True_, np.False_)", "(True, False)"),
        ("np.longlong(7)", "7"),
        ("(3, 2)", "(3, 2)"),
        ("my_np.int64(3)", "my_np.int64(3)"),
        ("np.interp(3)", "np.interp(3)"),
    ],
)
def test_numbers_are_written_as_the_library_reads_them(text, plain):
    assert repair.plain(text) == plain


def test_dropped_names_mean_what_they_meant():
    names = {name: value for ns in repair.dropped(numpy).values() for name, value in ns.items()}
    a = numpy.array([[3, 1], [2, 4]])
    assert (names["bool"], names["int"]) == (bool, int)
    assert names["NINF"] == -names["PINF"] == -names["Inf"] == -numpy.inf
    assert numpy.isnan(names["NaN"]) and numpy.isnan(names["NAN"])
    assert (str(names["PZERO"]), str(names["NZERO"])) == ("0.0", "-0.0")
    assert not names["alltrue"](a > 1) and names["sometrue"](a > 1)
    assert (names["product"](a), names["round_"](1.26, 1)) == (24, 1.3)
    assert names["msort"](a).tolist() == [[2, 1], [3, 4]]
    assert names["in1d"](a, [4, 3]).tolist() == [True, False, False, True]
    assert names["in1d"](a, [4, 3], invert=True).tolist() == [False, True, True, False]
    assert isinstance("constant", names["compat"].basestring)
    with pytest.raises(RuntimeError, match=r"numpy\.npv moved to the package numpy-financial"):
        names["npv"](0.1, [1, 2])
    if NEEDED and numpy.__version__ >= "2":
        assert names["trapz"](numpy.array([1, 3])) == 2
        assert names["core"].numeric.normalize_axis_tuple(-1, 3) == (2,)


def test_the_version_s_stand_in_compares_numbers():
    assert repair.Version("1.17") <= repair.Version("1.17.0") < repair.Version("2.5.5")
    assert repair.Version("1.9") < repair.Version("1.10")


@pytest.mark.skipif(not NEEDED, reason="MXNet needs no help on this NumPy and Python")
def test_a_name_that_numpy_drops_next_ends_in_one_line_that_says_what_to_do():
    view = repair.namespace()["__import__"]("numpy")
    said = f"MXNet reads numpy.no_such_name, which NumPy {numpy.__version__} does not have: "
    with pytest.raises(AttributeError) as raised:
        view.no_such_name  # noqa: B018
    assert str(raised.value) == said + 'pip install --no-deps "numpy<2.6"'


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("libgomp.so.1: cannot open shared object file", "apt install libgomp1 libquadmath0"),
        ("libquadmath.so.0: cannot open shared object file", "apt install libgomp1 libquadmath0"),
        ("libamath.so: cannot open shared object file", "python -m mxnet_today.arm"),
        ("libmxnet.dylib: mach-o file, but is an incompatible architecture", "Linux container"),
    ],
)
def test_a_library_that_does_not_load_ends_in_one_line_that_says_what_to_do(error, advice):
    code = (
        "import ctypes\n"
        f"def load(*args, **kwargs): raise OSError({error!r})\n"
        "ctypes.CDLL = load\nimport mxnet"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    last = run.stderr.splitlines()[-1]
    assert last.startswith("ImportError: MXNet")
    assert advice in last
    assert "During handling" not in run.stderr


@pytest.mark.slow
def test_an_import_that_failed_before_the_finder_was_there_does_not_spoil_the_next():
    code = (
        UNINSTALLED + "try: import mxnet\nexcept Exception: pass\n"
        "import mxnet_today; mxnet_today.install(); mxnet_today.install()\n"
        "assert sys.meta_path.count(mxnet_today.Finder) == 1\n"
        "from mxnet import np, npx; npx.set_np(); import numpy\n"
        "print(np.ones((numpy.int64(3), 2)).shape)"
    )
    assert python(code) == "(3, 2)"


def test_without_mxnet_an_import_names_the_command():
    assert mxnet_today.Finder.find_spec("mxnet_elsewhere") is None
    assert mxnet_today.Finder.find_spec("mxnet.no_such_module", mxnet.__path__) is None
    code = "import mxnet_today; mxnet_today.install()\nimport mxnet"
    run = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {FOLDER!r})\n{code}"],
        capture_output=True,
        text=True,
    )
    line = run.stderr.splitlines()[-1]
    assert line.startswith("ModuleNotFoundError: mxnet is not installed: ")
    assert line.endswith("pip install --no-deps mxnet==1.9.1")


def test_without_mxnet_d2lconv_says_in_one_line_what_to_type():
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\nimport d2lconv"
    run = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True)
    said = "ImportError: d2lconv needs MXNet: pip install --no-deps mxnet==1.9.1"
    assert run.stderr.splitlines()[-1] == said
    assert "During handling" not in run.stderr


def test_the_files_of_the_start_are_recorded_so_that_an_uninstall_removes_them():
    installed = importlib.metadata.distributions(path=[sysconfig.get_path("purelib")])
    (own,) = [
        distribution for distribution in installed if distribution.metadata["Name"] == "d2lconv"
    ]
    files = {file.name for file in own.files}
    assert {"mxnet_today.pth", "mxnet_today.start"} <= files


def test_the_page_lists_every_dropped_name_with_its_version():
    rows = re.findall(r"^\| NumPy ([\d.]+) \| (.*?) \|", PAGE, re.MULTILINE)
    listed = {version: set(re.findall(r"`([\w.]+)`", names)) for version, names in rows}
    dropped = {
        ".".join(map(str, since)): set(names) for since, names in repair.dropped(numpy).items()
    }
    assert listed == dropped


@pytest.mark.slow
def test_the_page_s_recipe_for_another_project_works(tmp_path):
    """In an environment without d2lconv: the folder is copied, and one line starts it."""
    shutil.copytree(ROOT / "tools" / "mxnet_today" / "mxnet_today", tmp_path / "mxnet_today")
    (line,) = re.findall(r"^echo '(.*)' > ", PAGE, re.MULTILINE)
    assert line == (ROOT / "setup.py").read_text().split('"mxnet_today.pth": "')[1].split("\\n")[0]
    code = (
        UNINSTALLED + "del sys.modules['mxnet_today']\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n{line}\n"
        "import mxnet; print(mxnet_today.__file__)"
    )
    assert python(code) == str(tmp_path / "mxnet_today" / "__init__.py")
