"""Shift images, and measure how many images a layer needs for training (Section 6.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy

TESTS = 200  # images that a fitted layer is tested on


def shift(x: Any, by: int | Sequence[int]) -> Any:
    """Return an image shifted within its frame, filled up with zeros.

    Parameters
    ----------
    x : array
        MXNet or NumPy, with any number of axes.
    by : int or sequence of int
        Number of positions for each axis; positive numbers shift towards larger indices.

    Raises
    ------
    ValueError
        If there isn't one number for each axis, or a nonzero element of `x` would leave the frame.
    """
    steps = (by,) if isinstance(by, (int, numpy.integer)) else tuple(by)
    if len(steps) != x.ndim:
        raise ValueError(f"by must be one number for each axis of {x.shape}, got {by!r}")
    inside = [slice(max(-step, 0), size - max(step, 0)) for step, size in zip(steps, x.shape)]
    there = [slice(max(step, 0), size - max(-step, 0)) for step, size in zip(steps, x.shape)]
    shifted = x * 0
    if all(part.start < part.stop for part in inside):
        shifted[tuple(there)] = x[tuple(inside)]
    if (shifted != 0).sum() != (x != 0).sum():
        raise ValueError(f"by must keep the pattern inside of {x.shape}, got {by!r}: make x larger")
    return shifted


def learning_curves(
    counts: Sequence[int], shape: tuple[int, int] = (6, 8), tries: int = 3
) -> dict[str, list[list[float]]]:
    """Fit a dense layer and a layer with shared weights to a few images, and test on 200 others.

    Both learn to subtract from each pixel its right-hand neighbour, in random images. The fit is
    the least-squares solution with the smallest weights, to which gradient descent from zero also
    converges.

    Parameters
    ----------
    counts : sequence of int
        The numbers of training images, from 1.
    shape : pair of int
        Height and width of the images; the width from 2.
    tries : int
        The number of repetitions, each with other images.

    Returns
    -------
    dict of str to list of `tries` lists
        The mean squared errors, for both layers, and for the same images with shuffled pixels.
    """
    if min(shape) < 1 or shape[1] < 2:
        raise ValueError(f"shape must be a height from 1 and a width from 2, got {shape!r}")
    if not counts or min(counts) < 1:
        raise ValueError(f"counts must be numbers of images from 1, got {counts!r}")
    size = shape[0] * shape[1]
    curves: dict[str, list[list[float]]] = {}
    for name, fit in (("dense", _dense), ("shared", _shared)):
        for shuffled in (False, True):
            errors = []
            for seed in range(tries):
                images = numpy.random.default_rng(seed).standard_normal(
                    (TESTS + max(counts), *shape)
                )
                outputs = images[:, :, :-1] - images[:, :, 1:]
                order = numpy.random.default_rng(61).permutation(size) if shuffled else range(size)
                inputs = images.reshape(-1, size)[:, order].reshape(images.shape)
                found = [
                    fit(inputs[TESTS:][:n], outputs[TESTS:][:n], inputs[:TESTS]) for n in counts
                ]
                wrong = [((Y - outputs[:TESTS]) ** 2).mean() for Y in found]
                errors.append([round(float(error), 3) for error in wrong])
            curves[f"{name}, shuffled pixels" if shuffled else name] = errors
    return curves


def _dense(images: numpy.ndarray, outputs: numpy.ndarray, others: numpy.ndarray) -> numpy.ndarray:
    """Fit a dense layer to images and outputs; return its outputs for the other images."""
    n = len(images)
    weights = _solve(images.reshape(n, -1), outputs.reshape(n, -1))
    return (others.reshape(len(others), -1) @ weights).reshape(len(others), *outputs.shape[1:])


def _shared(images: numpy.ndarray, outputs: numpy.ndarray, others: numpy.ndarray) -> numpy.ndarray:
    """Do the same with one pair of weights for all positions."""
    pairs = [numpy.stack([A[:, :, :-1], A[:, :, 1:]], axis=3) for A in (images, others)]
    return pairs[1] @ _solve(pairs[0].reshape(-1, 2), outputs.ravel())


def _solve(inputs: numpy.ndarray, outputs: numpy.ndarray) -> numpy.ndarray:
    return numpy.linalg.lstsq(inputs, outputs, rcond=None)[0]
