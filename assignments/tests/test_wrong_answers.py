"""Each typical wrong answer loses the marks of the tests that are about it, and no others."""

from __future__ import annotations

import textwrap
from typing import NamedTuple

import pytest

from assignments.grader.course import marks
from assignments.tests.submission import Submission, best_mode, lost

CORR2D = {"corr2d-visible", "corr2d-images", "corr2d-kernels"}


class Wrong(NamedTuple):
    """An answer, the tests that it must lose, and the marks that must be left."""

    what: str
    section: str
    answer: str
    code: str
    loses: set[str]
    marks: int


WRONG = [
    Wrong(
        what="kernel flipped, corr2d",
        section="6.2",
        answer="corr2d",
        code="""
            def corr2d(X, K):
                return d2lconv.corr2d(X, np.flip(K, axis=(0, 1)))
            """,
        loses=CORR2D,
        marks=17,
    ),
    Wrong(
        what="kernel not flipped, strict convolution",
        section="6.2",
        answer="convolution",
        code="""
            def convolve2d(X, K):
                return d2lconv.corr2d(X, K)
            """,
        loses={"convolution-visible", "convolution-any"},
        marks=19,
    ),
    Wrong(
        what="kernel flipped in one axis, strict convolution",
        section="6.2",
        answer="convolution",
        code="""
            def convolve2d(X, K):
                return d2lconv.corr2d(X, np.flip(K, axis=1))
            """,
        loses={"convolution-visible", "convolution-any"},
        marks=19,
    ),
    Wrong(
        what="kernel flipped, one dimension",
        section="6.1",
        answer="convolve",
        code="""
            def convolve(f, g):
                return np.array(numpy.correlate(f.asnumpy(), g.asnumpy(), "full"))
            """,
        loses={"convolve-visible", "convolve-any"},
        marks=15,
    ),
    Wrong(
        what="one row short",
        section="6.2",
        answer="corr2d",
        code="""
            def corr2d(X, K):
                h, w = K.shape
                Y = np.zeros((X.shape[0] - h, X.shape[1] - w + 1))
                for i in range(Y.shape[0]):
                    for j in range(Y.shape[1]):
                        Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
                return Y
            """,
        loses=CORR2D,
        marks=17,
    ),
    Wrong(
        what="height and width mixed up, the image's",
        section="6.2",
        answer="corr2d",
        code="""
            def corr2d(X, K):
                h, w = K.shape
                Y = np.zeros((X.shape[1] - h + 1, X.shape[0] - w + 1))
                for i in range(Y.shape[0]):
                    for j in range(Y.shape[1]):
                        Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
                return Y
            """,
        loses={"corr2d-images"},
        marks=20,
    ),
    Wrong(
        what="height and width mixed up, the kernel's",
        section="6.2",
        answer="corr2d",
        code="""
            def corr2d(X, K):
                w, h = K.shape
                Y = np.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
                for i in range(Y.shape[0]):
                    for j in range(Y.shape[1]):
                        Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
                return Y
            """,
        loses={"corr2d-kernels"},
        marks=19,
    ),
    Wrong(
        what="height and width mixed up, the shift's",
        section="6.1",
        answer="shift",
        code="""
            def moves_along(layer, x, by):
                right, down = by
                h, w = x.shape
                moved = layer(np.roll(x, (down, right), axis=(0, 1)))[down:, right:]
                return bool((moved == layer(x)[: h - down, : w - right]).all())
            """,
        loses={"shift-any"},
        marks=16,
    ),
    Wrong(
        what="height and width mixed up, V's",
        section="6.1",
        answer="w-and-v",
        code="""
            def v_from_w(W):
                h, w = W.shape[:2]
                V = np.zeros((h, w, 2 * w - 1, 2 * h - 1))
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
            """,
        loses={"w-and-v-visible", "w-and-v-v"},
        marks=15,
    ),
    Wrong(
        what="height and width mixed up, the strides'",
        section="6.3",
        answer="shape",
        code="""
            def output_shape(n, k, p, s, rounding):
                pairs = []
                for i in (0, 1):
                    steps = (n[i] + 2 * p[i] - k[i]) / s[1 - i]
                    rounded = numpy.floor(steps) if rounding == "floor" else numpy.ceil(steps)
                    pairs.append(int(rounded) + 1)
                return tuple(pairs)
            """,
        loses={"shape-axes"},
        marks=17,
    ),
    Wrong(
        what="height and width mixed up, the padding's",
        section="6.3",
        answer="same",
        code="""
            def same_padding(k):
                k_w, k_h = k
                return (k_h // 2, (k_h - 1) // 2), (k_w // 2, (k_w - 1) // 2)
            """,
        loses={"same-odd"},
        marks=17,
    ),
    Wrong(
        what="floor for ceil, the output's shape",
        section="6.3",
        answer="shape",
        code="""
            def output_shape(n, k, p, s, rounding):
                return tuple((n[i] + 2 * p[i] - k[i]) // s[i] + 1 for i in (0, 1))
            """,
        loses={"shape-ceil"},
        marks=17,
    ),
    Wrong(
        what="ceil for floor, the output's shape",
        section="6.3",
        answer="shape",
        code="""
            def output_shape(n, k, p, s, rounding):
                return tuple(-(-(n[i] + 2 * p[i] - k[i]) // s[i]) + 1 for i in (0, 1))
            """,
        loses={"shape-floor"},
        marks=17,
    ),
    Wrong(
        what="floor for ceil, the padding",
        section="6.3",
        answer="same",
        code="""
            def same_padding(k):
                return tuple(((size - 1) // 2, (size - 1) // 2) for size in k)
            """,
        loses={"same-even"},
        marks=17,
    ),
    Wrong(
        what="padding counted once, the output's shape",
        section="6.3",
        answer="shape",
        code="""
            def output_shape(n, k, p, s, rounding):
                pairs = []
                for i in (0, 1):
                    steps = (n[i] + p[i] - k[i]) / s[i]
                    rounded = numpy.floor(steps) if rounding == "floor" else numpy.ceil(steps)
                    pairs.append(int(rounded) + 1)
                return tuple(pairs)
            """,
        loses={"shape-padding"},
        marks=17,
    ),
    Wrong(
        what="padding counted once, the array",
        section="6.3",
        answer="strided",
        code="""
            def corr2d_strided(X, K, padding, strides):
                (p_h, p_w), (s_h, s_w) = padding, strides
                return d2lconv.corr2d(np.pad(X, ((p_h, 0), (p_w, 0))), K)[::s_h, ::s_w]
            """,
        loses={"strided-visible", "strided-padding", "strided-both"},
        marks=15,
    ),
    Wrong(
        what="the border repeated",
        section="6.3",
        answer="mirror",
        code="""
            def pad_mirror(X, p):
                pairs = [(size, size) for size in p]
                return np.array(numpy.pad(X.asnumpy(), pairs, mode="symmetric"))
            """,
        loses={"mirror-visible", "mirror-any"},
        marks=15,
    ),
    Wrong(
        what="strides forgotten, the receptive field",
        section="6.3",
        answer="field",
        code="""
            def receptive_field(layers):
                return 1 + sum(k - 1 for k, s in layers)
            """,
        loses={"field-strides"},
        marks=16,
    ),
    Wrong(
        what="only square kernels, corr2d",
        section="6.2",
        answer="corr2d",
        code="""
            def corr2d(X, K):
                h = w = K.shape[0]
                Y = np.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
                for i in range(Y.shape[0]):
                    for j in range(Y.shape[1]):
                        Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
                return Y
            """,
        loses={"corr2d-kernels"},
        marks=19,
    ),
    Wrong(
        what="only square kernels, parameters",
        section="6.1",
        answer="parameters",
        code="""
            def dense_parameters(inputs, outputs):
                return inputs * outputs + outputs


            def conv_parameters(c, d, kernel_size):
                return d * c * kernel_size[0] ** 2 + d
            """,
        loses={"parameters-conv"},
        marks=17,
    ),
    Wrong(
        what="a factor of 2 forgotten, the gradient",
        section="6.2",
        answer="gradient",
        code="""
            def kernel_gradient(X, K, Y):
                return d2lconv.corr2d(X, d2lconv.corr2d(X, K) - Y)
            """,
        loses={"gradient-visible", "gradient-any"},
        marks=17,
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.what)
def test_a_wrong_answer_loses_exactly_its_marks(tmp_path, wrong):
    submission = Submission(wrong.section).answer(wrong.answer, textwrap.dedent(wrong.code))
    graded = submission.grade(tmp_path, best_mode())
    assert lost(graded) == wrong.loses, str(graded)
    assert marks(graded) == wrong.marks
    assert graded["notes"] == []
