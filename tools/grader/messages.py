"""Describe calls and values in test reports."""

import re
from typing import Any

import numpy
from mxnet import np

from tools.grader.limits import CALL_LETTERS, shorten

DEEPEST = 20  # nested lists
# The two ways in which MXNet writes where in its C++ code an error was raised
_PLACE = re.compile(
    r'Traceback \(most recent call last\):\n +File "[^"\n]*", line \d+\n|\[[\d:]{8}\] \S+:\d+: '
)


def strip_places(message: str) -> str:
    """Remove C++ locations from a message in linear time, because students can forge messages."""
    return _PLACE.sub("", message)


def value_text(value: Any, letters: int = CALL_LETTERS, depth: int = 0) -> str:
    """Return a value for a test's report, shortened if it is long."""
    if isinstance(value, np.ndarray):
        value = value.asnumpy()
    if isinstance(value, numpy.ndarray):
        if value.ndim > 5 and value.size > 1000:  # numpy would show six elements of each axis
            return f"array of shape {value.shape}, {value.dtype}"
        text = numpy.array2string(value, separator=", ", threshold=200)
        return f"array of shape {value.shape}, {value.dtype}:\n{text}\n"
    if type(value) in (list, tuple):
        parts: list[str] = []
        for item in value if depth < DEEPEST else []:
            if letters <= 0:
                break
            parts.append(value_text(item, letters, depth + 1))
            letters -= len(parts[-1]) + 2
        inside = ", ".join(parts + ["..."] * (len(parts) < len(value)))
        return f"[{inside}]" if isinstance(value, list) else f"({inside})"
    if callable(value):
        return f"<the test's function {getattr(value, '__name__', '')}>"
    return shorten(repr(value), CALL_LETTERS)


def call(name: str, args: tuple, kwargs: dict, *result: Any) -> str:
    """Return a call of a student's function, and its `result` if there is one."""
    given = [*map(value_text, args), *(f"{key}={value_text(kwargs[key])}" for key in kwargs)]
    text = shorten(f"{name}({', '.join(given)})", CALL_LETTERS)
    returned = (shorten(value_text(value), CALL_LETTERS) for value in result)
    return text + "".join(f"\nreturned {value}" for value in returned)
