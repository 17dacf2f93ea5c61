"""Give MXNet 1.9.1 the names that NumPy and Python have dropped, and repair its functions."""

from __future__ import annotations

import builtins
import functools
import re
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Callable

import numpy

from mxnet_today import __version__
from mxnet_today.advice import advice
from mxnet_today.generated import Generated

NUMPY_SCALAR = re.compile(r"\bnp\.(?:(?:u?int|u?longlong|float)\d*\(([^()]*)\)|(True|False)_)")
# Names that NumPy has dropped or will drop, and their new names
RENAMED = {"Inf": "inf", "NAN": "nan", "NaN": "nan", "PINF": "inf", "fix": "trunc"}
RENAMED.update(product="prod", round_="round", sometrue="any", trapz="trapezoid")
MOVED_OUT = ["mirr", "npv", "pmt", "ppmt", "pv", "rate"]


class Version(list):
    """A version as a list of numbers; replaces `distutils.version`, which Python 3.12 dropped."""

    def __init__(self, text: str) -> None:
        super().__init__(map(int, re.findall(r"\d+", text)))


NEEDED = Version(numpy.__version__) >= [1, 24] or sys.version_info >= (3, 12)


class View(ModuleType):
    """A module with the names of another module, some of them replaced."""

    def __init__(self, module: ModuleType, **names: Any) -> None:
        super().__init__(module.__name__)
        vars(self).update(names, _module=module)

    def __getattr__(self, name: str) -> Any:
        if self._module is numpy and not hasattr(numpy, name):
            raise AttributeError(
                f"MXNet reads numpy.{name}, which NumPy {numpy.__version__} does not have: "
                'pip install --no-deps "numpy<2.6"'
            )
        return getattr(self._module, name)


class Lazy(ModuleType):
    """A module that is imported when one of its names is first read."""

    def __getattr__(self, name: str) -> Any:
        if self.__name__ == "scipy":
            return Lazy(f"scipy.{name}")
        if self.__name__ == "scipy.sparse" and name == "csr":  # SciPy 2 drops it
            # for MXNet's isinstance: nothing is one, unless SciPy is imported
            loaded = sys.modules.get("scipy.sparse")
            return SimpleNamespace(csr_matrix=loaded.csr_matrix if loaded else ())
        return getattr(import_module(self.__name__), name)


def _array(object, dtype=None, **kwargs):
    try:
        return numpy.array(object, dtype, **kwargs)
    except OverflowError:  # NumPy 1 accepted 300 as an 8-bit integer and kept its last 8 bits
        return numpy.array(object, **kwargs).astype(dtype)


def _alltrue(a, *args, **kwargs):  # for an MXNet array, too, it returned a NumPy boolean
    return numpy.all(a.asnumpy() if hasattr(a, "asnumpy") else a, *args, **kwargs)


def _in1d(ar1, *args, **kwargs):
    return numpy.isin(numpy.ravel(ar1), *args, **kwargs)


def _moved_out(*args, **kwargs):
    raise RuntimeError("this function moved to the package numpy-financial with NumPy 1.20")


@functools.cache
def dropped() -> dict[str, Any]:
    """Return the names that MXNet uses and NumPy has dropped, with their meaning in NumPy 1.23."""
    names = dict.fromkeys(MOVED_OUT, _moved_out)
    names.update(int=int, PZERO=0.0, NZERO=-0.0, NINF=-numpy.inf, alltrue=_alltrue, in1d=_in1d)
    names["msort"] = functools.partial(numpy.sort, axis=0)
    names["compat"] = SimpleNamespace(basestring=str)
    names.update({old: getattr(numpy, new, None) for old, new in RENAMED.items()})
    names = {name: value for name, value in names.items() if not hasattr(numpy, name)}
    if hasattr(numpy.lib, "array_utils"):  # NumPy 2, whose own `core` warns
        names["core"] = SimpleNamespace(numeric=numpy.lib.array_utils)
    return {**names, "bool": bool}  # NumPy 2 has its own


@functools.cache
def namespace() -> dict[str, Any]:
    """Return the `__builtins__` for MXNet's modules."""
    view = View(numpy, array=_array, **dropped()) if NEEDED else numpy
    distutils = SimpleNamespace(LooseVersion=Version, StrictVersion=Version)

    def find(name, globals=None, locals=None, fromlist=(), level=0):
        if name == "distutils.version":  # slow to import: setuptools replaces it
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
    kinds = numpy.integer, numpy.float16, numpy.float32, numpy.float64
    return value.item() if isinstance(value, kinds) else value


def _taking_python_numbers(function: Callable) -> Callable:
    @functools.wraps(function)
    def call(*args, **kwargs):
        kwargs = {name: python_number(value) for name, value in kwargs.items()}
        return function(*map(python_number, args), **kwargs)

    return call


def _take_python_numbers(module: ModuleType) -> None:
    """Let functions and classes compute with Python numbers, as with NumPy 1.

    NumPy 2 computes `1 - float32(0.1)` in float32 (NEP 50), and `np.int64(3) == ()` gives an array
    without a truth value.
    """
    for name, value in list(vars(module).items()):
        if getattr(value, "__module__", None) == module.__name__:
            if not isinstance(value, type):
                setattr(module, name, _taking_python_numbers(value))
            elif "__init__" in vars(value):
                value.__init__ = _taking_python_numbers(value.__init__)


