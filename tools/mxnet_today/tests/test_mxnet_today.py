"""MXNet runs on current NumPy and Python, and nothing else changes."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import mxnet
import mxnet_today
import numpy
import pytest
from mxnet import np, npx
from mxnet.gluon import nn
from mxnet_today import repair

FOLDER = str(Path(__file__).parents[1])
# At the start of a program: undo `install()`
UNINSTALLED = "import sys; finder = sys.meta_path.pop(0); assert finder.__name__ == 'Finder'\n"
NEEDED = repair.NEEDED
REGRESSION = ["mae", "mse", "rmse", "pearsonr"]
METRICS = ["acc", "ce", "f1", "loss", "mcc", "nll_loss", "pcc", "top_k_accuracy", *REGRESSION]
npx.set_np()


@cache  # two tests may look at the output of one process
def python(code: str) -> str:
    """Run code in a separate Python and return its output."""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_only_old_mxnet_on_new_numpy_is_changed():
    version = tuple(map(int, numpy.__version__.split(".")[:2]))
    assert (version >= (1, 24) or sys.version_info >= (3, 12)) == NEEDED
    patched = mxnet.base.c_str.__module__ == "mxnet_today.repair"
    assert patched == NEEDED
    assert isinstance(vars(mxnet.numpy.fallback)["__builtins__"], dict)
    hidden = vars(mxnet.numpy.fallback)["onp"] is not numpy
    assert hidden == NEEDED


def test_a_process_starts_with_only_the_finder():
    code = (
        "import sys; print(sys.meta_path[0].__name__,\n"
        "sorted(name for name in sys.modules if name.partition('.')[0] in "
        "('mxnet', 'mxnet_today', 'numpy')))"
    )
    assert python(code) == "Finder ['mxnet_today']"


IMPORTS = """
import numpy
before = dict(vars(numpy))
from mxnet import autograd, np, npx
from mxnet.gluon import nn
import types
now = vars(numpy)  # its submodules are loaded when they are asked for
new = {n for n in set(now) - set(before) if not isinstance(now[n], types.ModuleType)}
print(set(before) - set(now), new, all(now[n] is before[n] for n in before))
print(__import__('builtins').__import__, __builtins__.__import__)

