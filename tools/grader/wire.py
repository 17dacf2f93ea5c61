"""Send plain data between grader and student over a socket, as one JSON text per line.

Received data is never executed or unpickled. `decode` returns only None, bool, int, float, str,
list, tuple, and arrays, so an answer can't bring its own methods, `__eq__` or attributes.
"""

from __future__ import annotations

import base64
import json
import math
import re
import socket
import time
from typing import Any, Callable

import numpy
from mxnet import np

from tools.grader.limits import AXES, MESSAGE_BYTES, NUMBERS

NUMBER = re.compile(r"bool|(u?int|float)\d{1,3}")  # a dtype
PLAIN = (type(None), bool, int, float, str)


def loads(data: bytes | bytearray) -> Any:
    """Parse JSON in any Unicode encoding. Raises ValueError if it is invalid, too deep or large.

    Python itself limits the digits of integers, whose conversion could take hours.
    """
    try:
        return json.loads(data)
    except (RecursionError, MemoryError):
        raise ValueError("it is nested too deeply, or too large") from None


def encode(value: Any, remember: Callable[[Callable], int] | None = None) -> Any:
    """Convert plain data to JSON types, and functions to numbers. Otherwise raises TypeError."""
    if isinstance(value, numpy.generic):
        value = value.item()
    if type(value) in PLAIN:
        return value
    if type(value) in (list, tuple):
        return {type(value).__name__: [encode(item, remember) for item in value]}
    if isinstance(value, (np.ndarray, numpy.ndarray)):
        array = value.asnumpy() if isinstance(value, np.ndarray) else value
        kind = "numpy" if array is value else "mxnet"
        data = base64.b64encode(array.tobytes()).decode()
        return {kind: [array.dtype.name, list(array.shape), data]}
    if callable(value) and remember:
        return {"function": remember(value)}
    raise TypeError(f"not plain data: {type(value).__module__}.{type(value).__qualname__}")


def decode(
    value: Any, function: Callable[[int], Callable] | None = None, numbers: int = NUMBERS
) -> Any:
    """Undo `encode`. Raises ValueError, TypeError or KeyError for malformed data.

    Arrays have at most `numbers` elements, counting an axis of length 0 as 1: an operation on an
    empty array can still broadcast over its other axes.
    """
    if type(value) in PLAIN:
        return value
    ((kind, content),) = value.items()
    if kind in ("list", "tuple"):
        items = [decode(item, function, numbers) for item in content]
        return items if kind == "list" else tuple(items)
    if kind in ("mxnet", "numpy"):
        dtype, shape, data = content
        if not isinstance(dtype, str) or not NUMBER.fullmatch(dtype):
            raise TypeError("an array of no numbers")
        if len(shape) > AXES or math.prod(max(int(length), 1) for length in shape) > numbers:
            raise ValueError("the array is too large")
        array = numpy.frombuffer(base64.b64decode(data), dtype).reshape(shape)
        return np.array(array, dtype=dtype) if kind == "mxnet" else array.copy()
    if kind == "function" and function:
        return function(int(content))
    raise ValueError(f"no kind of plain data: {kind!r}")


class Line:
    """One end of the socket: `send` and `receive` messages, with a deadline for both."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket, self.unread = connection, bytearray()

    def send(self, message: dict, seconds: float | None = None) -> None:
        """Send a message. Raises TimeoutError if the other side doesn't read it in time."""
        self.socket.settimeout(seconds and max(seconds, 1e-3))
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def receive(self, seconds: float | None = None) -> dict:
        """Return the next message. Raises TimeoutError, EOFError at the end, or ValueError."""
        deadline = time.monotonic() + (seconds or 0)
        new: bytes | bytearray = self.unread
        while b"\n" not in new:
            self.socket.settimeout(seconds and max(deadline - time.monotonic(), 1e-3))
            new = self.socket.recv(2**16)
            self.unread += new
            if not new:
                raise EOFError("the other side is gone")
            if len(self.unread) > MESSAGE_BYTES:
                raise ValueError(f"an answer of more than {MESSAGE_BYTES // 2**20} MiB")
        line, _, self.unread = self.unread.partition(b"\n")
        message = loads(line)
        if not isinstance(message, dict):
            raise ValueError(f"a message must be a JSON object, got {type(message).__name__}")
        return message
