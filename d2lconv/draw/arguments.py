"""Checks of the arguments that the drawing functions take."""

from __future__ import annotations

from typing import Any

import numpy

from d2lconv.conv import conv2d_output_shape
from d2lconv.geometry import Pair

MOST_CELLS = 20  # rows or columns of a diagram: the numbers of a larger one can't be read


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


def even(padding: Any) -> bool:
    """Whether there is as much padding on one side as on the other, as Gluon has it."""
    return not isinstance(padding, (tuple, list)) or not any(map(numpy.ndim, padding))


def sizes_of(n: Pair, k: Pair, padding: Any, strides: Any) -> tuple[Pair, list[Pair]]:
    """Return the output's shape, and the padding as [(above, below), (left, right)]."""
    if even(padding):
        shape = conv2d_output_shape(n, k, padding, strides)
        return shape, [(side, side) for side in pair(padding)]
    sides = numpy.asarray(padding)
    if sides.shape != (2, 2) or sides.dtype.kind != "i" or sides.min() < 0:
        raise ValueError(
            f"padding must be ((above, below), (left, right)) of 0 or more, got {padding!r}"
        )
    height, width = numpy.add(n, sides.sum(1)).tolist()
    return conv2d_output_shape((height, width), k, 0, strides), sides.tolist()
