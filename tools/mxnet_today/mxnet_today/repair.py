"""Give MXNet 1.9.1 the names that NumPy and Python have dropped, and repair its functions."""

from __future__ import annotations

import builtins
import functools
import platform
import re
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Callable

from mxnet_today import __version__
from mxnet_today.generated import Generated

NUMPY_SCALAR = re.compile(r"\bnp\.(?:(?:u?int|u?longlong|float)\d*\(([^()]*)\)|(True|False)_)")


def dropped(numpy: ModuleType) -> dict[tuple[int, int], dict[str, Any]]:
    """Return the names that MXNet uses and NumPy has dropped, by the version that dropped them.

    Each has its meaning from NumPy 1.23, the last version with all of them.
    """
    return {
        (1, 24): {"bool": bool, "int": int},
        (2, 0): {
            "PZERO": 0.0,
            "NZERO": -0.0,
            "PINF": numpy.inf,
            "NINF": -numpy.inf,
            "Inf": numpy.inf,
            "NAN": numpy.nan,
            "NaN": numpy.nan,
            "alltrue": _all(numpy),
            "sometrue": numpy.any,
            "product": numpy.prod,
            "round_": numpy.round,
            "msort": functools.partial(numpy.sort, axis=0),
            **{name: _moved_out(name) for name in ("mirr", "npv", "pmt", "ppmt", "pv", "rate")},
            "compat": SimpleNamespace(basestring=str),
            "core": SimpleNamespace(numeric=getattr(numpy.lib, "array_utils", None)),
        },
        (2, 4): {"in1d": _in1d(numpy), "trapz": getattr(numpy, "trapezoid", None)},
    }


def _all(numpy: ModuleType) -> Callable:
    def alltrue(a, *args, **kwargs):  # return a NumPy boolean for an MXNet array, too
        return numpy.all(a.asnumpy() if hasattr(a, "asnumpy") else a, *args, **kwargs)

    return alltrue


def _wrapping(numpy: ModuleType) -> Callable:
    def array(object, dtype=None, **kwargs):
        try:
            return numpy.array(object, dtype, **kwargs)
        except OverflowError:  # NumPy 1 accepted 300 as an 8-bit integer and kept its last 8 bits
            return numpy.array(object, **kwargs).astype(dtype)

    return array


def _moved_out(name: str) -> Callable:
    def function(*args, **kwargs):
        raise RuntimeError(f"numpy.{name} moved to the package numpy-financial with NumPy 1.20")

    return function


def _in1d(numpy: ModuleType) -> Callable:
    def in1d(ar1, ar2, assume_unique=False, invert=False, **kwargs):
        return numpy.isin(numpy.ravel(ar1), ar2, assume_unique, invert, **kwargs)

    return in1d


class Version(list):
    """A version as a list of numbers; replaces `distutils.version`, which Python 3.12 dropped."""

    def __init__(self, text: str) -> None:
        super().__init__(map(int, re.findall(r"\d+", text)))


class Lazy(ModuleType):
    """A module that is imported when one of its names is first read."""

    def __getattr__(self, name: str) -> Any:
        from importlib import import_module

        if self.__name__ == "scipy":
            return Lazy(f"scipy.{name}")
        if self.__name__ == "scipy.sparse" and name == "csr":  # SciPy 2 drops it
            # for MXNet's isinstance: nothing is one, unless SciPy is imported
            loaded = sys.modules.get("scipy.sparse")
            return SimpleNamespace(csr_matrix=loaded.csr_matrix if loaded else ())
        return getattr(import_module(self.__name__), name)


def needs_help() -> bool:
    """Return whether MXNet needs repairs with this NumPy and Python."""
    import numpy

    return tuple(Version(numpy.__version__)[:2]) >= (1, 24) or sys.version_info >= (3, 12)


