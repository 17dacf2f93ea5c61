"""Each typical wrong answer loses the marks of the tests that are about it, and no others."""

import pytest

from assignments.tests.submission import Submission, best_mode, lost

LOOP = """
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + k_h, j : j + k_w] * K).sum()
    return Y
"""
FULL = "Y = np.zeros((X.shape[0] - k_h + 1, X.shape[1] - k_w + 1))"
CORR2D = {"corr2d-visible", "corr2d-images", "corr2d-kernels"}
SHAPE = """
def output_shape(n, k, p, s, rounding):
    pairs = []
    for i in (0, 1):
        steps = (n[i] + 2 * p[i] - k[i]) / s[i]
        pairs.append(int(numpy.floor(steps) if rounding == "floor" else numpy.ceil(steps)) + 1)
    return tuple(pairs)
"""
STRIDED = """
def corr2d_strided(X, K, padding, strides):
    (p_h, p_w), (s_h, s_w) = padding, strides
    return d2lconv.corr2d(np.pad(X, ((p_h, p_h), (p_w, p_w))), K)[::s_h, ::s_w]
"""
W_V = """
def v_from_w(W):
    h, w = W.shape[:2]
    V = np.zeros((h, w, 2 * h - 1, 2 * w - 1))
    for i in range(h):
        for j in range(w):
            V[i, j, h - 1 - i : 2 * h - 1 - i, w - 1 - j : 2 * w - 1 - j] = W[i, j]
    return V


def w_from_v(V):
    h, w = V.shape[:2]
    W = np.zeros((h, w, h, w))
    for i in range(h):
        for j in range(w):
            W[i, j] = V[i, j, h - 1 - i : 2 * h - 1 - i, w - 1 - j : 2 * w - 1 - j]
    return W
"""
# What is wrong: section, answer, its text, the tests it loses, the marks that are left
WRONG = {
    "kernel flipped, corr2d": (
        *("6.2", "corr2d"),
        "def corr2d(X, K):\n    k_h, k_w = K.shape\n    K = np.flip(K, axis=(0, 1))\n"
        f"    {FULL}{LOOP}",
        *(CORR2D, 17),
    ),
    "kernel not flipped, strict convolution": (
        *("6.2", "convolution"),
        "def convolve2d(X, K):\n    return d2lconv.corr2d(X, K)",
        *({"convolution-visible", "convolution-any"}, 19),
    ),
    "kernel flipped in one axis, strict convolution": (
        *("6.2", "convolution"),
        "def convolve2d(X, K):\n    return d2lconv.corr2d(X, np.flip(K, axis=1))",
        *({"convolution-visible", "convolution-any"}, 19),
    ),
    "kernel flipped, one dimension": (
        *("6.1", "convolve"),
        "def convolve(f, g):\n    f, g = f.asnumpy(), g.asnumpy()\n"
        "    return np.array(numpy.correlate(f, g, 'full'))",
        *({"convolve-visible", "convolve-any"}, 15),
    ),
    "one row short": (
        *("6.2", "corr2d"),
        f"def corr2d(X, K):\n    k_h, k_w = K.shape\n    {FULL.replace('k_h + 1', 'k_h')}{LOOP}",
        *(CORR2D, 17),
    ),
    "height and width mixed up, the image's": (
        *("6.2", "corr2d"),
        "def corr2d(X, K):\n    k_h, k_w = K.shape\n"
        f"    Y = np.zeros((X.shape[1] - k_h + 1, X.shape[0] - k_w + 1)){LOOP}",
        *({"corr2d-images"}, 20),
    ),
    "height and width mixed up, the kernel's": (
        *("6.2", "corr2d"),
        f"def corr2d(X, K):\n    k_w, k_h = K.shape\n    {FULL}{LOOP}",
        *({"corr2d-kernels"}, 19),
    ),
    "height and width mixed up, the shift's": (
        *("6.1", "shift"),
        "def moves_along(layer, x, by):\n    right, down = by\n    h, w = x.shape\n"
        "    moved = layer(np.roll(x, (down, right), axis=(0, 1)))[down:, right:]\n"
        "    return bool((moved == layer(x)[: h - down, : w - right]).all())",
        *({"shift-any"}, 16),
    ),
    "height and width mixed up, V's": (
        *("6.1", "w-and-v"),
        W_V.replace("(h, w, 2 * h - 1, 2 * w - 1)", "(h, w, 2 * w - 1, 2 * h - 1)"),
        *({"w-and-v-visible", "w-and-v-v"}, 15),
    ),
    "height and width mixed up, the strides'": (
        *("6.3", "shape"),
        SHAPE.replace("s[i]", "s[1 - i]"),
        *({"shape-axes"}, 17),
    ),
    "height and width mixed up, the padding's": (
        *("6.3", "same"),
        "def same_padding(k):\n    k_w, k_h = k\n"
        "    return (k_h // 2, (k_h - 1) // 2), (k_w // 2, (k_w - 1) // 2)",
        *({"same-odd"}, 17),
    ),
    "floor for ceil, the output's shape": (
        *("6.3", "shape"),
        SHAPE.replace("numpy.ceil", "numpy.floor"),
        *({"shape-ceil"}, 17),
    ),
    "ceil for floor, the output's shape": (
        *("6.3", "shape"),
        SHAPE.replace("numpy.floor", "numpy.ceil"),
        *({"shape-floor"}, 17),
    ),
    "floor for ceil, the padding": (
        *("6.3", "same"),
        "def same_padding(k):\n    return tuple(((size - 1) // 2, (size - 1) // 2) for size in k)",
        *({"same-even"}, 17),
    ),
    "padding counted once, the output's shape": (
        *("6.3", "shape"),
        SHAPE.replace("2 * p[i]", "p[i]"),
        *({"shape-padding"}, 17),
    ),
    "padding counted once, the array": (
        *("6.3", "strided"),
        STRIDED.replace("((p_h, p_h), (p_w, p_w))", "((p_h, 0), (p_w, 0))"),
        *({"strided-visible", "strided-padding", "strided-both"}, 15),
    ),
    "the border repeated": (
        *("6.3", "mirror"),
        "def pad_mirror(X, p):\n    pairs = [(size, size) for size in p]\n"
        "    return np.array(numpy.pad(X.asnumpy(), pairs, mode='symmetric'))",
        *({"mirror-visible", "mirror-any"}, 15),
    ),
    "strides forgotten, the receptive field": (
        *("6.3", "field"),
        "def receptive_field(layers):\n    return 1 + sum(k - 1 for k, s in layers)",
        *({"field-strides"}, 16),
    ),
    "only square kernels, corr2d": (
        *("6.2", "corr2d"),
        f"def corr2d(X, K):\n    k_h = k_w = K.shape[0]\n    {FULL}{LOOP}",
        *({"corr2d-kernels"}, 19),
    ),
    "only square kernels, parameters": (
        *("6.1", "parameters"),
        "def dense_parameters(inputs, outputs):\n    return inputs * outputs + outputs\n\n\n"
        "def conv_parameters(c, d, kernel_size):\n    return d * c * kernel_size[0] ** 2 + d",
        *({"parameters-conv"}, 17),
    ),
    "a factor of 2 forgotten, the gradient": (
        *("6.2", "gradient"),
        "def kernel_gradient(X, K, Y):\n    return d2lconv.corr2d(X, d2lconv.corr2d(X, K) - Y)",
        *({"gradient-visible", "gradient-any"}, 17),
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_answer_loses_exactly_its_marks(tmp_path, what):
    section, answer, text, tests, marks = WRONG[what]
    graded = Submission(section).answer(answer, text).grade(tmp_path, best_mode())
    assert lost(graded) == tests, [test for test in graded["tests"] if test["why"]]
    assert sum(test["marks"] for test in graded["tests"]) == marks
    assert graded["notes"] == []