def _convert_attributes(cls: type, convert: Callable = lambda _, value: python_number(value)):
    """Convert NumPy scalars when they become attributes, for example a learning rate.

    In NumPy 1, `float32(0.1) * 0.9` was a float64, so products of many factors didn't drift.
    """
    set_attribute = cls.__setattr__
    cls.__setattr__ = lambda self, name, value: set_attribute(self, name, convert(name, value))


def _sum_in_double(metric: ModuleType) -> None:
    """Let metrics add in float64, as with NumPy 1, and return Python numbers."""

    def convert(name, value):
        value = python_number(value)
        is_sum = name.endswith(("sum_metric", "num_inst")) and isinstance(value, float)
        return numpy.float64(value) if is_sum else value

    def numbers(value):
        if isinstance(value, (list, tuple)):
            return type(value)(map(numbers, value))
        return python_number(value)

    def read(self, name):
        value = object.__getattribute__(self, name)
        if name not in ("get", "get_global"):
            return value
        return functools.wraps(value)(lambda *args, **kwargs: numbers(value(*args, **kwargs)))

    def total(*args, **kwargs):  # the metrics add its asscalar() to a float
        number = ndarray.sum(*args, **kwargs).asscalar
        return SimpleNamespace(asscalar=lambda: python_number(number()))

    ndarray = metric.ndarray
    metric.ndarray = View(ndarray, sum=total)
    metric.EvalMetric.__getattribute__ = read
    _convert_attributes(metric.EvalMetric, convert)


def _scale_in_double(optimizer: ModuleType) -> None:
    """Let the optimizers that scale by a norm, LARS and LBSGD, compute the scale in float64."""
    for cls in (optimizer.LARS, optimizer.LBSGD):
        cls._l2norm = lambda *args, norm=cls._l2norm, **kw: numpy.float64(norm(*args, **kw))
    _convert_attributes(optimizer.Optimizer)


def _write_bytes(recordio: ModuleType) -> None:
    """Give the arrays of labels and images a `tostring`, which NumPy 2.3 dropped."""

    class Array(numpy.ndarray):
        tostring = numpy.ndarray.tobytes

    def imencode(*args):
        written, buffer = cv2.imencode(*args)
        return written, buffer.view(Array)

    cv2 = recordio.cv2
    recordio.cv2 = cv2 and View(cv2, imencode=imencode)
    recordio.np = View(numpy, asarray=lambda a, dtype: numpy.asarray(a, dtype).view(Array))


def _fork_workers(dataloader: ModuleType) -> None:
    """Fork the workers of a DataLoader, because MXNet's arrays can't be sent to other processes.

    By default, Python 3.14 starts processes from a fork server.
    """
    multiprocessing = dataloader.multiprocessing
    if sys.platform != "linux" or multiprocessing.get_start_method(allow_none=True) == "fork":
        return
    fork = multiprocessing.get_context("fork")
    dataloader.multiprocessing = View(multiprocessing, Pool=fork.Pool, Process=fork.Process)


def _give_numpy_arrays(ndarray: ModuleType) -> None:
    """Let NumPy read mxnet.nd arrays.

    To NumPy they look like endlessly nested sequences, because any element is again an array.
    NumPy 1 stopped at 32 dimensions; NumPy 2 raises an error.
    """

    def read(array):
        if type(array).__module__.startswith("mxnet.numpy"):
            raise AttributeError("__array__")  # mxnet.np supports NumPy's protocols
        return lambda dtype=None, copy=None: numpy.asarray(array.asnumpy(), dtype)

    ndarray.NDArray.__array__ = property(read)


def _accept_named_tuples(multiarray: ModuleType) -> None:
    """Convert the arrays in what `linalg.qr` returns: since NumPy 2.0, a named tuple."""
    convert = multiarray._as_mx_np_array

    def to_mxnet(object, ctx=None):
        return convert(tuple(object) if isinstance(object, tuple) else object, ctx)

    multiarray._as_mx_np_array = to_mxnet


# The fix for each of MXNet's modules, after it has run
FIXES = {
    "mxnet.base": _write_plain_numbers,
    "mxnet.gluon.data.dataloader": _fork_workers,
    "mxnet.gluon.data.vision.transforms": _take_python_numbers,
    "mxnet.gluon.loss": _take_python_numbers,
    "mxnet.gluon.parameter": lambda module: _convert_attributes(module.Parameter),
    "mxnet.image.detection": _take_python_numbers,
    "mxnet.image.image": _take_python_numbers,
    "mxnet.initializer": _take_python_numbers,
    "mxnet.lr_scheduler": lambda module: _convert_attributes(module.LRScheduler),
    "mxnet.metric": _sum_in_double,
    "mxnet.ndarray.ndarray": _give_numpy_arrays,
    "mxnet.ndarray.numpy.random": _take_python_numbers,
    "mxnet.ndarray.numpy_extension.random": _take_python_numbers,
    "mxnet.numpy.multiarray": _accept_named_tuples,
    "mxnet.optimizer.optimizer": _scale_in_double,
    "mxnet.recordio": _write_bytes,
    "mxnet.symbol.numpy.random": _take_python_numbers,
    "mxnet.symbol.numpy_extension.random": _take_python_numbers,
}


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
        if module.__name__ in FIXES and NEEDED:
            FIXES[module.__name__](module)

    return exec_module