@functools.cache
def namespace() -> dict[str, Any]:
    """Return the `__builtins__` for MXNet's modules."""
    import numpy

    version = tuple(Version(numpy.__version__)[:2])
    without_distutils = sys.version_info >= (3, 12)

    class View(ModuleType):
        def __getattr__(self, name: str) -> Any:
            try:
                return getattr(numpy, name)
            except AttributeError:
                raise AttributeError(
                    f"MXNet reads numpy.{name}, which NumPy {numpy.__version__} does not have: "
                    'pip install --no-deps "numpy<2.6"'
                ) from None

    view = View("numpy") if needs_help() else numpy
    for since, names in dropped(numpy).items():
        if version >= since:
            vars(view).update(names)
    if version >= (2, 0):
        vars(view)["array"] = _wrapping(numpy)
    distutils = SimpleNamespace(LooseVersion=Version, StrictVersion=Version)

    def find(name, globals=None, locals=None, fromlist=(), level=0):
        if name == "distutils.version" and without_distutils:
            return distutils
        root, importer = name.partition(".")[0], (globals or {}).get("__name__", "")
        # Slow to import and rarely used
        if root in ("scipy", "requests") and importer.startswith("mxnet.") and find_spec(root):
            return Lazy(root)
        module = builtins.__import__(name, globals, locals, fromlist, level)
        return view if module is numpy else module

    return {**vars(builtins), "__import__": find}


def plain(text: str) -> str:
    """Write numbers as MXNet's library reads them: NumPy 2 writes `(np.int64(3), 2)` for (3, 2)."""
    return NUMPY_SCALAR.sub(r"\1\2", text) if "np." in text else text


def _write_plain_numbers(base: ModuleType) -> None:
    c_str, c_str_array = base.c_str, base.c_str_array
    base.c_str = lambda string: c_str(plain(string))
    base.c_str_array = lambda strings: c_str_array([plain(string) for string in strings])


def python_number(value: Any) -> Any:
    """Convert a NumPy integer or float to Python; return everything else unchanged."""
    import numpy

    if isinstance(value, numpy.integer):
        return int(value)
    if isinstance(value, (numpy.float16, numpy.float32, numpy.float64)):
        return float(value)
    return value


def _taking_python_numbers(function: Callable) -> Callable:
    @functools.wraps(function)
    def call(*args, **kwargs):
        args = [python_number(value) for value in args]
        return function(*args, **{name: python_number(v) for name, v in kwargs.items()})

    return call


def _take_numpy_integers(random: ModuleType) -> None:
    """Repair `size == ()`, which for np.int64(3) gives an array without a truth value."""
    for name in random.__all__:
        setattr(random, name, _taking_python_numbers(getattr(random, name)))


def _construct_from_python_numbers(module: ModuleType) -> None:
    """Let classes compute with Python numbers: NumPy 2 computes `1 - float32(0.1)` in float32."""
    for cls in list(vars(module).values()):
        if isinstance(cls, type) and cls.__module__ == module.__name__ and "__init__" in vars(cls):
            cls.__init__ = _taking_python_numbers(cls.__init__)


def _keep_python_numbers(*classes: str) -> Callable[[ModuleType], None]:
    """Return a fix that converts NumPy scalars to Python numbers when they become attributes.

    In NumPy 1, `float32(0.1) * 0.9` was a float64. In NumPy 2 it is a float32 (NEP 50), so a
    learning rate that is multiplied repeatedly would drift.
    """

    def fix(module: ModuleType) -> None:
        for name in classes:
            _convert_attributes(getattr(module, name), lambda _, value: python_number(value))

    return fix


def _convert_attributes(cls: type, convert: Callable[[str, Any], Any]) -> None:
    original = cls.__setattr__

    def __setattr__(self, name, value):  # noqa: N807
        original(self, name, convert(name, value))

    cls.__setattr__ = __setattr__


