"""Guesses that are answered: which step went wrong first, and the window that shows it.

`questions.py` has the questions. An answer never says the solution to who has guessed wrong.
"""

from __future__ import annotations

import html
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from d2lconv.conv import conv2d_output_shape
from d2lconv.draw.picture import show

DOTS = "Put your guess in the place of the dots, and run the cell."
Axis = tuple[int, int, int, int]  # n, k, padding per side, stride


class Question(NamedTuple):
    """What is asked for, what is right, and what went wrong first where it is not."""

    form: str  # of a guess: "a number", "a shape (height, width)"
    answer: Any  # computed: a number, a text, or numbers in tuples and lists
    slips: Sequence[tuple[Any, str]]  # a wrong answer, and the step that leads to it
    look: str  # where to look, after any other wrong answer
    why: str = ""  # unfolds below the guess, where the notebook does not go on with the answer
    axes: Sequence[Axis] = ()  # of a shape: height and width, to draw the window from
    choices: Sequence[str] = ()  # of a text


class Reply:
    """What is said to a guess, with a picture if there is one, as text and as HTML."""

    def __init__(self, text: str, figure: Figure | None = None, folded: str = "") -> None:
        self.text, self.figure, self.folded = text, figure, folded

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        parts = [f"<p>{html.escape(self.text)}</p>"]
        if self.figure:
            parts.append(show(self.figure)._repr_html_())
        if self.folded:
            answer = html.escape(self.folded)
            parts.append(f"<details><summary>The answer</summary><p>{answer}</p></details>")
        return "".join(parts)


def reply(question: Question, guess: Any) -> Reply:
    """Answer a guess; `...` stands for a guess that is still to be made.

    Raises
    ------
    TypeError
        If the guess has not the form that the question asks for.
    ValueError
        If it is none of the choices.
    """
    if _is_open(guess):
        answer = f"{_text(question)}. {question.why}" if question.why else ""
        return Reply(f"{DOTS} It is {question.form}.", folded=answer)
    guess = _checked(question, guess)
    if _equal(guess, question.answer):
        return Reply(f"Right: {_text(question)}.")
    step = next((step for wrong, step in question.slips if _equal(guess, wrong)), None)
    for name, guessed, right, axis in zip(
        ("rows", "columns"), *map(numpy.ravel, (guess, question.answer)), question.axes
    ):
        if guessed != right:
            said, figure = _window(name, int(guessed), axis)
            return Reply(f"Not yet. {step or said}", figure)
    return Reply(f"Not yet. {step or question.look}")


def shape_question(
    n: tuple[int, int],
    k: tuple[int, int],
    p: tuple[int, int] = (0, 0),
    s: tuple[int, int] = (1, 1),
    why: str = "",
) -> Question:
    """Ask for the shape of an output (Section 6.3); the usual slips are computed.

    Parameters
    ----------
    n, k, p, s : pair of int
        Input, kernel, padding per side and strides, (height, width).
    why : str
        See `Question`.
    """
    axes = list(zip(n, k, p, s))
    usual = [
        (lambda n, k, p, s: (n - k + 2 * p) // s, "That counts the steps between the windows."),
        (
            lambda n, k, p, s: (n - k + p) // s + 1,
            "You took p as a total; Gluon's padding is per side, so it comes twice.",
        ),
        (lambda n, k, p, s: (n - k) // s + 1, "You left out the padding."),
        (lambda n, k, p, s: n - k + 2 * p + 1, "You left out the stride."),
        (
            lambda n, k, p, s: -(-(n - k + 2 * p) // s) + 1,
            "You rounded up; what does not fill a window is dropped.",
        ),
        (lambda n, k, p, s: (n + 2 * p) // s, "You left out the kernel."),
    ]
    slips = [(tuple(wrong(*axis) for axis in axes), step) for wrong, step in usual]
    answer = conv2d_output_shape(n, k, p, s)
    slips.append((answer[::-1], "Height comes first, then width."))
    return Question("a shape (height, width)", answer, slips, "", why, axes)


def _window(name: str, guess: int, axis: Axis) -> tuple[str, Figure]:
    """Say what is wrong with the number of windows along an axis, and draw the window."""
    n, k, p, s = axis
    size, last = n + 2 * p, (guess - 1) * s
    if guess < 1:
        return "There is at least one window.", _strip(axis, 0)
    if last + k > size:
        said = f"your last window would end at number {last + k} of {size} {name}"
    else:
        last += s
        said = f"after your last window another one fits, on the {name} {last + 1} to {last + k}"
    return f"Count the {name}: {said}.", _strip(axis, last)


def _strip(axis: Axis, start: int) -> Figure:
    """Draw one axis of the padded input, and the window that starts there, in it or not."""
    n, k, p, _ = axis
    size = n + 2 * p
    first, end = (
        max(start - 12, 0),
        max(min(size, start + k + 3), start + k),
    )  # a part, if it is long
    figure = Figure(figsize=(0.4 * (end - first + 1), 0.8))
    ax = figure.add_axes((0, 0, 1, 1))
    for cell in range(first, min(size, end)):
        padding = not p <= cell < p + n
        style: dict[str, Any] = {"linestyle": "--" if padding else "-", "gid": f"cell {cell}"}
        ax.add_artist(
            Rectangle(
                (cell, 0),
                1,
                1,
                facecolor="none" if padding else "#56B4E9",
                edgecolor="#777777",
                **style,
            )
        )
    ax.add_artist(
        Rectangle(
            (start, -0.1), k, 1.2, fill=False, linewidth=2.4, edgecolor="#D55E00", gid="window"
        )
    )
    ax.set(xlim=(first - 0.5, end + 0.5), ylim=(-0.4, 1.4), aspect="equal")
    ax.set_axis_off()
    figure.set_label(
        f"A strip of {size} cells, and a window over the cells {start + 1} to {start + k}."
    )
    return figure


def _is_open(guess: Any) -> bool:
    return guess is ... or (isinstance(guess, (tuple, list)) and any(map(_is_open, guess)))


def _checked(question: Question, guess: Any) -> numpy.ndarray:
    """Return the guess as an array of the answer's shape."""
    wanted = numpy.asarray(question.answer)
    kinds = "U" if question.choices else "iuf"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # older NumPy warns of rows of different lengths
            found = numpy.asarray(guess.asnumpy() if hasattr(guess, "asnumpy") else guess)
    except (ValueError, Warning):
        found = numpy.asarray(None)
    if found.shape != wanted.shape or found.dtype.kind not in kinds:
        raise TypeError(f"guess must be {question.form}, got {guess!r}")
    if question.choices and guess not in question.choices:
        raise ValueError(f"guess must be {question.form}, got {guess!r}")
    return found


def _equal(guess: numpy.ndarray, other: Any) -> bool:
    if guess.dtype.kind == "U":
        return bool(guess == other)
    other = numpy.asarray(other)
    return guess.shape == other.shape and bool(numpy.allclose(guess, other, rtol=1e-3))


def _text(question: Question) -> str:
    shape = question.form.startswith("a shape")
    return " × ".join(map(str, question.answer)) if shape else str(question.answer)
