"""Each typical wrong answer loses the marks of the tests that are about it, and no others."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tools.grader.course import SECTIONS
from tools.grader.tests.submission import Submission, all_tests, best_mode, lost

CORR2D = {"corr2d-visible", "corr2d-images", "corr2d-kernels"}
CONVOLUTION = {"convolution-visible", "convolution-any"}
SHIFT = {"shift-visible", "shift-any"}
BUG = {"bug-visible", "bug-kernel", "bug-padding", "bug-strides"}


class Wrong(NamedTuple):
    """Functions that take the place of the right ones, and the tests that this must lose."""

    what: str
    section: str
    answer: str
    code: str
    loses: set[str]


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
    ),
    Wrong(
        what="one row short",
        section="6.2",
        answer="corr2d",
        code="""
            def corr2d(X, K):
                return d2lconv.corr2d(X, K)[:-1]
            """,
        loses=CORR2D,
    ),
    Wrong(
        what="height and width mixed up, the image's",
        section="6.2",
        answer="corr2d",
        code="""
            def corr2d(X, K):
                Y, (k_h, k_w), (n_w, n_h) = 0, K.shape, X.shape
                for a in range(k_h):
                    for b in range(k_w):
                        Y = Y + K[a, b] * X[a : n_h - k_h + 1 + a, b : n_w - k_w + 1 + b]
                return Y
            """,
        loses={"corr2d-images"},
    ),
    Wrong(
        what="height and width mixed up, the kernel's",
        section="6.2",
        answer="corr2d",
        code="""
            def corr2d(X, K):
                Y, (n_h, n_w), (k_w, k_h) = 0, X.shape, K.shape
                for a in range(k_h):
                    for b in range(k_w):
                        Y = Y + K[a, b] * X[a : n_h - k_h + 1 + a, b : n_w - k_w + 1 + b]
                return Y
            """,
        loses={"corr2d-kernels"},
    ),
    Wrong(
        what="only square kernels, corr2d",
        section="6.2",
        answer="corr2d",
        code="""
            def corr2d(X, K):
                Y, (n_h, n_w), k = 0, X.shape, len(K)
                for a in range(k):
                    for b in range(k):
                        Y = Y + K[a, b] * X[a : n_h - k + 1 + a, b : n_w - k + 1 + b]
                return Y
            """,
        loses={"corr2d-kernels"},
    ),
    Wrong(
        what="the loop of section 6.2.1, which autograd refuses",
        section="6.2",
        answer="autograd",
        code="""
            def corr2d_gradient(X, K):
                K.attach_grad()
                with autograd.record():
                    l = (d2lconv.corr2d_loop(X, K) ** 2).sum()
                l.backward()
                return K.grad
            """,
        loses={"autograd-visible", "autograd-any"},
    ),
    Wrong(
        what="the gradient of the sum, not of the squares",
        section="6.2",
        answer="autograd",
        code="""
            def corr2d_gradient(X, K):
                K.attach_grad()
                with autograd.record():
                    l = d2lconv.corr2d(X, K).sum()
                l.backward()
                return K.grad
            """,
        loses={"autograd-visible", "autograd-any"},
    ),
    Wrong(
        what="windows in columns",
        section="6.2",
        answer="product",
        code="""
            def windows(X, k_h, k_w):
                view = numpy.lib.stride_tricks.sliding_window_view(X.asnumpy(), (k_h, k_w))
                return np.array(view.transpose(1, 0, 2, 3).reshape(-1, k_h * k_w))


            def corr2d_product(X, K):
                return d2lconv.corr2d(X, K)
            """,
        loses={"product-visible", "product-windows"},
    ),
    Wrong(
        what="the kernel as a row, from the right to the left",
        section="6.2",
        answer="product",
        code="""
            def corr2d_product(X, K):
                shape = (X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1)
                return np.dot(windows(X, *K.shape), K.reshape(-1)[::-1]).reshape(shape)
            """,
        loses={"product-visible", "product-any"},
    ),
    Wrong(
        what="rows that wrap around, the kernel's matrix",
        section="6.2",
        answer="matrix",
        code="""
            def kernel_matrix(K, n_h, n_w):
                k_h, k_w = K.shape
                row = np.zeros((n_h, n_w))
                row[:k_h, :k_w] = K
                rows = range((n_h - k_h + 1) * (n_w - k_w + 1))
                return np.stack([np.roll(row.reshape(-1), i) for i in rows])
            """,
        loses={"matrix-visible", "matrix-any"},
    ),
    Wrong(
        what="kernel not flipped, strict convolution",
        section="6.2",
        answer="convolution",
        code="""
            def convolve2d(X, K):
                margin = tuple((size - 1, size - 1) for size in K.shape)
                return d2lconv.corr2d(np.pad(X, margin), K)
            """,
        loses=CONVOLUTION,
    ),
    Wrong(
        what="kernel flipped in one axis, strict convolution",
        section="6.2",
        answer="convolution",
        code="""
            def convolve2d(X, K):
                margin = tuple((size - 1, size - 1) for size in K.shape)
                return d2lconv.corr2d(np.pad(X, margin), np.flip(K, axis=1))
            """,
        loses=CONVOLUTION,
    ),
    Wrong(
        what="only where the kernel lies inside, strict convolution",
        section="6.2",
        answer="convolution",
        code="""
            def convolve2d(X, K):
                return d2lconv.corr2d(X, np.flip(K, axis=(0, 1)))
            """,
        loses=CONVOLUTION,
    ),
    Wrong(
        what="a diagonal kernel that hardly answers",
        section="6.2",
        answer="kernels",
        code="""
            def diagonal_kernel():
                return np.array([[1e-6, -1e-6], [-1e-6, 1e-6]])
            """,
        loses={"kernels-visible", "kernels-diagonal"},
    ),
    Wrong(
        what="a kernel for one of the diagonals",
        section="6.2",
        answer="kernels",
        code="""
            def diagonal_kernel():
                return np.array([[0, 1], [-1, 0]])
            """,
        loses={"kernels-diagonal"},
    ),
    Wrong(
        what="derivatives with the sign of the flipped kernel",
        section="6.2",
        answer="kernels",
        code="""
            def derivative_kernel(d):
                kernel = numpy.array([1])
                for _ in range(d):
                    kernel = numpy.convolve(kernel, [1, -1])
                return np.array(kernel, dtype="float32").reshape(1, d + 1)
            """,
        loses={"kernels-derivative"},
    ),
    Wrong(
        what="a sum for a mean, the blur",
        section="6.2",
        answer="kernels",
        code="""
            def blur_kernel(size):
                return np.ones((size, size))
            """,
        loses={"kernels-visible", "kernels-blur"},
    ),
    Wrong(
        what="degrees for radians, the edge",
        section="6.2",
        answer="kernels",
        code="""
            def edge_kernel(theta):
                theta = theta * 3.14159265 / 180
                x = np.array([[0, 0, 0], [-1, 0, 1], [0, 0, 0]]) / 2
                return numpy.cos(theta) * x + numpy.sin(theta) * x.T
            """,
        loses={"kernels-edge"},
    ),
    Wrong(
        what="four neighbours for eight, the Laplace kernel",
        section="6.2",
        answer="kernels",
        code="""
            def laplace_kernel():
                return np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
            """,
        loses={"kernels-laplace"},
    ),
    Wrong(
        what="a factor of 2 forgotten, the gradient",
        section="6.2",
        answer="gradient",
        code="""
            def kernel_gradient(X, K, Y):
                return d2lconv.corr2d(X, d2lconv.corr2d(X, K) - Y)
            """,
        loses={"gradient-visible", "gradient-kernel"},
    ),
    Wrong(
        what="kernel not flipped, the gradient for the image",
        section="6.2",
        answer="gradient",
        code="""
            def image_gradient(X, K, Y):
                margin = tuple((size - 1, size - 1) for size in K.shape)
                return 2 * d2lconv.corr2d(np.pad(d2lconv.corr2d(X, K) - Y, margin), K)
            """,
        loses={"gradient-visible", "gradient-image"},
    ),
    Wrong(
        what="the bias left alone",
        section="6.2",
        answer="learn",
        code="""
            def learn(X, Y, K, b, rate, steps):
                losses = []
                for _ in range(steps):
                    error = d2lconv.corr2d(X, K) + b - Y
                    K = K - 2 * rate * d2lconv.corr2d(X, error)
                    losses.append(float((error**2).sum()))
                return K, b, losses
            """,
        loses={"learn-visible", "learn-any"},
    ),
    Wrong(
        what="the bias's step taken from the new kernel",
        section="6.2",
        answer="learn",
        code="""
            def learn(X, Y, K, b, rate, steps):
                losses = []
                for _ in range(steps):
                    error = d2lconv.corr2d(X, K) + b - Y
                    losses.append(float((error**2).sum()))
                    K = K - 2 * rate * d2lconv.corr2d(X, error)
                    b = b - 2 * rate * float((d2lconv.corr2d(X, K) + b - Y).sum())
                return K, b, losses
            """,
        loses={"learn-visible", "learn-any"},
    ),
    Wrong(
        what="the losses after each step",
        section="6.2",
        answer="learn",
        code="""
            def learn(X, Y, K, b, rate, steps):
                losses = []
                for _ in range(steps):
                    error = d2lconv.corr2d(X, K) + b - Y
                    K = K - 2 * rate * d2lconv.corr2d(X, error)
                    b = b - 2 * rate * float(error.sum())
                    losses.append(float(((d2lconv.corr2d(X, K) + b - Y) ** 2).sum()))
                return K, b, losses
            """,
        loses={"learn-visible", "learn-any"},
    ),
    Wrong(
        what="only square kernels, parameters",
        section="6.1",
        answer="parameters",
        code="""
            def conv_parameters(c, d, kernel_size):
                return d * c * kernel_size[0] ** 2 + d
            """,
        loses={"parameters-conv"},
    ),
    Wrong(
        what="no biases, parameters",
        section="6.1",
        answer="parameters",
        code="""
            def dense_parameters(inputs, outputs):
                return inputs * outputs
            """,
        loses={"parameters-visible", "parameters-dense"},
    ),
    Wrong(
        what="the kernel flipped, the dense layer's weights",
        section="6.1",
        answer="weights",
        code="""
            def dense_from_kernel(V, h, w):
                delta, V = len(V) // 2, np.flip(V, axis=(0, 1))
                W = np.zeros((h, w, h + 2 * delta, w + 2 * delta))
                for i in range(h):
                    for j in range(w):
                        W[i, j, i : i + 2 * delta + 1, j : j + 2 * delta + 1] = V
                return W[:, :, delta : delta + h, delta : delta + w]
            """,
        loses={"weights-visible", "weights-dense", "weights-kernel"},
    ),
    Wrong(
        what="the kernel read off one output, whatever the others say",
        section="6.1",
        answer="weights",
        code="""
            def kernel_from_dense(W, delta):
                return W[delta, delta, : 2 * delta + 1, : 2 * delta + 1]
            """,
        loses={"weights-visible", "weights-kernel"},
    ),
    Wrong(
        what="weights that are shared, but reach farther",
        section="6.1",
        answer="weights",
        code="""
            def kernel_from_dense(W, delta):
                h, w = W.shape[:2]
                V = W[delta, delta, : 2 * delta + 1, : 2 * delta + 1]
                near = dense_from_kernel(np.ones_like(V), h, w)
                return V if (dense_from_kernel(V, h, w) == W * near).all() else None
            """,
        loses={"weights-kernel"},
    ),
    Wrong(
        what="height and width mixed up, the shift's",
        section="6.1",
        answer="shift",
        code="""
            def moves_along(layer, x, by):
                (h, w), (right, down) = x.shape, by
                ours, theirs = layer(x).asnumpy(), layer(np.roll(x, by, axis=(0, 1))).asnumpy()
                return all(
                    ours[i, j] == theirs[i + down, j + right]
                    for i in range(max(0, -down), min(h, h - down))
                    for j in range(max(0, -right), min(w, w - right))
                )
            """,
        loses=SHIFT,
    ),
    Wrong(
        what="only down and to the right, the shift",
        section="6.1",
        answer="shift",
        code="""
            def moves_along(layer, x, by):
                (h, w), (down, right) = x.shape, by
                moved = layer(np.roll(x, by, axis=(0, 1)))[down:, right:]
                return bool((moved == layer(x)[: h - down, : w - right]).all())
            """,
        loses=SHIFT,
    ),
    Wrong(
        what="all places compared, also those that came in from outside",
        section="6.1",
        answer="shift",
        code="""
            def moves_along(layer, x, by):
                moved = layer(np.roll(x, by, axis=(0, 1)))
                return bool((moved == np.roll(layer(x), by, axis=(0, 1))).all())
            """,
        loses=SHIFT,
    ),
    Wrong(
        what="one pixel compared",
        section="6.1",
        answer="shift",
        code="""
            def moves_along(layer, x, by):
                (h, w), (down, right) = x.shape, by
                i, j = h // 2, w // 2
                moved = layer(np.roll(x, by, axis=(0, 1)))
                return bool(moved[i + down, j + right] == layer(x)[i, j])
            """,
        loses={"shift-any"},
    ),
    Wrong(
        what="the order of the calls answered, the shift",
        section="6.1",
        answer="shift",
        code="""
            calls = 0


            def moves_along(layer, x, by):
                global calls
                calls += 1
                return calls <= 4 and calls % 2 == 1 or calls > 4 and calls % 4 in (1, 2)
            """,
        loses={"shift-any"},
    ),
    Wrong(
        what="the echo folded in once more",
        section="6.1",
        answer="echo",
        code="""
            def remove_echo(heard, g):
                return np.array(numpy.convolve(heard.asnumpy(), g.asnumpy(), "valid"))
            """,
        loses={"echo-visible", "echo-any"},
    ),
    Wrong(
        what="only the first echo removed",
        section="6.1",
        answer="echo",
        code="""
            def remove_echo(heard, g):
                return heard[: len(heard) - len(g) + 1] / g[0]
            """,
        loses={"echo-visible", "echo-any"},
    ),
    Wrong(
        what="time downwards, the spectrogram",
        section="6.1",
        answer="spectrogram",
        code="""
            def spectrogram(sound, size, step):
                starts = range(0, len(sound) - size + 1, step)
                rows = [abs(numpy.fft.rfft(sound.asnumpy()[i : i + size])) for i in starts]
                return np.array(numpy.array(rows), dtype="float32")
            """,
        loses={"spectrogram-visible", "spectrogram-any"},
    ),
    Wrong(
        what="windows that never overlap, the spectrogram",
        section="6.1",
        answer="spectrogram",
        code="""
            def spectrogram(sound, size, step):
                starts = range(0, len(sound) - size + 1, size)
                columns = [abs(numpy.fft.rfft(sound.asnumpy()[i : i + size])) for i in starts]
                return np.array(numpy.array(columns).T, dtype="float32")
            """,
        loses={"spectrogram-any"},
    ),
    Wrong(
        what="nothing lost for bright pixels that should be dark",
        section="6.1",
        answer="count",
        code="""
            def count_pattern(image, pattern):
                return int((d2lconv.corr2d(image, pattern) == pattern.sum()).sum())
            """,
        loses={"count-visible", "count-any"},
    ),
    Wrong(
        what="the first window forgotten, the output's shape",
        section="6.3",
        answer="shape",
        code="""
            def output_shape(n, k, p, s, rounding):
                sizes = [(n[i] + 2 * p[i] - k[i]) / s[i] for i in (0, 1)]
                rounded = numpy.floor if rounding == "floor" else numpy.ceil
                return tuple(int(rounded(size)) for size in sizes)
            """,
        loses={"shape-visible", "shape-axes", "shape-padding", "shape-floor", "shape-ceil"},
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
    ),
    Wrong(
        what="the larger half last, the padding",
        section="6.3",
        answer="same",
        code="""
            def same_padding(n, k, s):
                totals = [max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(n, k, s)]
                return tuple((total // 2, total - total // 2) for total in totals)
            """,
        loses={"same-visible", "same-one", "same-strides"},
    ),
    Wrong(
        what="strides forgotten, the padding",
        section="6.3",
        answer="same",
        code="""
            def same_padding(n, k, s):
                return tuple((size // 2, (size - 1) // 2) for size in k)
            """,
        loses={"same-visible", "same-strides"},
    ),
    Wrong(
        what="rows taken away where none are needed",
        section="6.3",
        answer="same",
        code="""
            def same_padding(n, k, s):
                totals = [(-(-n // s) - 1) * s + k - n for n, k, s in zip(n, k, s)]
                return tuple((total - total // 2, total // 2) for total in totals)
            """,
        loses={"same-strides"},
    ),
    Wrong(
        what="everything is right",
        section="6.3",
        answer="bug",
        code="""
            def is_right(layer):
                return True
            """,
        loses=BUG,
    ),
    Wrong(
        what="everything is wrong",
        section="6.3",
        answer="bug",
        code="""
            def is_right(layer):
                return False
            """,
        loses=BUG,
    ),
    Wrong(
        what="only the section's example is tried",
        section="6.3",
        answer="bug",
        code="""
            def is_right(layer):
                X, K = np.arange(9).reshape(3, 3), np.arange(4).reshape(2, 2)
                Y = layer(X, K, (1, 1), (3, 2))
                return bool((Y == np.array([[0, 8], [6, 8]])).all()) if Y.shape == (2, 2) else False
            """,
        loses={"bug-kernel", "bug-padding"},
    ),
    Wrong(
        what="no padding is tried",
        section="6.3",
        answer="bug",
        code="""
            def is_right(layer):
                for s_h, s_w in ((1, 1), (3, 2), (2, 3)):
                    X, K = whole(9, 8), whole(2, 3)
                    Y, needed = layer(X, K, (0, 0), (s_h, s_w)), d2lconv.corr2d(X, K)[::s_h, ::s_w]
                    if Y.shape != needed.shape or (Y != needed).any():
                        return False
                return True
            """,
        loses={"bug-padding"},
    ),
    Wrong(
        what="only shapes are tried",
        section="6.3",
        answer="bug",
        code="""
            def is_right(layer):
                for p, s in (((0, 0), (3, 2)), ((1, 2), (2, 3)), ((2, 1), (1, 1))):
                    Y = layer(whole(9, 8), whole(2, 3), p, s)
                    if Y.shape != d2lconv.conv2d_output_shape((9, 8), (2, 3), p, s):
                        return False
                return True
            """,
        loses={"bug-kernel", "bug-padding", "bug-strides"},
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
    ),
    Wrong(
        what="strides forgotten, the receptive field",
        section="6.3",
        answer="field",
        code="""
            def receptive_field(layers):
                return 1 + sum((k - 1) * d for k, s, d in layers)
            """,
        loses={"field-visible", "field-strides", "field-dilation"},
    ),
    Wrong(
        what="dilations forgotten, the receptive field",
        section="6.3",
        answer="field",
        code="""
            def receptive_field(layers):
                field = 1
                for k, s, d in reversed(layers):
                    field = (field - 1) * s + k
                return field
            """,
        loses={"field-visible", "field-dilation"},
    ),
    Wrong(
        what="pixels repeated, not pulled apart",
        section="6.3",
        answer="half",
        code="""
            def enlarge(X, K):
                wide = np.repeat(np.repeat(X, 2, axis=0), 2, axis=1)[:-1, :-1]
                margin = tuple((size - 1, size - 1) for size in K.shape)
                return d2lconv.corr2d(np.pad(wide, margin), K)
            """,
        loses={"half-visible", "half-any"},
    ),
    Wrong(
        what="the kernel flipped, the stride of one half",
        section="6.3",
        answer="half",
        code="""
            def enlarge(X, K):
                wide = np.zeros([2 * size - 1 for size in X.shape])
                wide[::2, ::2] = X
                margin = tuple((size - 1, size - 1) for size in K.shape)
                return d2lconv.corr2d(np.pad(wide, margin), np.flip(K, axis=(0, 1)))
            """,
        loses={"half-any"},
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.what)
def test_a_wrong_answer_loses_exactly_its_marks(tmp_path, wrong):
    submission = Submission(wrong.section).replace(wrong.answer, wrong.code)
    graded = submission.grade(tmp_path, best_mode())
    assert lost(graded) == wrong.loses, str(graded)
    worth = sum(test.points for test in graded.tests if test.id in wrong.loses)
    assert graded.marks == graded.points - worth
    assert graded.notes == []


def test_every_test_can_be_lost():
    named = {(wrong.section, test) for wrong in WRONG for test in wrong.loses}
    assert named == {(section, test) for section in SECTIONS for test in all_tests(section)}