def _sum_in_double(metric: ModuleType) -> None:
    """Let metrics add in float64, as with NumPy 1, and return Python numbers."""
    import numpy

    sums = {"sum_metric", "global_sum_metric", "num_inst", "global_num_inst"}

    def convert(name, value):
        value = python_number(value)
        return numpy.float64(value) if name in sums and isinstance(value, float) else value

    def returning_python_numbers(get):
        @functools.wraps(get)
        def call(self, *args, **kwargs):
            result = get(self, *args, **kwargs)
            if not isinstance(result, tuple) or len(result) != 2:
                return result
            name, value = result
            many = isinstance(value, list)
            return name, [python_number(v) for v in value] if many else python_number(value)

        return call

    def wrap(cls):
        for method in {"get", "get_global"} & set(vars(cls)):
            setattr(cls, method, returning_python_numbers(vars(cls)[method]))

    class Double(ModuleType):
        """A view of `mxnet.ndarray` whose sums have an `asscalar()` that returns a Python float."""

        def __getattr__(self, name):
            return getattr(ndarray, name)

        @staticmethod
        def sum(*args, **kwargs):
            total = ndarray.sum(*args, **kwargs)
            return SimpleNamespace(asscalar=lambda: python_number(total.asscalar()))

    ndarray, metric.ndarray = metric.ndarray, Double("ndarray")
    base = metric.EvalMetric
    _convert_attributes(base, convert)
    base.__init_subclass__ = classmethod(lambda cls, **kwargs: wrap(cls))
    for cls in [value for value in vars(metric).values() if isinstance(value, type)]:
        if issubclass(cls, base):
            wrap(cls)


def _scale_in_double(optimizer: ModuleType) -> None:
    """Let the optimizers that scale by a norm, LARS and LBSGD, compute the scale in float64."""
    import numpy

    def in_double(norm):
        return lambda self, *args, **kwargs: numpy.float64(norm(self, *args, **kwargs))

    for cls in (optimizer.LARS, optimizer.LBSGD):
        cls._l2norm = in_double(cls._l2norm)
    _keep_python_numbers("Optimizer")(optimizer)


def _write_bytes(recordio: ModuleType) -> None:
    """Let records be packed without `ndarray.tostring`, which NumPy 2.3 dropped."""
    import numbers
    import struct

    import numpy

    pack, cv2 = recordio.pack, recordio.cv2

    @functools.wraps(pack)
    def pack_labels(header, s):
        header = recordio.IRHeader(*header)
        if isinstance(header.label, numbers.Number):
            return pack(header, s)
        label = numpy.asarray(header.label, dtype=numpy.float32)
        header = header._replace(flag=label.size, label=0)
        return struct.pack(recordio._IR_FORMAT, *header) + label.tobytes() + s

    class View(ModuleType):
        def __getattr__(self, name):
            return getattr(cv2, name)

        @staticmethod
        def imencode(*args):
            written, buffer = cv2.imencode(*args)
            return written, SimpleNamespace(tostring=buffer.tobytes)

    recordio.pack = pack_labels
    if cv2 is not None:
        recordio.cv2 = View("cv2")


def _fork_workers(dataloader: ModuleType) -> None:
    """Fork the workers of a DataLoader, because MXNet's arrays can't be sent to other processes.

    By default, Python 3.14 starts processes from a fork server.
    """
    multiprocessing = dataloader.multiprocessing
    if sys.platform != "linux" or multiprocessing.get_start_method(allow_none=True) == "fork":
        return
    fork = multiprocessing.get_context("fork")

    def forking(start):
        @functools.wraps(start)
        def call(*args, **kwargs):
            with warnings.catch_warnings():  # MXNet's library handles forks
                warnings.filterwarnings("ignore", ".*multi-threaded.*fork", DeprecationWarning)
                return start(*args, **kwargs)

        return call

    class View(ModuleType):
        Pool, Process = staticmethod(forking(fork.Pool)), staticmethod(fork.Process)
        get_context = staticmethod(lambda method=None: fork)

        def __getattr__(self, name):
            return getattr(multiprocessing, name)

    dataloader.multiprocessing = View("multiprocessing")


def _give_numpy_arrays(ndarray: ModuleType) -> None:
    """Let NumPy read mxnet.nd arrays.

    To NumPy they look like endlessly nested sequences, because any element is again an array.
    NumPy 1 stopped at 32 dimensions; NumPy 2 raises an error.
    """
    import numpy

    class Array:
        def __get__(self, array, owner):
            if array is None or type(array).__module__.startswith("mxnet.numpy"):
                raise AttributeError("__array__")  # mxnet.np supports NumPy's protocols

            def convert(dtype=None, copy=None):
                return (
                    array.asnumpy() if dtype is None else array.asnumpy().astype(numpy.dtype(dtype))
                )

            return convert

    ndarray.NDArray.__array__ = Array()


