"""The questions of the notebooks, by name: `guess("the block", 7)` answers one.

The answers are computed, and so are the wrong ones whose first wrong step can be recognised.
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
        gets a line that names the form.

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
SPARSE = STRIDED[::3, ::2].ravel().tolist()
THREE_RIGHT = " + ".join(f"(g[{i}] == {y})" for i, y in enumerate(SPARSE)) + " == 3"
F, G = numpy.array([1, 2, 3, 4]), numpy.array([5, 3, 1, 1])  # tenths
CORNER, SLANT = numpy.array([[1, 2], [3, 4]]), numpy.array([[1, 0], [0, -1]])

DENSE_TO_CONVOLUTION = {
    "a modest layer": Question(
        "a number",
        10**6 * 10**3,
        [
            (10**6 + 10**3, "Each pixel is connected to each hidden unit: multiply."),
            (10**6, "That is the number of pixels. Each of them has many connections."),
            (10**3, "That is the number of hidden units. Each of them has many connections."),
            (
                10**6 * 10**3 + 10**3,
                "With the biases, yes. The question is about the weights only.",
            ),
            *(
                (10**zeros, "Count the zeros: a million has six, and a thousand has three.")
                for zeros in range(16)
                if zeros != 9
            ),
        ],
        "How many pixels are there, how many hidden units, and how many pairs of the two?",
        "A million pixels times a thousand hidden units.",
    ),
    "three steps to the right": _choice(
        "shifts",
        {
            "stays": "If the map stayed the same, it would still mark the place that Waldo left.",
            "changes": "It does change, but how? Think of the map before and after, side by side.",
        },
        "The map marks Waldo where he is now, three steps further to the right.",
    ),
    "which output shifts": _choice(
        "shared",
        {
            "dense": "In the dense layer, the shifted pattern meets other, unrelated weights.",
            "both": "In one of the two layers, the shifted pattern meets unrelated weights.",
            "neither": "In one of the layers, the shifted pattern meets the same weights again.",
        },
        "The weights of the shared layer depend on the offset only, so each output now computes "
        "what its left neighbour computed before.",
    ),
    "shared weights": Question(
        "a number",
        (2 * 1000 - 1) ** 2,
        [
            (1000**2, "So the text says. But offsets can be negative, too."),
            ((2 * 1000) ** 2, "Almost: the offset 0 comes once, not twice, along each axis."),
            ((2 * 1000 + 1) ** 2, "The largest offset is one less than the number of rows."),
            (2 * 1000 - 1, "That is one axis. An offset has a row and a column."),
            (1000**4, "That is W, which has weights for each hidden unit separately."),
            (4 * 1000, "An offset has a row and a column: multiply."),
        ],
        "From which offset to which does V go along one axis?",
        "Along each axis, the offsets run from -999 to 999.",
    ),
    "images to learn from": Question(
        "two numbers: for the dense layer, for the shared weights",
        (6 * 8, 1),
        [
            ((1, 6 * 8), "You exchanged the two: the dense layer comes first."),
            (
                (6 * 8, 2),
                "There are two shared weights, yes. But one image has many positions, and each "
                "position gives an equation for them.",
            ),
            (
                (6 * 8, 6 * 8),
                "Each position of an image is an equation for the same shared weights.",
            ),
            (
                "g[0] == 48 * 42",
                "That is the number of weights. But an image gives an equation for each of the "
                "outputs at once.",
            ),
            (
                "g[0] == 42",
                "Each output of the dense layer has a weight for each pixel, and there are more.",
            ),
            (
                "(0 < g[0]) & (g[0] < 48)",
                "That is too few for the dense layer. How many unknown weights does one of its "
                "outputs have?",
            ),
            (
                "g[0] > 48",
                "The dense layer can do with fewer. How many unknown weights does one of its "
                "outputs have?",
            ),
            (
                "g[1] > 1",
                "The shared weights can do with fewer: each position of an image is an equation.",
            ),
        ],
        "Count unknown weights and equations, first for one output of the dense layer.",
        "Each output of the dense layer has 48 unknown weights, and an image gives one equation "
        "for them. The two shared weights get 42 equations from a single image.",
    ),
    "two dice": Question(
        "a number",
        int(numpy.convolve(F, G)[3]),
        [
            (int((F * G).sum()), "You paired equal faces. Which faces add up to 3?"),
            (
                int(F.sum() * G.sum()) // 4,
                "The dice are loaded, so the faces are not equally likely.",
            ),
            (int(F[3] * G[0]), "That is one way to get 3. There are others."),
            (int(F[0] * G[3]), "That is one way to get 3. There are others."),
            (int(F[1] * G[2]), "That is one way to get 3. There are others."),
            (int(F[2] * G[1]), "That is one way to get 3. There are others."),
            (int(F[1] * G[2] + F[2] * G[1]), "A face 0 and a face 3 add up to 3, too."),
            (int(F[3] * G[0] + F[0] * G[3]), "A face 1 and a face 2 add up to 3, too."),
            (
                int(numpy.convolve(F, G)[2]),
                "That is the chance of a total of 2. The faces start at 0.",
            ),
            (int(numpy.convolve(F, G)[4]), "That is the chance of a total of 4."),
            (int(F[3] + G[3]), "Multiply the chances of the two dice, and add up all pairs."),
            (
                "(0 < g[0]) & (g[0] < 1)",
                "Give the chance in hundredths, as a whole number from 0 to 100.",
            ),
        ],
        "Which pairs of faces add up to 3? Multiply their chances, and add up the products.",
        "1 · 1 + 2 · 1 + 3 · 3 + 4 · 5: the pairs are 0 and 3, 1 and 2, 2 and 1, 3 and 0.",
    ),
    "the block": Question(
        "a number",
        int((CROSS * 1).sum()),
        [
            (CROSS.size, "The kernel has zeros in its corners, so those pixels don't count."),
            (0, "The kernel has no negative weights, so nothing counts against the block."),
            (1, "That is one product. Add up all nine."),
            (4, "Don't forget the pixel in the middle."),
            (
                "g[0] < 0",
                "The kernel has no negative weights, so the sum can't be negative.",
            ),
            ("g[0] > 9", "There are nine products, and none is larger than 1."),
        ],
        "Lay the kernel over the block, and count the ones that meet a one.",
        "The five ones of the kernel meet ones. The block scores as much as Waldo himself.",
    ),
    "one kernel for two": Question(
        "a shape (height, width)",
        (3 + 3 - 1, 3 + 3 - 1),
        [
            ((6, 6), "The two windows overlap: neighbouring outputs share pixels."),
            ((9, 9), "The two windows overlap: neighbouring outputs share pixels."),
            ((3, 3), "Each output of the second layer sees 3 × 3 outputs of the first."),
            ((4, 4), "The outer windows lie one step from the middle on each side."),
            ((7, 7), "That would be three layers."),
            ((2, 2), "Each output of the second layer sees 3 × 3 outputs of the first."),
            ((1, 1), "Each output of the second layer sees 3 × 3 outputs of the first."),
        ],
        "Draw three neighbouring windows of three pixels. How many pixels do they see together?",
        "Three windows of three pixels, one pixel apart, see five pixels together.",
    ),
    "all to all": Question(
        "a number",
        (32 * 32) ** 2,
        [
            (
                32 * 32,
                "That is the number of pixels. Each of them is connected to each hidden unit.",
            ),
            (2 * 32 * 32, "Each pixel is connected to each hidden unit: multiply."),
            (
                (32 * 32) ** 2 + 32 * 32,
                "With the biases, yes. The question is about the weights only.",
            ),
            (32**3, "The image has 32 · 32 pixels, and so has the hidden layer."),
            (63**2, "That is how many weights are left once they are shared."),
            (
                (32 * 32) ** 2 // 2,
                "Each hidden unit has a weight for every pixel, not for half of them.",
            ),
        ],
        "How many pixels are there, how many hidden units, and how many pairs of the two?",
        "32 · 32 pixels, each connected to each of 32 · 32 hidden units.",
    ),
    "channels": Question(
        "a number",
        5 * 5 * 3 * 8,
        [
            (5 * 5 * 3, "That is one kernel. How many feature maps come out?"),
            (5 * 5 * 8, "Each kernel has weights for all three channels of the image."),
            (2 * 2 * 3 * 8, "The offsets go both ways, from -2 to 2."),
            (
                5 * 5 * 3 * 8 + 8,
                "With the biases, yes. The question is about the weights in V only.",
            ),
            (5 * 5 * (3 + 8), "Each kernel has weights for all three channels: multiply."),
            (5 * 5, "That is one kernel on one channel."),
            (3 * 8, "That would be a kernel of one pixel."),
            (4 * 4 * 3 * 8, "The offset 0 counts, too."),
            (3 * 3 * 3 * 8, "That would be offsets up to 1."),
        ],
        "How high and wide is the kernel, how many channels come in, and how many go out?",
        "Offsets from -2 to 2 along both axes, three channels in and eight out: 5 · 5 · 3 · 8.",
    ),
    "in it or where": _choice(
        "invariant",
        {
            "equivariant": "Such an output would shift. Does the sentence change if the cat moves?",
            "neither": "What happens to the sentence when the cat moves to another place?",
        },
        "The sentence stays the same when the cat moves. A map that marks the cat is equivariant.",
    ),
    "by hand": Question(
        "a list of four numbers",
        numpy.convolve([1, 2], [1, 1, 3]).tolist(),
        [
            (
                numpy.correlate([1, 1, 3], [1, 2], "full").tolist(),
                "That is the cross-correlation. Here, one of the two is flipped.",
            ),
            (
                numpy.correlate([1, 2], [1, 1, 3], "full").tolist(),
                "That is the cross-correlation. Here, one of the two is flipped.",
            ),
            ([1, 2, 6, 0], "Each number of f meets every number of g, not only the one below it."),
            ([6, 5, 3, 1], "Your result is written backwards: element 0 comes first."),
            ([1, 1, 3, 0], "That is g times f[0]. Add g times f[1], shifted by one position."),
            ([0, 2, 2, 6], "That is g times f[1]. Add g times f[0]."),
            ([3, 3, 9, 0], "You added the two copies of g without shifting the second one."),
            ([1, 2, 1, 6], "Multiply each number of f with each of g, and add where they meet."),
        ],
        "Write down g times f[0], and below it, shifted by one position, g times f[1]. Then add.",
        "[1, 1, 3, 0] plus [0, 2, 2, 6].",
    ),
}
FINDING_WALDO = {
    "the brightest place": _choice(
        "bright sand",
        {
            "Waldo": "All weights are positive. Which window makes such a sum largest?",
            "somebody else": "All weights are positive. Is anybody as bright as the sand?",
        },
        "All weights are positive, so the sum is largest where the image is brightest.",
    ),
    "the lamp": _choice(
        "somebody else",
        {
            "Waldo": "The lamp makes differences larger, too. Whose activation grows with them?",
            "bright sand": "The weights add up to zero. What do they give on a plain area?",
        },
        "The lamp multiplies the activations of everybody in its light by 2.5.",
    ),
}
CONVOLUTIONS_FOR_IMAGES = {
    "the last element": Question(
        "a number",
        int(_correlate(SMALL, KERNEL)[-1, -1]),
        [
            (
                int(_correlate(SMALL, KERNEL[::-1, ::-1])[-1, -1]),
                "You turned the kernel around. It stays as it is: 0 meets the top left pixel.",
            ),
            (
                int(_correlate(SMALL, KERNEL.T)[-1, -1]),
                "You exchanged the kernel's rows and columns.",
            ),
            (
                int(_correlate(SMALL, KERNEL)[0, 0]),
                "That is the first element. Move the window to the bottom right.",
            ),
            (int(_correlate(SMALL, KERNEL)[0, 1]), "That is the last element of the first row."),
            (
                int(_correlate(SMALL, KERNEL)[1, 0]),
                "That is the first element of the last row. Move one column further.",
            ),
            (4 + 5 + 7 + 8, "You added up the window and left out the kernel."),
            (0 + 1 + 2 + 3, "You added up the kernel and left out the input."),
            (8 * 3, "That is only one of the four products. Add up all four."),
        ],
        "The last window holds 4, 5, 7 and 8. Which of them meets which weight?",
        "4 · 0 + 5 · 1 + 7 · 2 + 8 · 3.",
    ),
    "how many positions": shape_question(
        (3, 4),
        (2, 2),
        why="The kernel can start in the first or second row, and in the first, second or third "
        "column.",
    ),
    "a row of the output": Question(
        "seven numbers",
        _correlate(IMAGE, DIFFERENCE)[0].tolist(),
        [
            (
                (-_correlate(IMAGE, DIFFERENCE)[0]).tolist(),
                "Right positions, wrong signs: the kernel computes left minus right.",
            ),
            (
                abs(_correlate(IMAGE, DIFFERENCE)[0]).tolist(),
                "Both edges are there, but black minus white is not white minus black.",
            ),
            (
                (-abs(_correlate(IMAGE, DIFFERENCE)[0])).tolist(),
                "Both edges are there, but black minus white is not white minus black.",
            ),
            (
                numpy.roll(_correlate(IMAGE, DIFFERENCE)[0], 1).tolist(),
                "One position too far right. Each output belongs to the left one of its pixels.",
            ),
            (
                numpy.roll(_correlate(IMAGE, DIFFERENCE)[0], -1).tolist(),
                "One position too far left. Which are the first two neighbours that differ?",
            ),
            (
                (IMAGE[0, :-1] + IMAGE[0, 1:]).tolist(),
                "You added the neighbours. The second weight is negative.",
            ),
            (IMAGE[0, :-1].tolist(), "That is the image. Subtract from each pixel its neighbour."),
            (IMAGE[0, 1:].tolist(), "That is the image. Subtract from each pixel its neighbour."),
            ([0] * 7, "Not all neighbours are equal. Where does the colour change?"),
            (
                "(g[2] != 0) | (g[3] != 0) | (g[4] != 0)",
                "Inside the black area, both neighbours are black. What is their difference?",
            ),
            (
                "(g[0] != 0) | (g[6] != 0)",
                "At both ends of the row, the two neighbours are white. What is their difference?",
            ),
        ],
        "Go along the row pair by pair, and take left minus right each time.",
        "White minus black is 1, black minus white is -1, and equal neighbours give 0.",
    ),
    "transposed image": Question(
        "a number",
        int(numpy.count_nonzero(_correlate(IMAGE.T, DIFFERENCE))),
        [
            (
                int(numpy.count_nonzero(_correlate(IMAGE, DIFFERENCE))),
                "That's the count for the original image. Now look along a row of the transposed "
                "one.",
            ),
            (
                int(numpy.count_nonzero(_correlate(IMAGE.T, DIFFERENCE.T))),
                "That's the count for the column kernel. What does K compare?",
            ),
            (
                _correlate(IMAGE.T, DIFFERENCE).size,
                "That's how many elements the output has. Which neighbours differ?",
            ),
            (IMAGE.size, "That's how many pixels the image has. Which neighbours differ?"),
            (
                _correlate(IMAGE, DIFFERENCE).size,
                "That's the size of the output for the original image.",
            ),
            (6, "The image has edges, but K looks along a row. Does a row cross one of them?"),
            (2, "The image has two edges, but K looks along a row. Does a row cross them?"),
            ("g[0] < 0", "A count can't be negative."),
        ],
        "Look along one row of the transposed image. Where do neighbours differ?",
        "K compares neighbours in a row, and in the transposed image these are all equal. An "
        "exactly horizontal edge is the only edge that K misses: where an edge is slanted, some "
        "rows cross it.",
    ),
    "column kernel": _choice(
        "the transpose of Y",
        {
            "Y": "Y has 6 rows. How many rows does the output have now?",
            "minus the transpose of Y": "K_2 computes top minus bottom. From white to black, "
            "what is the sign?",
            "zeros": "K_2 compares a pixel with the one below. Are these always equal?",
        },
        "Image and kernel are both transposed, so the output is too: the edges are found again.",
    ),
    "learning the bias": _choice(
        "grows",
        {
            "shrinks faster": "One more parameter, but also a steeper loss: every output depends "
            "on the bias. What happens if a step is too long?",
            "shrinks more slowly": "The steps don't get shorter. What happens if a step is too "
            "long for a steeper loss?",
            "stays the same": "The bias starts at zero, but it has a gradient, so it moves. And "
            "all 42 outputs move with it.",
        },
        "All outputs move with the bias, so the loss is now steeper: its largest curvature is 124 "
        "instead of 60. A step at the rate 0.03 overshoots and lands farther away. A third of the "
        "rate works. So a rate suits one image and one set of parameters, and the text doesn't "
        "update the bias.",
    ),
    "strictly learned": Question(
        "two numbers",
        (-1, 1),
        [
            (
                "(abs(g[0] - 1) < 0.05) & (abs(g[1] + 1) < 0.05)",
                "That's what a cross-correlation learns. A convolution reads its kernel backwards.",
            ),
            ((0, 0), "With weights of zero, all outputs are zero. Y has edges."),
            ((1, 1), "Equal weights add the neighbours. The layer has to subtract them."),
            ((-1, -1), "Equal weights add the neighbours. The layer has to subtract them."),
            ((0, 1), "One weight only copies the image. Which pixels does the output compare?"),
            ((1, 0), "One weight only copies the image. Which pixels does the output compare?"),
            (
                "g[0] == g[1]",
                "Equal weights add the neighbours. The layer has to subtract them.",
            ),
            (
                "(g[0] < 0) & (g[1] > 0)",
                "The signs are right. How large are the differences in Y?",
            ),
            (
                "(g[0] > 0) & (g[1] < 0)",
                "The data are the same, but a convolution reads its kernel backwards.",
            ),
        ],
        "Which kernel, read backwards, gives the outputs in Y?",
        "Read backwards, [-1, 1] is [1, -1]. The layer gives the same outputs as ours; only the "
        "order in which it stores its weights differs. (In two dimensions, upside down as well.)",
        tolerance=0.05,  # a learned kernel is never exact
    ),
    "one window": Question(
        "a number",
        int((CORNER * SLANT).sum()),
        [
            (int((CORNER * SLANT[::-1, ::-1]).sum()), "You turned the kernel around."),
            (int((CORNER * abs(SLANT)).sum()), "One of the weights is negative."),
            (int((CORNER @ SLANT)[0, 0]), "That's the first element of a matrix product."),
            (int((CORNER @ SLANT).sum()), "That's a matrix product. Multiply entry by entry."),
            (int(CORNER.sum()), "You added up the window and left out the kernel."),
            (int(SLANT.sum()), "You added up the kernel and left out the window."),
            (1 * 0 - 2 * 0 - 3 * 1 + 4 * 2, "Multiply each entry by the weight beneath it."),
            (-4, "That's one of the four products. Add up all four."),
            (int((CORNER * SLANT[::-1]).sum()), "You turned the kernel upside down."),
            (int((CORNER * SLANT[:, ::-1]).sum()), "You exchanged left and right in the kernel."),
        ],
        "Multiply each entry of the window by the weight in the same position, and add up.",
        "1 · 1 + 2 · 0 + 3 · 0 + 4 · (-1).",
    ),
    "white above black": Question(
        "a number",
        1 - 0,
        [
            (-1, "K_2 computes top minus bottom. Which of the two is white?"),
            (0, "The two pixels differ, so their difference is not nothing."),
            (2, "You added the two weights up without their signs."),
            (-2, "How far apart are white and black?"),
            (255, "In this notebook, white isn't 255. Which number is it?"),
            (-255, "In this notebook, white isn't 255. Which number is it?"),
            (0.5, "K_2 takes a difference. It doesn't take a mean."),
        ],
        "K_2 computes the upper pixel minus the lower one.",
        "The upper pixel minus the lower one is 1 - 0.",
    ),
    "parameters": Question(
        "a number",
        3 * 5 + 1,
        [
            (3 * 5, "Those are the weights. A layer has one parameter more."),
            (3 + 5, "Height and width are multiplied: each row of the kernel has 5 weights."),
            (3 + 5 + 1, "Height and width are multiplied: each row of the kernel has 5 weights."),
            (2 * 3 * 5, "There's one bias for the whole layer, not one for each weight."),
            (3 * 5 + 2, "How many biases does the layer add?"),
            (3 * 5 + 3, "There's one bias for the whole layer, not one for each row."),
            (3 * 5 + 5, "There's one bias for the whole layer, not one for each column."),
            (2, "As arrays, there are two: weight and bias. How many numbers do they hold?"),
            (5 * 5 + 1, "The kernel isn't square. It has 3 rows."),
            (3 * 3 + 1, "The kernel isn't square. It has 5 columns."),
        ],
        "Count the weights of the kernel. What else does the layer have?",
        "15 weights and a bias.",
    ),
    "a plain area": Question(
        "a number",
        0.4,
        [
            (0, "That would be right if the weights added up to zero. What do these add up to?"),
            (1, "That's what the weights add up to. What do they do to the pixels?"),
            (2, "That's one of the products. The four neighbours are subtracted."),
            (5, "That's the weight in the middle."),
            (-1.6, "Those are the four neighbours. The pixel in the middle counts, too."),
            (3.6, "The weights of the four neighbours are negative."),
            (1.6, "Take away all four neighbours from the middle, not one."),
            (0.04, "The kernel doesn't average: nothing is divided by 9."),
        ],
        "All nine pixels are equal. So only the sum of the weights matters. What is it?",
        "The weights add up to 5 - 4 = 1, so a plain area stays as it is.",
        tolerance=0.005,
    ),
    "the limit of the rate": Question(
        "a number",
        2 / 40,
        [
            (1 / 40, "At that rate, one step reaches the goal. How far may a step overshoot?"),
            (
                40 / 2,
                "You divided the wrong way round: the steeper the loss, the shorter the step.",
            ),
            (40, "That's the curvature. The limit is a number divided by it."),
            (1 / 30, "That was the limit for the curvature 60."),
            (0.03, "That was our rate for the curvature 60."),
            (0.5, "Count the zeros again."),
            (0.005, "Count the zeros again."),
            (2, "Divide this by the curvature."),
            (1, "Divide by the curvature."),
            (4 / 40, "At that rate, each step lands three times as far away, on the other side."),
        ],
        "A step multiplies the distance by 1 - rate · curvature. When is that below -1?",
        "1 - 40 · rate is below -1 as soon as the rate is above 2 / 40.",
        tolerance=0.0005,
    ),
}
PADDING_AND_STRIDE = {
    "ten layers": Question(
        "a shape (height, width)",
        (240 - 10 * 4, 240 - 10 * 4),
        [
            ((240 - 10 * 5,) * 2, "A window of 5 fits at more than 240 - 5 positions. Count them."),
            ((240 - 10 * 6,) * 2, "A window of 5 fits at more positions than that. Count them."),
            ((240 - 10 * 8,) * 2, "That is trimmed twice too much. How far can the window move?"),
            ((240 - 4,) * 2, "That is what one layer leaves."),
            ((240 - 5,) * 2, "That is one layer, and it trims less than 5 rows."),
            ((240 - 10 * 2,) * 2, "Each layer trims as much again on the opposite side."),
            ((240 - 10,) * 2, "Each layer trims more than one row. How far can its window move?"),
            ((240, 240), "Without padding, each layer trims some rows and columns."),
            ((240 // 5,) * 2, "The window moves by one pixel at a time, so windows overlap."),
        ],
        "How many rows does one layer trim? There are ten layers.",
        "Each layer trims k - 1 = 4 rows and 4 columns, so ten layers trim 40 of each. That is "
        "16.7% of the height and of the width, and 30.6% of the area.",
    ),
    "corner and middle": Question(
        "two numbers: windows with the corner, windows with a pixel in the middle",
        (1, 3 * 3),
        [
            ((3 * 3, 1), "You exchanged the two: the corner comes first."),
            ((1, 3), "That is right along one axis. A window can also move up and down."),
            (
                (1, 1),
                "Neighbouring windows overlap. Move a window by one pixel: what does it keep?",
            ),
            ((4, 9), "That would be right with padding, but here a window may not stick out."),
            ((9, 9), "Can a window have the corner of the image in its centre?"),
            ((1, 36), "There are 36 windows in all, but few of them reach any given pixel."),
            ((1, 4), "That would be right for a kernel of 2 × 2."),
            ((1, 8), "One window is missing. A pixel can be at any place of the window."),
            ("g[0] == 0", "The window at the very start contains the corner."),
            ("g[0] > 1", "Which windows contain the corner without sticking out?"),
        ],
        "Move the window so that the pixel is at each place of the window in turn.",
        "Only one window contains the corner. A pixel in the middle can be at any of the nine "
        "places of a window.",
    ),
    "padding for 5 by 3": Question(
        "two numbers: padding per side for the height and for the width",
        ((5 - 1) // 2, (3 - 1) // 2),
        [
            ((4, 2), "These are totals. Gluon's padding is per side."),
            ((1, 2), "You exchanged the two: the height comes first."),
            ((2, 4), "You exchanged the two, and these are totals: padding is per side."),
            ((5 // 2 + 1, 3 // 2 + 1), "A kernel of size k trims k - 1 rows, not k + 1."),
            ((5, 3), "A kernel of size k trims fewer than k rows, and padding is per side."),
            ((0, 0), "Without padding, the kernel trims four rows and two columns."),
            ((1, 1), "That is right for a kernel of 3. Here the height is 5."),
            ((2, 2), "The height is right. The width of the kernel is smaller."),
            ((2.5, 1.5), "Half of k is too much: a kernel of size k trims k - 1 rows."),
        ],
        "How many rows does the kernel trim? Half of them come back on each side.",
        "The kernel trims four rows and two columns. Half of each goes on each side.",
    ),
    "equal use": Question(
        "a number",
        3 - 1,
        [
            (0, "Without padding, only one window reads the corner."),
            (1, "That keeps the size, but four windows read the corner and nine the middle."),
            ("g[0] > 2", "All are read equally often then, but less is enough."),
            ("g[0] < 0", "A padding is 0 or more."),
            (1.5, "A padding is a whole number of rows."),
        ],
        "The corner should be in nine windows. How far out does the first of these start?",
        "Each position in the window has to meet the corner once, even the bottom right one. That "
        "window starts k - 1 rows above the image.",
    ),
    "four outputs": Question(
        "two rows of two numbers",
        STRIDED[::3, ::2].tolist(),
        [
            (STRIDED[::2, ::3].tolist(), "You exchanged the strides: 3 is down, 2 is right."),
            (STRIDED[::3, ::2].T.tolist(), "You exchanged the rows and columns of the output."),
            (STRIDED[:2, :2].tolist(), "These windows are neighbours. Move by the strides."),
            (STRIDED[::3, :2].tolist(), "The rows are right. Move two columns to the right."),
            (STRIDED[:2, ::2].tolist(), "The columns are right. Move three rows down."),
            (STRIDED[::2, ::2].tolist(), "The columns are right. Move three rows down, not two."),
            (STRIDED[::3, ::3].tolist(), "The rows are right. Move two columns, not three."),
            (_correlate(SMALL, KERNEL).tolist(), "That is the output without padding or strides."),
            (
                _correlate(WIDE, KERNEL[::-1, ::-1])[::3, ::2].tolist(),
                "You turned the kernel around. Nothing is flipped here.",
            ),
            (_correlate(WIDE, KERNEL.T)[::3, ::2].tolist(), "You transposed the kernel."),
            (
                THREE_RIGHT,
                "Three of the four are right. Check which pixels the other window covers.",
            ),
        ],
        "The windows start in rows 0 and 3 and in columns 0 and 2 of the padded image.",
        "0, and 1 · 2 + 2 · 3 = 8. Below them, 6 · 1 = 6, and 7 · 0 + 8 · 1 = 8.",
    ),
    "everything at once": shape_question(
        (8, 8),
        (3, 5),
        (0, 1),
        (3, 4),
        f"{formula(8, 3, 0, 3)}, and {formula(8, 5, 1, 4)}. Neither stride divides.",
    ),
    "shifted by one": _choice(
        "different numbers",
        {
            "shifts by one": "One output is two pixels wide, and the image shifted by only one.",
            "shifts by two": "The output has half as many columns as the image. Can it move more?",
            "shifts by half": "An array has no half columns. Which pixels do the windows read now?",
            "stays the same": "Do the windows still read the same pixels as before the shift?",
        },
        "The windows start at every other column, so after the shift they read other pixels.",
    ),
    "checkerboard": Question(
        "two numbers: read at least, read at most",
        (1, 2 * 2),
        [
            ((4, 1), "You exchanged the two: the smaller number comes first."),
            ((1, 2), "That is right along one axis. The numbers of row and column multiply."),
            ((2, 4), "Are there pixels that only one window reads?"),
            ((1, 9), "Nine is for a stride of 1. Along one axis, how many windows share a pixel?"),
            ((9, 9), "That is for a stride of 1. With a stride of 2, there are fewer windows."),
            ((0, 4), "Three pixels at a stride of two leave no gap."),
            ((0, 1), "Windows of three pixels at a stride of two overlap."),
            ((1, 1), "Windows of three pixels at a stride of two overlap."),
            ((4, 4), "Along one axis, is each pixel in two windows?"),
            ((2, 2), "Along one axis, is each pixel in two windows? And then along both?"),
            ((1, 3), "Along one axis, how many windows share a pixel? Then multiply."),
        ],
        "Draw windows of three pixels, two pixels apart. How many windows cover each pixel?",
        "Along one axis, pixels are read once and twice, in turn. In two dimensions, the "
        "counts along the two axes multiply.",
    ),
    "what two layers see": Question(
        "two numbers: without a stride, with a stride of 2 in the first layer",
        (3 + 2 * 1, 3 + 2 * 2),
        [
            ((9, 9), "Neighbouring windows overlap, so they see fewer pixels together."),
            ((6, 6), "Neighbouring windows overlap, so they see fewer pixels together."),
            ((6, 12), "Neighbouring windows overlap, so they see fewer pixels together."),
            ((5, 5), "With a stride of 2, the first layer's windows are two pixels apart."),
            ((5, 6), "Three windows, two pixels apart: how far is it from the first to the last?"),
            ((5, 8), "Three windows, two pixels apart: how far is it from the first to the last?"),
            ((5, 9), "Windows of three pixels at a stride of two still share a pixel."),
            ((5, 10), "A stride doesn't double what is seen. Draw three windows, two apart."),
            ((7, 5), "You exchanged the two: the case without a stride comes first."),
            ((3, 3), "The second layer sees three outputs, and each of them sees other pixels."),
            ((3, 5), "Two layers see more than one layer, also without a stride."),
            ((4, 5), "One pixel more on each side."),
        ],
        "Draw three windows of three pixels: one pixel apart, then two pixels apart.",
        "The second layer sees three windows of the first, one or two pixels apart: 3 + 2, and "
        "3 + 4.",
    ),
    "which sizes": Question(
        "two numbers, the smaller one first",
        (7, 8),
        [
            ((8, 7), "These are the two. Put the smaller one first."),
            ((8, 9), "One of them is right, and the other one gives 5."),
            ((6, 7), "One of them is right, and the other one gives 3."),
            ((8, 8), "That is one of them. What does the rounding hide?"),
            ((7, 7), "That is one of them. What does the rounding hide?"),
            ((2, 2), "That goes the wrong way: the image is larger than the output."),
            ((1, 2), "That goes the wrong way: the image is larger than the output."),
            ((9, 10), "You left out the padding: there are two more rows with it."),
            ((5, 6), "You counted the padding twice as often as it is there."),
            ("(g[0] == 7) | (g[0] == 8) | (g[1] == 7) | (g[1] == 8)", "One of the two is right."),
        ],
        "Put n into the formula: (n + 2 - 3) / 2, rounded down, has to be 3.",
        "(n - 1) / 2, rounded down, has to be 3, so n - 1 is 6 or 7. A stride maps several sizes "
        "to one, so the size of the output doesn't tell the size of the image.",
    ),
    "multiplications": Question(
        "a number",
        55 * 55 * 96 * 11 * 11 * 3,
        [
            (55 * 55 * 96 * 11 * 11, "Each kernel reads all three channels."),
            (55 * 55 * 11 * 11 * 3, "That is one kernel. There are 96 of them."),
            (11 * 11 * 3 * 96, "That is the number of weights. Each is used at many positions."),
            (55 * 55 * 96, "That is the number of outputs. How many products does each sum up?"),
            (11 * 11 * 3, "That is one output. How many outputs are there?"),
            (217 * 217 * 96 * 363, "That is for a stride of 1."),
            (
                227 * 227 * 96 * 363,
                "The window doesn't fit at 227 positions, and there is a stride.",
            ),
            (
                56 * 56 * 96 * 363,
                "The size of the kernel counts, too: how far can the window move?",
            ),
            (54 * 54 * 96 * 363, "There is one position more than there are steps."),
            (
                57 * 57 * 96 * 363,
                "The size of the kernel counts, too: how far can the window move?",
            ),
            (55 * 55 * 96 * 364, "The bias is added, not multiplied."),
            (227 * 227 * 3 * 55 * 55 * 96, "That is a dense layer, which reads all pixels."),
            ("(104e6 < g[0]) & (g[0] < 107e6)", "Close. Let Python compute all the digits."),
        ],
        "How many outputs are there (positions times kernels), and how many products in each?",
        "55 * 55 positions (227 - 11 = 216 = 54 steps of 4) and 96 kernels, and 11 * 11 * 3 = 363 "
        "products in each output.",
    ),
    "seven": shape_question((7, 7), (3, 3), (1, 1), (2, 2), f"{formula(7, 3, 1, 2)}."),
    "not square": shape_question(
        (10, 12), (3, 5), (1, 1), (1, 2), f"{formula(10, 3, 1, 1)}, and {formula(12, 5, 1, 2)}."
    ),
    "never read": Question(
        "a number",
        len(set(range(8)) - {row + a for row in (0, 3, 6) for a in (0, 1)}),
        [
            (0, "The stride is longer than the window. What lies between two windows?"),
            (1, "There is more than one gap."),
            (3, "That is the number of windows, or the stride. What lies between two windows?"),
            (4, "Three windows have two rows each. How many rows is that?"),
            (5, "Three windows have two rows each. How many rows is that?"),
            (6, "That is the number of rows that are read."),
            (8, "The first window already reads some rows."),
        ],
        "Write down the rows of each window: the first one has rows 0 and 1.",
        "The windows have rows 0 and 1, 3 and 4, 6 and 7. Rows 2 and 5 are in none.",
    ),
    "from 224 to 112": Question(
        "a number",
        3,
        [
            (6, "That is the total. Gluon's padding is per side."),
            (5, "That is a total, and one that can't be split into equal sides."),
            (2.5, "Padding is a whole number of rows. What does rounding down allow?"),
            (2, "Close: the output has 111 rows then."),
            (4, "Close: the output has 113 rows then."),
            (0, "Without padding, the output has 109 rows."),
            (1, "The output has 110 rows then."),
            (7, "The output has 116 rows then. The kernel trims less than 7 rows."),
            (3.5, "Half of k is too much: a kernel of size k trims k - 1 rows."),
            (112, "That is the size of the output. The padding is about half of the kernel."),
        ],
        "Put the numbers into the formula: (224 + 2p - 7) / 2, rounded down, has to be 111.",
        f"{formula(224, 7, 3, 2)}. It is (k - 1) / 2, with which a stride of 2 halves the image.",
    ),
    "three layers": Question(
        "a number",
        3 + 2 * 2 + 2 * 4,
        [
            (3 + 2 + 2, "That would be right without strides."),
            (3 + 2 * 2 + 2 * 2, "How many pixels apart are two outputs of the second layer?"),
            (3 + 2 * 4 + 2 * 4, "The second layer's inputs are two pixels apart, not four."),
            (3 * 3 * 3, "Neighbouring windows overlap."),
            (3 * 3, "Neighbouring windows overlap, and there are strides."),
            (3, "That is one layer."),
            (3 + 4, "That is the first two layers. The third one adds more."),
            (3 + 2 * 2 + 3 * 4, "Each layer adds k - 1 steps, not k."),
            (12, "The third layer has no stride, and each layer adds k - 1 steps."),
        ],
        "Each layer adds k - 1 = 2 steps. How many pixels is a step, in each layer?",
        "3 pixels, then 2 steps of 2 pixels, then 2 steps of 4 pixels.",
    ),
}
QUESTIONS = {
    **DENSE_TO_CONVOLUTION,
    **FINDING_WALDO,
    **CONVOLUTIONS_FOR_IMAGES,
    **PADDING_AND_STRIDE,
}
