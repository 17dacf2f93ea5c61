"""Curves, and gradient descent over a loss (Sections 6.1 and 6.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from d2lconv.draw.describe import describe_curve, format_number
from d2lconv.draw.picture import Picture, Stage, film
from d2lconv.draw.style import (
    CURVES,
    RED,
    STROKES,
    STRONG_BLUE,
    WHITE,
    grey_frame,
)


def curves(x: Sequence[float], ys: dict[str, Sequence[Any]], xlabel: str, ylabel: str) -> Figure:
    """Draw curves over `x`, each with its own name, marker and stroke (Section 6.1.2).

    Parameters
    ----------
    x : sequence of float
        The values' positions.
    ys : dict of str to sequences
        For each name one value for each `x`, or several such sequences, one for each try.
    xlabel, ylabel : str
        The axes' labels.

    Raises
    ------
    ValueError
        If there is no curve, or a curve doesn't have as many values as `x`.
    """
    tries = {name: numpy.atleast_2d(numpy.asarray(y, float)) for name, y in ys.items()}
    if not tries or any(y.shape[1] != len(x) for y in tries.values()):
        shapes = {name: y.shape for name, y in tries.items()}
        raise ValueError(f"ys must be curves of {len(x)} values, as many as x has, got {shapes}")
    figure = Figure(figsize=(6, 3.4), layout="constrained")
    ax = figure.subplots()
    for (name, y), marker, dashes, colour in zip(tries.items(), "os^D", STROKES, CURVES):
        style: dict[str, Any] = {
            "marker": marker,
            "linestyle": dashes,
            "color": colour,
            "markersize": 4,
        }
        lines = ax.plot(x, y.T, linewidth=1, **style)
        lines[0].set_label(name)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    grey_frame(ax)
    figure.legend(loc="outside lower center", ncols=3, fontsize=9, frameon=False)
    ends = [f"{name} {describe_curve(x, y.mean(0))}" for name, y in tries.items()]
    span = f"{format_number(x[0])} to {format_number(x[-1])}"
    figure.set_label(f"{ylabel} over {xlabel}, {span}: {'; '.join(ends)}.")
    return figure


def descent(
    loss: Callable[[float, float], float],
    paths: dict[str, Sequence[Sequence[float]]],
    span: tuple[float, float] | None = None,
) -> Figure:
    """Draw the steps of gradient descent over the contours of a loss (Section 6.2.4).

    Parameters
    ----------
    loss : function of two floats
        The loss for two weights.
    paths : dict of str to sequences of (w_1, w_2)
        For each name the weights before the first step and after each step.
    span : pair of float, optional
        The limits of both axes; by default those of the paths.

    Raises
    ------
    ValueError
        If there is no path, or a path isn't a sequence of pairs.
    """
    steps = _arrays(paths)
    figure = _contours(loss, numpy.concatenate(list(steps.values())), span, len(steps))
    for ax, (name, path) in zip(figure.axes, steps.items()):
        _step(ax, name, path)
    figure.set_label(_said(loss, steps))
    return figure


def descent_each(
    loss: Callable[[float, float], float],
    paths: dict[str, Sequence[Sequence[float]]],
    span: tuple[float, float] | None = None,
) -> Picture:
    """Return `descent` for every path, as an animation (Section 6.2.4).

    Parameters and errors are those of `descent`. By default, the limits fit all paths.
    """
    steps = _arrays(paths)
    figure = _contours(loss, numpy.concatenate(list(steps.values())), span, 1)
    (ax,) = figure.axes
    Stage(figure, [*ax.lines, *ax.spines.values(), ax.title])

    def frames() -> Iterator[Figure]:
        for name, path in steps.items():
            _step(ax, name, path)
            figure.set_label(_said(loss, {name: path}))
            yield figure

    return film(frames())


def _arrays(paths: dict[str, Sequence[Sequence[float]]]) -> dict[str, numpy.ndarray]:
    steps = {name: numpy.asarray(path, float) for name, path in paths.items()}
    if not steps or any(path.ndim != 2 or path.shape[1] != 2 for path in steps.values()):
        shapes = {name: path.shape for name, path in steps.items()}
        raise ValueError(f"paths must be sequences of (w_1, w_2), got {shapes}")
    return steps


def _contours(
    loss: Callable[[float, float], float],
    points: numpy.ndarray,
    span: tuple[float, float] | None,
    panels: int,
) -> Figure:
    """Draw the contours around the points in each panel, and the lines of a path yet to come."""
    figure = Figure(figsize=(3.4 * panels, 3.6), layout="constrained")
    axes = figure.subplots(1, panels, squeeze=False, sharex=True, sharey=True)[0]
    low, high = points.min(0) - 0.3, points.max(0) + 0.3
    if span:
        low, high = (numpy.full(2, end) for end in span)
    w_1, w_2 = (numpy.linspace(*ends, 60) for ends in zip(low, high))
    heights = numpy.array([[loss(x, y) for x in w_1] for y in w_2])
    levels = heights.max() * numpy.linspace(0.1, 1, 12) ** 2
    for ax in axes:
        ax.contour(w_1, w_2, heights, levels=levels, colors=STRONG_BLUE, linewidths=0.9)
        ax.set(xlabel="$w_1$", xlim=(w_1[0], w_1[-1]), ylim=(w_2[0], w_2[-1]))
        ax.plot([], [], "o-", color=RED, markersize=4, linewidth=1)
        ax.plot([], [], "s", color=RED, markersize=8, markerfacecolor=WHITE)
        grey_frame(ax)
    axes[0].set_ylabel("$w_2$")
    return figure


def _step(ax: Axes, name: str, path: numpy.ndarray) -> None:
    """Show a path on the contours of a loss."""
    line, start = ax.lines
    line.set_data(*path.T)
    start.set_data(*path[:1].T)
    ax.set_title(name)


def _said(loss: Callable[[float, float], float], steps: dict[str, numpy.ndarray]) -> str:
    losses = {
        name: [format_number(loss(*path[i])) for i in (0, -1)] for name, path in steps.items()
    }
    ends = [
        f"{name}: the loss goes from {first} to {last}" for name, (first, last) in losses.items()
    ]
    return f"Steps over the contours of a loss. {'; '.join(ends)}."
