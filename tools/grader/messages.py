"""What tests say about calls and values, for people to read."""

from __future__ import annotations

import re
from typing import Any

import numpy
from mxnet import np

from tools.grader.limits import CALL_LETTERS, short

DEEPEST = 20  # lists in lists
_CPP = re.compile(
    r"^(?:Traceback \(most recent call last\):|Stack trace:"
    r"|[^\S\n]*(?:\[bt\]|\[\d\d:\d\d:\d\d\]) .*"
    r"|[^\S\n]*File \"[^\"\n]*\.(?:cc|h|cu|cpp)\", line \d+.*)[^\S\n]*\n?",
    re.MULTILINE,
)
_PLACE = re.compile(r"(?<!\S)[^\s:]*\.(?:cc|h|cu):\d+:\s*")
_SAME_TEXT = re.compile(r"expected:?\s+(?P<text>\S.*?),?\s+got:?\s+(?P=text)\s*$", re.DOTALL)


def readable(message: str) -> str:
    """Leave out of MXNet's messages where in its C++ the error was found.

    A student can have written the message: each pattern takes time in proportion to its length.
    """
    message = _CPP.sub("", message)
    return _PLACE.sub(lambda place: "" if "src/" in place[0] else place[0], message).strip()


def value_text(value: Any, letters: int = CALL_LETTERS, depth: int = 0) -> str:
    """Return a value as a test's report shows it, shortened where it is long."""
    if isinstance(value, np.ndarray):
        value = value.asnumpy()
    if isinstance(value, numpy.ndarray):
        if value.ndim > 5 and value.size > 1000:  # of each axis six places would be shown
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
    return short(repr(value), CALL_LETTERS)


def call(name: str, args: tuple, kwargs: dict, *result: Any) -> str:
    """Return a call of a student's function, and what it gave back if there is a `result`."""
    given = [*map(value_text, args), *(f"{key}={value_text(kwargs[key])}" for key in kwargs)]
    text = short(f"{name}({', '.join(given)})", CALL_LETTERS)
    returned = (short(value_text(value), CALL_LETTERS) for value in result)
    return text + "".join(f"\nreturned {value}" for value in returned)


def told_apart(why: str, result: Any) -> str:
    """Add its type to what a student returned if it looks like what was needed."""
    if _SAME_TEXT.search(why) and not isinstance(result, (np.ndarray, numpy.ndarray)):
        return f"{why} ({value_text(result)}, of type {type(result).__name__})"
    return why