# The fix for each of MXNet's modules, after it has run
FIXES = {
    "mxnet.base": _write_plain_numbers,
    "mxnet.gluon.data.dataloader": _fork_workers,
    "mxnet.gluon.data.vision.transforms": _construct_from_python_numbers,
    "mxnet.gluon.loss": _construct_from_python_numbers,
    "mxnet.gluon.parameter": _keep_python_numbers("Parameter"),
    "mxnet.image.detection": _construct_from_python_numbers,
    "mxnet.image.image": _construct_from_python_numbers,
    "mxnet.initializer": _construct_from_python_numbers,
    "mxnet.lr_scheduler": _keep_python_numbers("LRScheduler"),
    "mxnet.metric": _sum_in_double,
    "mxnet.optimizer.optimizer": _scale_in_double,
    "mxnet.ndarray.ndarray": _give_numpy_arrays,
    "mxnet.recordio": _write_bytes,
    **{
        f"mxnet.{kind}.{package}.random": _take_numpy_integers
        for kind in ("ndarray", "symbol")
        for package in ("numpy", "numpy_extension")
    },
}


NVIDIA = re.compile(
    r"lib(cuda|cudart|cudnn|cublas|cufft|curand|cusolver|nvrtc|nvidia|nccl)|cu(da|dnn)"
)
REINSTALL = "pip install --no-deps --force-reinstall mxnet==1.9.1"


def advice(error: OSError) -> str:
    """Explain in one line why MXNet's library doesn't load, and what to do."""
    text = str(error)
    library, _, why = text.partition(": ")
    missing = library if "cannot open shared object file" in why else ""
    if missing in ("libgomp.so.1", "libquadmath.so.0"):
        packages = "libgomp1" if platform.machine() == "aarch64" else "libgomp1 libquadmath0"
        return f"MXNet needs {missing}, which this system lacks: apt install {packages}"
    if missing in ("libarmpl_lp64_mp.so", "libamath.so", "libastring.so"):
        return f"MXNet's wheel for ARM lacks {missing}: run python -m mxnet_today.arm"
    if NVIDIA.search(missing or why):
        return (
            f"this MXNet was made for NVIDIA's GPUs, and CUDA or cuDNN doesn't fit ({text}): "
            "install the library it names; without GPUs, pip uninstall mxnet-cu112 or similar, and "
            + REINSTALL
        )
    if version := re.match(r"version `([^']*)' not found", why):
        if "libc.so" in library or "libm.so" in library:
            return f"{library} is too old for MXNet, which needs {version[1]}: use a newer Linux"
        return (
            f"{library} is too old for MXNet, which needs {version[1]}: update it (in conda: conda "
            "install -c conda-forge libgcc-ng libstdcxx-ng), or take its folder off LD_LIBRARY_PATH"
        )
    if "executable stack" in why:
        return f"this system refuses {library}: patchelf --clear-execstack {library}"
    if missing in ("libopenblas.so.0", "libgfortran.so.3", "libmxnet.so"):
        return f"{missing} from MXNet's wheel is missing: {REINSTALL}"
    if missing:
        return (
            f"MXNet needs {missing}, which this system lacks: `apt-file search {missing}` finds it"
        )
    if "file too short" in why or "ELF" in why:
        return f"{library} is damaged: {REINSTALL}"
    if name := re.search(r"Library not loaded: \S*?lib(\w+)[\w.]*\.dylib", text):
        return f"MXNet needs lib{name[1]}, which this Mac lacks: brew install {name[1]}"
    return (
        f"MXNet's library doesn't load here ({text}): "
        "mxnet==1.9.1 runs on Linux with glibc; elsewhere, use a Linux container"
    )


def repaired(loader: Any) -> Callable[[ModuleType], None]:
    """Return the loader's `exec_module` with the repair around it."""
    execute = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        vars(module)["__builtins__"] = namespace()
        try:
            execute(module)
        except OSError as error:
            if module.__name__ != "mxnet.base":
                raise
            raise ImportError(advice(error)) from None
        if module.__name__ == "mxnet.base":
            functions = Generated(Path(module._LIB._name), __version__)
            namespace()["exec"] = functions.exec
        elif module.__name__ == "mxnet":
            namespace()["exec"].__self__.close()
            namespace()["exec"] = exec
        if module.__name__ in FIXES and needs_help():
            FIXES[module.__name__](module)

    return exec_module
