"""Reply to guesses: a hint at the first wrong step, with the window that shows it.

`questions.py` has the questions. The explanation stays folded until the guess is right.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy

from d2lconv.conv import conv2d_output_shape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Axis = tuple[int, int, int, int]  # n, k, padding per side, stride
# Sign, colour and word say the same thing, for readers who miss one of them
WHOLE = "The answer is in whole numbers."
BADGES = {"Right": ("✓", "#00694d"), "Not yet": ("✗", "#a33d00"), "": ("…", "#555555")}


class Question(NamedTuple):
    """A question, its answer, and a hint for each wrong answer that has a known cause."""

    form: str  # of a guess: "a number", "a shape (height, width)"
    answer: Any  # computed: a number, a text, or numbers in tuples and lists
    # A wrong answer, and the hint at the step that leads to it. A text stands for many answers: it
    # tests the guess's numbers g, in Python that is also JavaScript, because the site asks too
    slips: Sequence[tuple[Any, str]]
    look: str  # the hint for any other wrong answer
    why: str = ""  # the explanation: folded below the guess, and shown once the guess is right
    axes: Sequence[Axis] = ()  # of a shape: height and width, to draw the window from
    choices: Sequence[str] = ()  # of a text
    tolerance: float = 0  # of a measured number; whole numbers have to be exact


# Run All unfolds all outputs in JupyterLab and Notebook 7. There, outputs that answer a question
# stay folded until the guess is right or "The answer" is unfolded. They belong to up to three code
# cells below the question.
NEXT = "+.jp-CodeCell"
FOLDED = (
    "<style>.jp-CodeCell:has(.jp-RenderedHTML>details:not([open])){"
    f"&{NEXT},&{NEXT}{NEXT},&{NEXT}{NEXT}{NEXT}{{"
    "&:not(:has(.jp-RenderedHTML>details)) .jp-Cell-outputWrapper:has(.jp-OutputArea-child){"
    ".jp-OutputArea{display:none}"
    '&::after{content:"Guess first, or unfold the answer above.";font-style:italic}}}}</style>'
)


class Reply:
    """A reply to a guess, as text and as HTML, with a picture and a folded answer if any."""

    def __init__(
        self, verdict: str, text: str, figure: Figure | None = None, folded: str = ""
    ) -> None:
        self.verdict, self.text, self.figure, self.folded = verdict, text, figure, folded

    def __repr__(self) -> str:
        return f"{self.verdict}: {self.text}" if self.verdict else self.text

    def _repr_html_(self) -> str:
        sign, colour = BADGES[self.verdict]
        badge = (
            f'<b style="background:{colour};color:#fff;border-radius:0.3em;padding:0.1em 0.5em">'
            f"{sign} {self.verdict}</b> "
        )
        parts = [f"<p>{badge}{html.escape(self.text)}</p>"]
        if self.figure:
            from d2lconv.draw.picture import show

            parts.append(show(self.figure)._repr_html_())
        if self.folded:
            answer = html.escape(self.folded)
            parts.append(f"<details><summary>The answer</summary><p>{answer}</p></details>{FOLDED}")
        return "".join(parts)


def reply(question: Question, guess: Any) -> Reply:
    """Reply to a guess; `...` stands for a guess that the reader has yet to make.

    A guess of the wrong form, such as a text instead of a number, gets a line that names the form.
    It never raises an error.
    """
    answer = full_answer(question) if question.why else ""
    if _is_open(guess):
        return Reply("", f"Replace the dots with your guess ({question.form}).", folded=answer)
    found = _read(question, guess)
    if found is None:
        return Reply("", f"A guess here is {question.form}. Yours is {guess!r}.", folded=answer)
    if _equal(question, found, question.answer):
        return Reply("Right", full_answer(question))
    hint, figure = _hint(question, found)
    return Reply("Not yet", hint, figure, answer)


def _hint(question: Question, guess: numpy.ndarray) -> tuple[str, Figure | None]:
    """Return the hint for a wrong guess, and for a wrong shape the window that shows why."""
    slips = [hint for slip, hint in question.slips if _equal(question, guess, slip)]
    wrong = [
        (name, int(guessed), axis)
        for name, guessed, right, axis in zip(
            ("rows", "columns"), guess.ravel(), numpy.ravel(question.answer), question.axes
        )
        if guessed != right
    ]
    whole = not question.choices and not question.tolerance
    if whole and not slips and (guess % 1).any():
        down = question.axes and (numpy.floor(guess) == question.answer).all()
        return ("Round down: a part of a window gives no output." if down else WHOLE), None
    if wrong:
        said, figure = _window(*wrong[0])
        return (slips[0] if slips else said), figure
    return (slips[0] if slips else question.look), None


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
        (
            lambda n, k, p, s: (n - k + 2 * p) // s,
            "You counted the steps between the positions. There is one position more.",
        ),
        (
            lambda n, k, p, s: (n - k + p) // s + 1,
            "You took the padding as a total. Gluon's padding is per side, so it counts twice.",
        ),
        (lambda n, k, p, s: (n - k) // s + 1, "You left out the padding."),
        (lambda n, k, p, s: n - k + 2 * p + 1, "You left out the stride."),
        (
            lambda n, k, p, s: -(-(n - k + 2 * p) // s) + 1,
            "You rounded up. A part of a window gives no output, so round down.",
        ),
        (lambda n, k, p, s: (n + 2 * p) // s, "You left out the size of the kernel."),
    ]
    slips = [(tuple(wrong(*axis) for axis in axes), step) for wrong, step in usual]
    answer = conv2d_output_shape(n, k, p, s)
    slips.append((answer[::-1], "You exchanged the two: the height comes first."))
    return Question("a shape (height, width)", answer, slips, "", why, axes)


def _window(name: str, guess: int, axis: Axis) -> tuple[str, Figure]:
    """Say why that many windows are wrong along an axis, and draw the window that shows it."""
    n, k, p, s = axis
    size, last = n + 2 * p, (guess - 1) * s
    from d2lconv.draw.strip import strip  # here, because only a wrong shape needs Matplotlib

    whole = f"the input has {size} with its padding" if p else f"the input has only {size}"
    if guess < 1:
        return f"One window fits, so the output has at least one {name[:-1]}.", strip(n, k, p, 0)
    output = f"{guess} {name[:-1] if guess == 1 else name} of output"
    if last + k > size:
        said = f"For {output}, the last window would end at number {last + k} of the {name}"
        return f"{said}, but {whole}.", strip(n, k, p, last)
    last += s
    said = f"With {output}, there is room for one window more, over the {name} "
    return f"{said}{last + 1} to {last + k}.", strip(n, k, p, last)


def _is_open(guess: Any) -> bool:
    return guess is ... or (isinstance(guess, (tuple, list)) and any(map(_is_open, guess)))


def _read(question: Question, guess: Any) -> numpy.ndarray | None:
    """Return the guess as an array of the answer's shape, or None if it has another form."""
    if question.choices:
        word = str(guess).strip(" .'\"").lower()
        return next((numpy.array(c) for c in question.choices if c.lower() == word), None)
    wanted = numpy.shape(question.answer)
    try:
        found = numpy.asarray(guess.asnumpy() if hasattr(guess, "asnumpy") else guess, float)
    except (TypeError, ValueError, OverflowError):
        return None
    if isinstance(guess, bool) or not numpy.isfinite(found).all():
        return None
    if question.form.startswith("a shape") and found.ndim == 0:
        return numpy.full(wanted, found)  # one number for height and width, as in Gluon
    return found.reshape(wanted) if found.size == numpy.prod(wanted, dtype=int) else None


def _equal(question: Question, guess: numpy.ndarray, other: Any) -> bool:
    """Return whether a guess equals another answer, or passes the test that stands for several."""
    if question.choices:
        return bool(guess == other)
    if isinstance(other, str):
        return bool(eval(other, {"__builtins__": {}, "abs": abs, "g": guess.ravel().tolist()}))
    other = numpy.asarray(other, float)
    slack = numpy.where(other % 1, 1e-6 * abs(other), 0)  # a fraction has no last digit
    return bool((abs(guess - other) <= numpy.maximum(slack, question.tolerance)).all())


def full_answer(question: Question) -> str:
    """Return the answer and its explanation, for example "2 × 3. The kernel can start ..."."""
    answer = str(question.answer)
    if question.form.startswith("a shape"):
        answer = " × ".join(map(str, question.answer))
    elif isinstance(question.answer, int):
        answer = f"{question.answer:,}"
    return f"{answer}. {question.why}".strip()
