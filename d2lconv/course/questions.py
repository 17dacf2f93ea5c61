"""The questions of the notebooks, by name: `guess("the block", 7)` answers one.

Each answer is computed, and so is each wrong one whose first wrong step can be told.
"""

from __future__ import annotations

from typing import Any

import numpy
from numpy.lib.stride_tricks import sliding_window_view

from d2lconv.course.quiz import Question, Reply, reply, shape_question
from d2lconv.geometry import formula


def guess(name: str, value: Any = ...) -> Reply:
    """Reply to a guess: right, or a hint at the first step that went wrong.

    Parameters
    ----------
    name : str
        Which question of the notebooks (Sections 6.1 to 6.3).
    value : number, text, or tuple or list of them
        The guess; `...` stands for a guess that you have yet to make. A guess of the wrong form
        gets a line that says what is asked for.

    Raises
    ------
    ValueError
        If there is no such question.
    """
    if name not in QUESTIONS:
        raise ValueError(f"name must be one of {', '.join(QUESTIONS)}, got {name!r}")
    return reply(QUESTIONS[name], value)


def _choice(answer: str, slips: dict[str, str], why: str = "") -> Question:
    """Ask for one of some words; each wrong one says where to look."""
    choices = sorted([answer, *slips])
    form = "one of " + ", ".join(map(repr, choices))
    return Question(form, answer, list(slips.items()), "", why, (), choices)


def _correlate(X: numpy.ndarray, K: numpy.ndarray) -> numpy.ndarray:
    return (sliding_window_view(X, K.shape) * K).sum((2, 3))


SMALL, KERNEL = numpy.arange(9).reshape(3, 3), numpy.arange(4).reshape(2, 2)
IMAGE, DIFFERENCE = numpy.ones((6, 8), int), numpy.array([[1, -1]])
IMAGE[:, 2:6] = 0
CROSS = numpy.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]])
WIDE = numpy.pad(SMALL, 1)
STRIDED = _correlate(WIDE, KERNEL)
CORNER, SLANT = numpy.array([[1, 2], [3, 4]]), numpy.array([[1, 0], [0, -1]])

