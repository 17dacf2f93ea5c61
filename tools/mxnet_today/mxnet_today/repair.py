"""What MXNet 1.9.1 misses on today's NumPy and Python, and how its modules get it."""

from __future__ import annotations

import builtins
import functools
import platform
import re
import sys
from types import ModuleType, SimpleNamespace
from typing import Any, Callable

NUMPY_SCALAR = re.compile(r"\bnp\.(?:(?:u?int|u?longlong|float)\d*\(([^()]*)\)|(True|False)_)")


def dropped(numpy: ModuleType) -> dict[tuple[int, int], dict[str, Any]]:
    """Return the names that MXNet reads and NumPy has dropped, by the version without them.

    Each stands for what it meant in NumPy 1.23, the last version that had them all.
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
            "alltrue": numpy.all,
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


def _moved_out(name: str) -> Callable:
    def function(*args, **kwargs):
        raise RuntimeError(f"numpy.{name} moved to the package numpy-financial with NumPy 1.20")

    return function


def _in1d(numpy: ModuleType) -> Callable:
    def in1d(ar1, ar2, assume_unique=False, invert=False, **kwargs):
        return numpy.isin(numpy.ravel(ar1), ar2, assume_unique, invert, **kwargs)

    return in1d


class Version(list):
    """A version as its list of numbers, for `distutils.version`, which Python 3.12 dropped."""

    def __init__(self, text: str) -> None:
        super().__init__(map(int, re.findall(r"\d+", text)))


@functools.cache
def namespace() -> dict[str, Any] | None:
    """Return the `__builtins__` for MXNet's modules; None where MXNet needs no help."""
    import numpy

    version = tuple(Version(numpy.__version__)[:2])
    without_distutils = sys.version_info >= (3, 12)
    if version < (1, 24) and not without_distutils:
        return None

    class View(ModuleType):
        def __getattr__(self, name: str) -> Any:
            try:
                return getattr(numpy, name)
            except AttributeError:
                raise AttributeError(
                    f"MXNet reads numpy.{name}, which NumPy {numpy.__version__} does not have: "
                    'pip install --no-deps "numpy<2.6"'
                ) from None

    view = View("numpy")
    for since, names in dropped(numpy).items():
        if version >= since:
            vars(view).update(names)
    distutils = SimpleNamespace(LooseVersion=Version, StrictVersion=Version)

    def find(name, globals=None, locals=None, fromlist=(), level=0):
        if name == "distutils.version" and without_distutils:
            return distutils
        module = builtins.__import__(name, globals, locals, fromlist, level)
        return view if module is numpy else module

    return {**vars(builtins), "__import__": find}


def plain(text: str) -> str:
    """Write numbers as MXNet's library reads them: NumPy 2 says `(np.int64(3), 2)` for (3, 2)."""
    return NUMPY_SCALAR.sub(r"\1\2", text) if "np." in text else text


def _write_plain_numbers(base: ModuleType) -> None:
    c_str, c_str_array = base.c_str, base.c_str_array
    base.c_str = lambda string: c_str(plain(string))
    base.c_str_array = lambda strings: c_str_array([plain(string) for string in strings])


def _take_numpy_integers(random: ModuleType) -> None:
    """Cure `size == ()`, which is an empty array, and no truth value, where size is np.int64(3)."""
    import numpy

    def python(value):
        return int(value) if isinstance(value, numpy.integer) else value

    def taking(function):
        @functools.wraps(function)
        def call(*args, **kwargs):
            return function(*map(python, args), **{k: python(v) for k, v in kwargs.items()})

        return call

    for name in random.__all__:
        setattr(random, name, taking(getattr(random, name)))


# What is done to a module of MXNet's after it has run
CURES = {
    "mxnet.base": _write_plain_numbers,
    **{
        f"mxnet.{kind}.{package}.random": _take_numpy_integers
        for kind in ("ndarray", "symbol")
        for package in ("numpy", "numpy_extension")
    },
}


def advice(error: OSError) -> str:
    """Say in one line why MXNet's library does not load, and what to do."""
    missing = str(error).partition(":")[0]
    if missing in ("libgomp.so.1", "libquadmath.so.0"):
        packages = "libgomp1" if platform.machine() == "aarch64" else "libgomp1 libquadmath0"
        return f"MXNet needs {missing}, which this system lacks: apt install {packages}"
    if missing in ("libarmpl_lp64_mp.so", "libamath.so", "libastring.so"):
        return f"MXNet's wheel for ARM lacks {missing}: python -m mxnet_today.arm puts it in place"
    return (
        f"MXNet's library does not load here ({error}): "
        "mxnet==1.9.1 runs on Linux with glibc; elsewhere, use a Linux container"
    )


def repaired(loader: Any) -> Callable[[ModuleType], None]:
    """Return the loader's `exec_module` with the repair around it."""
    execute = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        names = namespace()
        if names:
            vars(module)["__builtins__"] = names
        try:
            execute(module)
        except OSError as error:
            if module.__name__ != "mxnet.base":
                raise
            raise ImportError(advice(error)) from None
        if names and module.__name__ in CURES:
            CURES[module.__name__](module)

    return exec_module