import sys, mxnet as mx
print({'scipy', 'requests'} & set(sys.modules))
print(mx.nd.array([1, 2]).asnumpy().tolist(), {'scipy'} & set(sys.modules))
dense = mx.nd.array([[1, 0], [0, 2]]).tostype('csr').asscipy()
print(type(dense).__name__, mx.nd.sparse.csr_matrix(dense).stype)
print(mx.nd.array(dense).stype, mx.test_utils.ss.norm.ppf(0.5))
print(mx.gluon.utils.requests.get.__name__)
"""


@pytest.mark.xdist_group("imports of the text")
def test_the_text_s_imports_leave_numpy_unchanged():
    first, second = python(IMPORTS).splitlines()[:2]
    assert first == "set() set() True"
    assert second == "<built-in function __import__> <built-in function __import__>"


@pytest.mark.slow
def test_nobody_else_sees_the_dropped_names():
    code = (
        "import mxnet, numpy, types\n"
        "from mxnet_today import repair\n"
        "print(sorted(set(repair.dropped()) & set(vars(numpy))))"
    )
    # NumPy 2 has its own bool
    assert set(eval(python(code))) == {"bool"} & set(vars(numpy))


@pytest.mark.slow
def test_the_first_import_is_silent(tmp_path):
    run = subprocess.run(
        [sys.executable, "-X", f"pycache_prefix={tmp_path}", "-c", "import d2lconv"],
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.slow
def test_without_the_finder_mxnet_fails_here():
    """If MXNet needed no help, the other tests would prove nothing."""
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
    for symbol in (
        mxnet.sym.zeros(shape=(size,)),
        mxnet.sym.np.random.uniform(size=size),
        mxnet.sym.npx.random.bernoulli(0.5, size=size),
    ):
        assert symbol.infer_shape()[1] == [(3,)]


@pytest.mark.parametrize("one", [1, numpy.int64(1), numpy.int32(1)], ids=repr)
def test_layers_take_numpy_s_integers(one):
    layer = nn.Conv2D(one + 1, kernel_size=(one + 2, one), padding=(one, one), strides=(one, one))
    layer.initialize()
    assert layer(np.ones((1, 1, 5, 5))).shape == (1, 2, 5, 7)
    layer.hybridize()
    assert layer(np.ones((1, 1, 5, 5))).shape == (1, 2, 5, 7)
    pool = nn.MaxPool2D(pool_size=(one + 1, one + 1), strides=(one, one))
    assert pool(np.ones((1, 1, 5, 5))).shape == (1, 1, 4, 4)


def test_numpy_booleans_and_floats_are_read_too():
    X = np.arange(4)
    assert np.clip(X, numpy.float64(0.5), numpy.float32(2)).tolist() == [0.5, 1, 2, 2]
    assert X.sum(keepdims=numpy.bool_(True)).shape == (1,)
    assert mxnet.nd.LeakyReLU(mxnet.nd.array([-1]), slope=numpy.float64(0.5)).asscalar() == -0.5


@pytest.mark.xdist_group("imports of the text")
def test_scipy_and_requests_are_imported_on_first_use():
    """They took a third of the time of `import mxnet`."""
    expected = ["set()", "[1.0, 2.0] set()", "csr_matrix csr", "csr 0.0", "get"]
    assert python(IMPORTS).splitlines()[2:] == expected


@pytest.mark.skipif(not NEEDED, reason="MXNet needs no help on this NumPy and Python")
def test_integers_that_do_not_fit_wrap_around():
    """As in C, and with NumPy 1; NumPy 2 refuses them."""
    for array in (np.array, mxnet.nd.array):
        assert array([300, -1, 7], dtype="uint8").asnumpy().tolist() == [44, 255, 7]
    assert np.array(200, dtype="int8").item() == -56
    with pytest.raises(TypeError):
        np.array(["x"], dtype="uint8")


@pytest.mark.skipif(not NEEDED, reason="NumPy 1 nests such arrays 32 times")
def test_numpy_reads_mxnet_nd_arrays():
    """NumPy 2 raised an error, because any element of such an array is again an array."""
    array = mxnet.nd.array([[1, 2], [3, 4]])
    assert numpy.asarray(array).tolist() == [[1, 2], [3, 4]]
    assert numpy.asarray(array, dtype=int).dtype == array.__array__(int).dtype == int
    assert numpy.all(array == array)
    numpy.testing.assert_array_equal(array, [[1, 2], [3, 4]])
    assert numpy.array(array.tostype("csr")).shape == (2, 2)
    assert type(numpy.float32(2) * array) is mxnet.nd.NDArray
    assert numpy.add(np.ones(2), np.ones(2)).tolist() == [2, 2]
    assert numpy.array(np.ones(2)).dtype == object  # as with NumPy 1: call .asnumpy()


def test_metrics_add_in_double():
    """20,000 losses of 0.1 had a mean of 0.0999829 with NumPy 2."""
    loss, metric = mxnet.nd.array([0.1]), mxnet.metric.Loss()
    metric.sum_metric, metric.num_inst = 2**24, 0
    for _ in range(10):
        metric.update(None, [loss])
    assert metric.sum_metric - 2**24 == pytest.approx(1, rel=1e-6)
    assert type(metric.get()[1]) is float or not NEEDED


@pytest.mark.skipif(not NEEDED, reason="MXNet needs no help on this NumPy and Python")
@pytest.mark.parametrize("name", METRICS)
def test_every_metric_returns_pythons_numbers(name):
    settings = {"top_k": 2} if name == "top_k_accuracy" else {}
    metric = mxnet.metric.create(name, **settings)
    label, predicted = mxnet.nd.array([0, 1]), mxnet.nd.array([[0.9, 0.1], [0.2, 0.8]])
    if name in REGRESSION:
        label = predicted * 1.5
    for _ in range(2):
        metric.update([label], [predicted])
    for _, value in (*metric.get_name_value(), *metric.get_global_name_value()):
        assert type(value) in (int, float)
        assert "np." not in str(metric)


def test_custom_metrics_add_in_double_too():
    class Tenths(mxnet.metric.EvalMetric):
        def update(self, labels, preds):
            self.sum_metric += numpy.float32(0.1)
            self.num_inst += numpy.int32(1)

        def get(self):
            return self.name, self.sum_metric / self.num_inst

    metric = Tenths("tenths")
    for _ in range(1000):
        metric.update(None, None)
    assert metric.get() == ("tenths", pytest.approx(float(numpy.float32(0.1)), rel=1e-12))
    assert type(metric.get()[1]) is float or not NEEDED
    custom = mxnet.metric.CustomMetric(lambda label, pred: numpy.float32(0.1))
    for _ in range(1000):
        custom.update([mxnet.nd.array([1])], [mxnet.nd.array([1])])
    assert custom.get()[1] == pytest.approx(float(numpy.float32(0.1)), rel=1e-12)


def test_perplexity_is_computed_in_double():
    """With an ignored label, NumPy 2 made even the number of labels a float32."""
    metric = mxnet.metric.Perplexity(ignore_label=0)
    metric.num_inst = 2**24
    label, predicted = mxnet.nd.array([0, 1]), mxnet.nd.array([[0.9, 0.1], [0.2, 0.8]])
    metric.update([label], [predicted])
    assert metric.num_inst == 2**24 + 1


@pytest.mark.parametrize("kind", [float, numpy.float32, numpy.float64])
def test_learning_rates_stay_double(kind):
    schedule = mxnet.lr_scheduler.FactorScheduler(1, factor=0.9, base_lr=kind(0.1))
    rates = [schedule(update) for update in range(1, 102)]
    assert rates[-1] == pytest.approx(float(kind(0.1)) * 0.9**100, rel=1e-12)
    optimizer = mxnet.optimizer.SGD(learning_rate=kind(0.1))
    optimizer.set_learning_rate(kind(0.2))
    assert type(optimizer.learning_rate) is float or not NEEDED


def numbers(value):
    """Yield the numbers in lists, tuples and dictionaries."""
    if isinstance(value, (list, tuple, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from numbers(item)
    elif isinstance(value, (int, float, numpy.generic)):
        yield value


@pytest.mark.skipif(not NEEDED, reason="MXNet needs no help on this NumPy and Python")
@pytest.mark.parametrize("kind", [numpy.float16, numpy.float32, numpy.float64, numpy.int64])
@pytest.mark.parametrize(
    ("make", "setting"),
    [
        (mxnet.gluon.Parameter, "lr_mult"),
        (mxnet.gluon.data.vision.transforms.RandomBrightness, "brightness"),
        (mxnet.gluon.loss.HuberLoss, "rho"),
        (mxnet.image.BrightnessJitterAug, "brightness"),
        (mxnet.image.DetRandomSelectAug, "skip_prob"),
        (mxnet.init.Xavier, "magnitude"),
        (mxnet.lr_scheduler.FactorScheduler, "base_lr"),
        (mxnet.optimizer.SGD, "learning_rate"),
    ],
)
def test_objects_hold_pythons_numbers(make, setting, kind):
    """In NumPy 2, a NumPy scalar makes a computation less precise."""
    first = {"Parameter": "x", "FactorScheduler": 1, "DetRandomSelectAug": []}.get(make.__name__)
    made = make(*[first] * (first is not None), **{setting: kind(1)})
    held = list(numbers(vars(made)))
    assert {1, 2} & set(held)  # RandomBrightness holds 1 + brightness
    assert not [number for number in held if isinstance(number, numpy.generic)]


def test_the_scale_of_a_layer_is_computed_in_double():
    weight, grad = mxnet.nd.array([3, 4]), mxnet.nd.array([0.3, 0.4])
    optimizer = mxnet.optimizer.LARS(eta=0.001)
    assert isinstance(optimizer._get_lars(0, weight, grad, 0.1, 1e-4), numpy.float64)
    large = mxnet.optimizer.LBSGD(warmup_strategy="lars")
    assert isinstance(large._l2norm(weight), numpy.float64) or not NEEDED
    assert large._get_lars(weight, grad, 1e-4) == pytest.approx(
        (25 / (numpy.float32(0.25) + 25e-4)) ** 0.5, rel=1e-6
    )


@pytest.mark.parametrize("label", [1.5, numpy.float32(1.5), [1.0, 2.0], numpy.array([1, 2, 3])])
def test_records_are_packed(label):
    header = mxnet.recordio.IRHeader(0, label, 7, 0)
    back, payload = mxnet.recordio.unpack(mxnet.recordio.pack(header, b"payload"))
    assert payload == b"payload"
    assert numpy.array_equal(back.label, label)
    assert back.id == 7


def test_images_are_packed(monkeypatch):
    """OpenCV may be missing, so a stand-in encodes them."""
    cv2, image = ModuleType("cv2"), numpy.arange(48, dtype="uint8").reshape(4, 4, 3)
    cv2.imencode, cv2.IMWRITE_PNG_COMPRESSION = lambda kind, image, how: (True, image.ravel()), 16
    monkeypatch.setattr(mxnet.recordio, "cv2", cv2)
    monkeypatch.setattr(mxnet.recordio, "np", numpy)
    if NEEDED:
        repair._write_bytes(mxnet.recordio)
    header = mxnet.recordio.IRHeader(0, [1.0, 2.0], 7, 0)
    packed = mxnet.recordio.pack_img(header, image, quality=9, img_fmt=".png")
    back, payload = mxnet.recordio.unpack(packed)
    assert (back.label.tolist(), payload) == ([1, 2], image.tobytes())


@pytest.mark.parametrize(
    "method",
    ["", "spawn", "forkserver"] if NEEDED else ["fork"],  # MXNet by itself can only fork
)
def test_a_data_loader_has_workers_with_every_start_method(method):
    """Python 3.14 starts processes from a fork server; MXNet's workers failed or hung there."""
    code = (
        "import multiprocessing as mp\nfrom mxnet import gluon, np, npx\nnpx.set_np()\n"
        f"if {method!r}: mp.set_start_method({method!r})\n"
        "data = gluon.data.ArrayDataset(np.arange(20).reshape(10, 2), np.arange(10))\n"
        "loader = gluon.data.DataLoader(data, 4, num_workers=2, timeout=500)\n"
        "old = gluon.data.dataloader.DataLoaderV1(data, 4, num_workers=2)\n"
        "print([float(y.sum()) for it in (loader, loader, old) for x, y in it])"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error:This process", "-c", code],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert (run.stdout, run.stderr) == (f"{3 * [6.0, 22.0, 17.0]}\n", "")


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


@pytest.mark.skipif(not NEEDED, reason="MXNet needs no help on this NumPy and Python")
def test_dropped_names_mean_what_they_meant():
    view = repair.namespace()["__import__"]("numpy")
    a = numpy.array([[3, 1], [2, 4]])
    assert (view.bool, view.int) == (bool, int)
    assert view.NINF == -view.PINF == -view.Inf == -numpy.inf
    assert numpy.isnan(view.NaN) and numpy.isnan(view.NAN)
    assert (str(view.PZERO), str(view.NZERO)) == ("0.0", "-0.0")
    assert not view.alltrue(a > 1) and view.sometrue(a > 1)
    assert (view.product(a), view.round_(1.26, 1)) == (24, 1.3)
    assert view.msort(a).tolist() == [[2, 1], [3, 4]]
    assert view.in1d(a, [4, 3]).tolist() == [True, False, False, True]
    assert view.in1d(a, [4, 3], invert=True).tolist() == [False, True, True, False]
    assert view.trapz(numpy.array([1, 3])) == 2
    assert isinstance("constant", view.compat.basestring)
    assert view.core.numeric.normalize_axis_tuple(-1, 3) == (2,)
    with pytest.raises(RuntimeError, match="moved to the package numpy-financial"):
        view.npv(0.1, [1, 2])


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(numpy.lib, "array_utils"), reason="NumPy 1 needs its own core")
def test_what_numpy_and_setuptools_will_drop_is_replaced():
    """NumPy deprecates `fix` and `core`, and setuptools may stop providing distutils."""
    code = (
        "import sys, numpy; del numpy.fix\n"
        "sys.modules.update({'numpy.core': None, 'distutils': None})\n"
        "from mxnet import nd, np; print(np.fix(-1.5), np.fix(np.ones(1)))\n"
        "print(nd.moveaxis(nd.ones((1, 2)), 0, 1).shape)"
    )
    assert python(code).splitlines() == ["-1.0 [1.]", "(2, 1)"]