DENSE_TO_CONVOLUTION = {
    "who moves along": _choice(
        "shared",
        {
            "dense": "A dense layer has a weight of its own for each pixel: what meets them moves.",
            "both": "One of them has a weight of its own for each pixel. What happens to it?",
            "neither": "One of them meets the moved pixels with the very same weights.",
        },
    ),
    "diagonals": Question(
        "a number",
        (2 * 1 + 1) ** 2,
        [
            (2 * 1 + 1, "That many bands. How many diagonals does a band have?"),
            (48, "That many rows. How many numbers can a row hold that are not zero?"),
        ],
        "Each row of the matrix is one window. How many weights does it hold?",
    ),
    "pictures for the dense layer": Question(
        "a number",
        6 * 8,
        [
            (48 * 42, "Each picture says something about all 42 outputs at once."),
            (42, "That is how many outputs there are. How many weights does each of them have?"),
            (1, "One picture is one equation for many unknown weights."),
        ],
        "A picture is one equation for the weights of an output. How many unknowns are there?",
    ),
    "pictures for the shared weights": Question(
        "a number",
        1,
        [
            (2, "Two weights, yes; but a single picture has many places that say something."),
            (6 * 8, "Each place of a picture is an equation for the same weights."),
        ],
        "How many equations does one picture give for the two weights?",
    ),
    "the block": Question(
        "a number",
        int((CROSS * 1).sum()),
        [
            (CROSS.size, "The kernel has zeros in its corners: what lies there does not count."),
            (0, "Nothing counts against the block: no weight of this kernel is negative."),
        ],
        "Lay the kernel on the block, and count the ones that meet a one.",
    ),
    "the brightest place": _choice(
        "bright sand",
        {
            "Waldo": "All weights are positive. Which window makes such a sum largest?",
            "somebody else": "Is anybody as bright as what is around them?",
        },
    ),
    "ten per cent": _choice(
        "larger",
        {
            "smaller": "Stripes that are closer together: when does light meet dark?",
            "both": "The template knows one size. Not every other size is as bad.",
            "neither": "The template has some tolerance, but not in both directions.",
        },
    ),
    "all to all": Question(
        "a number",
        (32 * 32) ** 2,
        [
            (32 * 32, "That is how many pixels there are; each is connected to each hidden unit."),
            (2 * 32 * 32, "Pixels and hidden units are multiplied: each is connected to each."),
        ],
        "How many pixels are there, how many hidden units, and how many pairs of them?",
        "32 · 32 pixels, each connected to each of 32 · 32 hidden units.",
    ),
    "all offsets": Question(
        "a number",
        (2 * 5 - 1) * (2 * 7 - 1),
        [
            (5 * 7, "An offset can be negative too."),
            ((2 * 5) * (2 * 7), "The offset 0 comes once, not twice."),
            ((2 * 5 + 1) * (2 * 7 + 1), "The largest offset is one less than the side."),
            ((5 * 7) ** 2, "That is W. In V the place (i, j) is forgotten."),
        ],
        "From which to which offset does it go along each axis?",
        "From -4 to 4 and from -6 to 6: 9 · 13.",
    ),
    "channels": Question(
        "a number",
        5 * 5 * 3 * 8,
        [
            (5 * 5 * 3, "That is one detector."),
            (5 * 5 * 8, "Each detector looks at all three colours."),
            (2 * 2 * 3 * 8, "The offsets go both ways, and there is the offset 0."),
        ],
        "How high and wide is the kernel, and which two axes does V have besides?",
        "Offsets from -2 to 2 on both axes, three channels in, eight out: 5 · 5 · 3 · 8.",
    ),
    "in it or where": _choice(
        "invariant",
        {
            "equivariant": "Does the word that comes out move when the cat moves?",
            "neither": "What happens to the word when the cat moves?",
        },
        "The word stays as it is when the cat moves. A map of catness would be equivariant.",
    ),
    "by hand": Question(
        "a list of four numbers",
        numpy.convolve([1, 2], [1, 1, 3]).tolist(),
        [
            (numpy.correlate([1, 1, 3], [1, 2], "full").tolist(), "That is the cross-correlation."),
            ([1, 2, 6, 0], "Each element of f meets each of g, not only its own."),
        ],
        "Write g times f[0], and below it, one place further on, g times f[1]; then add.",
        "[1, 1, 3] and, moved by one, [2, 2, 6].",
    ),
}
CONVOLUTIONS_FOR_IMAGES = {
    "how many places": shape_question((3, 3), (2, 2)),
    "the last element": Question(
        "a number",
        int(_correlate(SMALL, KERNEL)[-1, -1]),
        [
            (int(_correlate(SMALL, KERNEL[::-1, ::-1])[-1, -1]), "You turned the kernel around."),
            (
                int(_correlate(SMALL, KERNEL.T)[-1, -1]),
                "You exchanged the kernel's rows and columns.",
            ),
            (int(_correlate(SMALL, KERNEL)[0, 0]), "That is the first element."),
            (4 + 5 + 7 + 8, "That adds what is in the window, and leaves the kernel out."),
        ],
        "The last window holds 4, 5, 7 and 8. Which of them meets which weight?",
    ),
    "three differences": Question(
        "three numbers: inside, from white to black, from black to white",
        (0, *(int(a - b) for a, b in ((1, 0), (0, 1)))),
        [
            ((0, -1, 1), "The kernel takes the left neighbour minus the right one."),
            ((0, 1, 1), "The order counts: left minus right."),
            ((1, 0, 0), "Equal neighbours: what is 1 - 1, and what is 0 - 0?"),
        ],
        "White is 1, black is 0. Take left minus right three times.",
    ),
    "turned image": Question(
        "a number",
        int(numpy.count_nonzero(_correlate(IMAGE.T, DIFFERENCE))),
        [
            (
                int(numpy.count_nonzero(_correlate(IMAGE, DIFFERENCE))),
                "As many as before? In the turned image, compare neighbours in one row.",
            ),
        ],
        "Go along one row of the turned image. Where do neighbours differ?",
    ),
    "a larger rate": _choice(
        "diverges",
        {
            "creeps": "The factor along the valley is 1 - 0.04 · 12. What is it across the valley?",
            "overshoots and arrives": "Is the factor across the valley below 1, sign aside?",
        },
    ),
    "slanted kernel": Question(
        "a number",
        int((CORNER * SLANT).sum()),
        [
            (int((CORNER * SLANT[::-1, ::-1]).sum()), "You turned the kernel around."),
            (int((CORNER * abs(SLANT)).sum()), "One of the weights is negative."),
            (int((CORNER @ SLANT)[0, 0]), "That is a product of matrices."),
        ],
        "Multiply what lies on each other, and add.",
        "1 · 1 + 2 · 0 + 3 · 0 + 4 · (-1).",
    ),
    "upright": Question(
        "a number",
        1 - 0,
        [(-1, "The upper pixel comes first."), (0, "The two pixels differ.")],
        "Upper neighbour minus lower neighbour.",
        "The upper pixel less the lower one: 1 - 0.",
    ),
    "parameters": Question(
        "a number",
        3 * 5 + 1,
        [
            (3 * 5, "There is one more parameter than the kernel has."),
            (3 + 5, "Rows times columns."),
        ],
        "Count the kernel's numbers; what else does the layer have?",
        "15 weights and a bias.",
    ),
    "strictly learned": Question(
        "two numbers",
        (-1, 1),
        [
            (
                (1, -1),
                "That is what a cross-correlation learns. This one reads its kernel backwards.",
            )
        ],
        "Which kernel, read backwards, gives the same outputs?",
        "Read backwards, [-1, 1] is [1, -1]: the outputs, and so the data, are the same.",
        tolerance=0.05,  # a learned kernel is never exact
    ),
    "fastest rate": Question(
        "a number",
        2 / 40,
        [
            (2 / 10, "The steepest direction goes first."),
            (1 / 40, "There the factor is 0: one step and it is there. How far can it overshoot?"),
            (1 / 10, "The steepest direction goes first, and a factor may be negative."),
        ],
        "Each step multiplies the distance by 1 - rate · curvature. When is that below -1?",
        "1 - 40 · rate is below -1 as soon as the rate is above 2 / 40.",
        tolerance=0.0005,
    ),
}
PADDING_AND_STRIDE = {
    "ten layers": Question(
        "a shape (height, width)",
        (240 - 10 * 4, 240 - 10 * 4),
        [
            (
                (240 - 10 * 5,) * 2,
                "A kernel of 5 takes less than 5: count the places of its window.",
            ),
            ((240 - 4,) * 2, "That is one layer."),
            ((240 - 10 * 2,) * 2, "It takes as much on the other side."),
        ],
        "How many rows does one layer take? There are ten of them.",
    ),
    "padding for 5 by 3": Question(
        "two numbers: padding per side of the height and of the width",
        ((5 - 1) // 2, (3 - 1) // 2),
        [
            ((4, 2), "These are totals. Gluon's padding is per side."),
            ((1, 2), "Height comes first, then width."),
            ((5 // 2 + 1, 3 // 2 + 1), "A kernel of k costs k - 1 rows, not k + 1."),
            ((0, 0), "Without padding, the kernel takes four rows and two columns."),
        ],
        "How many rows does the kernel cost? Half of them come back on each side.",
    ),
    "four outputs": Question(
        "two rows of two numbers",
        STRIDED[::3, ::2].tolist(),
        [
            (STRIDED[::2, ::3].tolist(), "You exchanged the strides: 3 is downwards."),
            (STRIDED[:2, :2].tolist(), "Those windows lie next to each other: mind the strides."),
            (_correlate(SMALL, KERNEL).tolist(), "That is without padding and strides."),
        ],
        "The windows start in rows 0 and 3 and in columns 0 and 2 of the padded input.",
    ),
    "moved by one": _choice(
        "other numbers",
        {
            "moves by one": "The output has half as many columns. What would one of them be?",
            "moves by two": "The output is smaller than the image, not larger.",
            "stays": "Do the windows, which start at even columns, see the same pixels as before?",
        },
    ),
    "what two layers see": Question(
        "two numbers: without a stride, with a stride of 2 in the first layer",
        (3 + 2 * 1, 3 + 2 * 2),
        [
            ((9, 9), "Neighbouring windows overlap."),
            ((6, 6), "Neighbouring windows overlap."),
            ((5, 5), "With a stride of 2, the first layer's windows start two pixels apart."),
            ((5, 6), "Three windows, two pixels apart: how far is it from the first to the last?"),
            (
                (3, 3),
                "The second layer sees three outputs of the first, which see different pixels.",
            ),
        ],
        "Draw three windows of three pixels: one pixel apart, then two.",
    ),
    "everything at once": shape_question((8, 8), (3, 5), (0, 1), (3, 4)),
    "seven": shape_question((7, 7), (3, 3), (1, 1), (2, 2), f"{formula(7, 3, 1, 2)}."),
    "not square": shape_question(
        (10, 12), (3, 5), (1, 1), (1, 2), f"{formula(10, 3, 1, 1)}, and {formula(12, 5, 1, 2)}."
    ),
    "never read": Question(
        "a number",
        len(set(range(8)) - {row + a for row in (0, 3, 6) for a in (0, 1)}),
        [
            (0, "The stride is longer than the window: what lies between two windows?"),
            (1, "There is more than one gap."),
        ],
        "Write down the rows of each window: the first one has rows 0 and 1.",
        "The windows have rows 0 and 1, 3 and 4, 6 and 7.",
    ),
    "kernel of seven": Question(
        "a number",
        (7 - 1) // 2,
        [
            (6, "That is the total. Gluon's padding is per side."),
            (7, "A kernel of 7 costs 6 rows."),
            (4, "A kernel of 7 costs 6 rows."),
        ],
        "How many rows does a kernel of 7 cost?",
        "It costs six rows, and half of them come back on each side.",
    ),
    "three layers": Question(
        "a number",
        3 + 2 * 2 + 2 * 4,
        [
            (3 + 2 + 2, "That would be without strides."),
            (3 + 2 * 2 + 2 * 2, "By how many pixels is the third layer's window moved?"),
            (3 * 3 * 3, "Neighbouring windows overlap."),
        ],
        "Each layer adds k - 1 = 2 steps. How many pixels is a step, in each layer?",
        "3, then 2 steps of 2 pixels, then 2 steps of 4.",
    ),
}
QUESTIONS = {**DENSE_TO_CONVOLUTION, **CONVOLUTIONS_FOR_IMAGES, **PADDING_AND_STRIDE}
