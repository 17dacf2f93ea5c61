"""A kernel and its loss, step by step (Section 6.2.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import AutoLocator
from numpy.typing import ArrayLike

from d2lconv.draw.arguments import matrix
from d2lconv.draw.describe import format_number, format_shape
from d2lconv.draw.picture import Picture, Stage, film
from d2lconv.draw.style import DIVERGING, GREY, INK, MIDDLE, RED, STRONG_BLUE, grey_frame


def learning(
    kernels: Sequence[ArrayLike], losses: Sequence[float], wanted: ArrayLike | None = None
) -> Picture:
    """Return a picture of the kernel and the loss, with a slider over the training steps.

    Parameters
    ----------
    kernels : sequence of arrays of shape (k_h, k_w)
        The kernel before each step, MXNet or NumPy.
    losses : sequence of float
        The loss of each of these kernels. It is drawn on a logarithmic scale.
    wanted : array of shape (k_h, k_w), optional
        The kernel that made the data, drawn below the learned one.

    Raises
    ------
    ValueError
        If there is no step, if there isn't one positive loss for each kernel, or if the kernels
        differ in shape.
    """
    steps = [matrix(f"kernels[{i}]", kernel) for i, kernel in enumerate(kernels)]
    goal = None if wanted is None else matrix("wanted", wanted)
    if not steps or len(losses) != len(steps):
        raise ValueError(
            "losses must be one for each kernel, and at least one, "
            f"got {len(losses)} for {len(steps)} kernels"
        )
    if not numpy.greater(losses, 0).all():
        raise ValueError(f"losses must be positive numbers, got {list(losses)}")
    shapes = {array.shape for array in [*steps, *([] if goal is None else [goal])]}
    if len(shapes) > 1:
        raise ValueError(f"kernels and wanted must have one shape, got {sorted(shapes)}")
    figure = learning_step(steps, losses, goal, 0)
    kernel, curve = figure.axes[0], figure.axes[-1]
    Stage(figure, [kernel, curve.lines[-1], *curve.spines.values(), curve.title])

    def frames() -> Iterator[Figure]:
        for number in range(len(steps)):
            _move(figure, steps, losses, number)
            yield figure

    return film(frames())


def learning_step(
    steps: Sequence[numpy.ndarray],
    losses: Sequence[float],
    goal: numpy.ndarray | None,
    number: int,
) -> Figure:
    """Draw one step of `learning`, counted from 0. The arguments are checked already."""
    figure = Figure(figsize=(6.6, 2.9))
    arrays = {"": steps[number]}
    if goal is not None:
        arrays["kernel that made the output"] = goal
    limit = float(max(abs(array).max() for array in [*steps, *arrays.values()])) or 1.0
    for row, (title, array) in enumerate(arrays.items()):
        height = 0.8 / len(arrays)
        ax = figure.add_axes((0.02, 0.92 - (row + 1) * height, 0.4, height - 0.14))
        _kernel(ax, title, array, limit)
    ax = figure.add_axes((0.54, 0.19, 0.44, 0.68))
    counted = range(1, len(losses) + 1)
    ax.semilogy(counted, losses, "o-", color=STRONG_BLUE, markersize=4, linewidth=1, gid="losses")
    here: dict[str, Any] = {"markersize": 11, "markeredgewidth": 2, "markerfacecolor": "none"}
    ax.plot([1], losses[:1], "o", color=RED, **here, gid="step")
    ax.set(xlabel="step")
    locator = AutoLocator()
    locator.set_params(integer=True)
    ax.xaxis.set_major_locator(locator)
    grey_frame(ax)
    _move(figure, steps, losses, number)
    return figure


def _move(
    figure: Figure, steps: Sequence[numpy.ndarray], losses: Sequence[float], number: int
) -> None:
    """Make a figure of `learning_step` show another step."""
    kernel, curve = figure.axes[0], figure.axes[-1]
    kernel.images[0].set_data(steps[number])
    kernel.set_title(f"kernel before step {number + 1}", fontsize=11)
    _write(kernel, steps[number])
    curve.lines[-1].set_data([number + 1], [losses[number]])
    curve.set_title(f"loss: {format_number(losses[number])}")
    values = " ".join(format_number(value) for value in steps[number].flat)
    figure.set_label(
        f"Step {number + 1} of {len(losses)}. The kernel, {format_shape(steps[number].shape)}, "
        f"is {values}. The loss is {format_number(losses[number])}."
    )


def _kernel(ax: Axes, title: str, array: numpy.ndarray, limit: float) -> None:
    ax.imshow(array, cmap=DIVERGING, vmin=-limit, vmax=limit, interpolation_stage="data")
    ax.set_title(title, fontsize=11)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_color(GREY)
    for row, column in numpy.ndindex(array.shape):
        ax.text(column, row, "", **MIDDLE, gid=f"kernel[{row},{column}]")
    _write(ax, array)


def _write(ax: Axes, array: numpy.ndarray) -> None:
    """Write the numbers of a kernel on its cells."""
    for text, value, colour in zip(
        ax.texts, array.flat, ax.images[0].to_rgba(array).reshape(-1, 4)
    ):
        dark = numpy.dot(colour[:3], (0.3, 0.6, 0.1)) < 0.5
        text.set(text=f"{value:.2f}", color="white" if dark else INK)
