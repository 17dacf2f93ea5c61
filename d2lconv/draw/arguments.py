"""Check the arguments of the drawing functions."""

from __future__ import annotations

from typing import Any

import numpy

from d2lconv.geometry import Pair

MOST_CELLS = 20  # rows or columns of a diagram: numbers in a larger one would be unreadable


def numbers(name: str, value: Any) -> numpy.ndarray:
    array = numpy.asarray(value.asnumpy() if hasattr(value, "asnumpy") else value)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be an array of numbers, got {value!r}")
    return array.astype(float)


def matrix(name: str, value: Any) -> numpy.ndarray:
    array = numbers(name, value)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"{name} must have a height and a width of 1 or more, got {array.shape}")
    return array


def panel(name: str, value: Any) -> numpy.ndarray:
    array = numbers(name, value)
    if array.size == 0 or (array.ndim not in (1, 2) and array.shape[2:] != (3,)):
        raise ValueError(f"{name} must have shape (n,), (h, w) or (h, w, 3), got {array.shape}")
    return array[None] if array.ndim == 1 else array


def position_of(position: Any, shape: Pair) -> Pair:
    found = tuple(numpy.ravel(position).tolist())
    if found not in set(numpy.ndindex(*shape)):
        raise ValueError(
            "position must be a row and a column of the output, "
            f"whose shape is {shape}, got {found!r}"
        )
    return found


def check_size(size: Pair) -> None:
    if max(size) > MOST_CELLS:
        raise ValueError(
            f"the padded input must have at most {MOST_CELLS} rows and columns, or its cells are "
            f"too small to read, got {size}"
        )


def shape_of(array: numpy.ndarray) -> Pair:
    height, width = array.shape
    return height, width


def pair(value: int | Pair) -> Pair:
    return (value, value) if isinstance(value, int) else (value[0], value[1])