def test_the_version_s_replacement_compares_numbers():
    assert repair.Version("1.17") <= repair.Version("1.17.0") < repair.Version("2.5.5")
    assert repair.Version("1.9") < repair.Version("1.10")


@pytest.mark.skipif(not NEEDED, reason="MXNet needs no help on this NumPy and Python")
def test_the_next_dropped_name_gets_advice_in_one_line():
    view = repair.namespace()["__import__"]("numpy")
    said = f"MXNet reads numpy.no_such_name, which NumPy {numpy.__version__} does not have: "
    with pytest.raises(AttributeError) as raised:
        view.no_such_name  # noqa: B018
    assert str(raised.value) == said + 'pip install --no-deps "numpy<2.6"'


ADVICE = {
    "libgomp.so.1: cannot open shared object file": "apt install libgomp1 libquadmath0",
    "libquadmath.so.0: cannot open shared object file": "apt install libgomp1 libquadmath0",
    "libamath.so: cannot open shared object file": "python -m mxnet_today.arm",
    "libcudart.so.11.0: cannot open shared object file": "made for NVIDIA's GPUs",
    "libcudnn.so.8: cannot open shared object file": "made for NVIDIA's GPUs",
    "libcuda.so.1: cannot open shared object file": "made for NVIDIA's GPUs",
    "libnccl.so.2: cannot open shared object file": "made for NVIDIA's GPUs",
    "libmxnet.so: undefined symbol: cudnnSetRNNDescriptor": "made for NVIDIA's GPUs",
    "libopenblas.so.0: cannot open shared object file": "--force-reinstall",
    "libgfortran.so.3: cannot open shared object file": "--force-reinstall",
    "libopencv_core.so.4.5: cannot open shared object file": "apt-file search",
    "/x/libmxnet.so: file too short": "--force-reinstall",
    "/x/libmxnet.so: invalid ELF header": "--force-reinstall",
    "/c/libgomp.so.1: version `GOMP_4.0' not found (required by x)": "/c/libgomp.so.1 is too",
    "/c/libstdc++.so.6: version `GLIBCXX_3.4.20' not found (required by x)": "conda install",
    "/lib/libc.so.6: version `GLIBC_2.27' not found (required by x)": "newer Linux",
    "/x/libmxnet.so: cannot enable executable stack as shared object requires": "patchelf",
    "dlopen(libmxnet.dylib, 6): Library not loaded: /o/libopenblas.0.dylib": "brew install",
    "libmxnet.dylib: mach-o file, but is an incompatible architecture": "Linux container",
    "Error relocating libmxnet.so: __fprintf_chk: symbol not found": "Linux container",
}
# Prints what an import would print with each error. A forked process imports only once, too
FAIL = """
import ctypes, json, os, sys, numpy
for error in json.loads(sys.argv[1]):
    def load(*args, **kwargs): raise OSError(error)
    if not os.fork():
        os.dup2(1, 2)
        ctypes.CDLL = load
        import mxnet
    os.wait()
    print("END", flush=True)
"""


@cache
def printed() -> dict[str, str]:
    """Return what `import mxnet` prints where its library fails with each error."""
    command = [sys.executable, "-c", FAIL, json.dumps([*ADVICE])]
    run = subprocess.run(command, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    return dict(zip(ADVICE, run.stdout.split("END\n")))


@pytest.mark.xdist_group("advice")  # import only once
@pytest.mark.parametrize("error", ADVICE)
def test_a_library_that_does_not_load_gets_fitting_advice(error):
    *_, last = printed()[error].splitlines()
    assert last.startswith("ImportError: ")
    assert "mxnet" in last.lower()
    assert ADVICE[error] in last
    assert "During handling" not in printed()[error]


@pytest.mark.slow
def test_an_earlier_failed_import_does_no_harm():
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
