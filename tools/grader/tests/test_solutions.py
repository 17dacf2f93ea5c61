"""The solutions get full marks, and the untouched release none; see also make test-grading."""

from __future__ import annotations

import pytest

from tools.grader.assignments import SECTIONS, notebook
from tools.grader.tests.submission import THREE, Submission, all_tests, best_mode, grade_file, lost

# One section is enough before each commit
SLOW = {section: [pytest.mark.slow] for section in THREE[1:]}


@pytest.mark.parametrize(
    "section", [pytest.param(section, marks=SLOW.get(section, [])) for section in SECTIONS]
)
def test_the_solutions_get_full_marks(tmp_path, section):
    graded = Submission(section).grade(tmp_path, best_mode())
    assert lost(graded) == set()
    assert {test.id for test in graded.tests} == all_tests(section)
    assert graded.marks == graded.points >= (15 if section in THREE else 1)
    assert not graded.notes


@pytest.mark.slow
@pytest.mark.parametrize("section", SECTIONS)
def test_the_untouched_release_gets_no_marks(section):
    graded = grade_file(notebook("release", section), section, best_mode())
    assert lost(graded) == all_tests(section)
    assert graded.marks == 0
    assert not graded.notes


# Other right answers: other algorithms, lists, NumPy scalars, rounding
OTHER_WAYS = [
    (
        "6.1",
        {
            "parameters": """
                def dense_parameters(inputs, outputs):
                    return numpy.int64(inputs + 1) * outputs


                def conv_parameters(in_channels, out_channels, kernel_size):
                    return np.array(out_channels * (in_channels * numpy.prod(kernel_size) + 1))
                """,
            "weights": """
                def dense_from_kernel(V, h, w):
                    delta, W = (len(V) - 1) // 2, np.zeros((h, w, h, w))
                    for i, j, k, l in numpy.ndindex(h, w, h, w):
                        if abs(k - i) <= delta and abs(l - j) <= delta:
                            W[i, j, k, l] = V[k - i + delta, l - j + delta]
                    return W


                def kernel_from_dense(W, delta):
                    (h, w), found = W.shape[:2], {}
                    for i, j, k, l in numpy.ndindex(*W.shape):
                        found.setdefault((k - i, l - j), set()).add(W[i, j, k, l].item())
                    if any(len(values) > 1 for values in found.values()):
                        return None
                    inside = range(-delta, delta + 1)
                    if any(
                        values != {0}
                        for (a, b), values in found.items()
                        if a not in inside or b not in inside
                    ):
                        return None
                    return np.array([[found[a, b].pop() for b in inside] for a in inside])
                """,
            "shift": """
                def moves_along(layer, x, by):
                    ours, theirs = layer(x).asnumpy(), layer(np.roll(x, by, axis=(0, 1))).asnumpy()
                    return numpy.bool_(
                        all(
                            ours[i, j] == theirs[i + by[0], j + by[1]]
                            for i, j in numpy.ndindex(ours.shape)
                            if 0 <= i + by[0] < x.shape[0] and 0 <= j + by[1] < x.shape[1]
                        )
                    )
                """,
            "echo": """
                def remove_echo(heard, g):
                    n = len(heard) - len(g) + 1
                    columns = [numpy.convolve(row, g.asnumpy()) for row in numpy.eye(n)]
                    found = numpy.linalg.lstsq(numpy.array(columns).T, heard.asnumpy(), rcond=None)
                    return np.array(found[0], dtype="float32")
                """,
            "count": """
                def count_pattern(image, pattern):
                    h, w = pattern.shape
                    count = 0
                    for i in range(image.shape[0] - h + 1):
                        for j in range(image.shape[1] - w + 1):
                            count += (image[i : i + h, j : j + w] == pattern).all().astype("int64")
                    return count
                """,
        },
    ),
    (
        "6.1",
        {
            "shift": """
                def moves_along(layer, x, by):
                    down, right = by
                    h, w = x.shape
                    ours = np.roll(layer(x), by, axis=(0, 1))
                    inside = np.roll(np.pad(np.ones((h, w)), ((h, h), (w, w))), by, axis=(0, 1))
                    inside = inside[h : 2 * h, w : 2 * w]
                    return ((layer(np.roll(x, by, axis=(0, 1))) - ours) * inside == 0).all()
                """,
            "echo": """
                def remove_echo(heard, g):
                    f = []
                    for i in range(len(heard) - len(g) + 1):
                        echoes = sum(f[a] * g[i - a] for a in range(i) if i - a < len(g))
                        f.append((heard[i] - echoes) / g[0])
                    return np.array(f)
                """,
            "count": """
                def count_pattern(image, pattern):
                    bright = d2lconv.corr2d(image, pattern) == pattern.sum()
                    dark = d2lconv.corr2d(image, 1 - pattern) == 0
                    return numpy.count_nonzero((bright * dark).asnumpy())
                """,
        },
    ),
    (
        "6.2",
        {
            "corr2d": """
                def corr2d(X, K):
                    h, w = X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1
                    places = [(i, j) for i in range(h) for j in range(w)]
                    sums = [(X[i : i + len(K), j : j + K.shape[1]] * K).sum() for i, j in places]
                    return np.stack(sums).reshape(h, w)
                """,
            "autograd": """
                def corr2d_gradient(X, K):
                    return 2 * d2lconv.corr2d(X, corr2d(X, K))
                """,
            "product": """
                def windows(X, k_h, k_w):
                    view = numpy.lib.stride_tricks.sliding_window_view(X.asnumpy(), (k_h, k_w))
                    return np.array(view.reshape(-1, k_h * k_w), dtype="float64")


                def corr2d_product(X, K):
                    shape = (X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1)
                    W = windows(X, *K.shape)
                    return np.array(W.asnumpy() @ K.asnumpy().ravel()).reshape(shape)
                """,
            "matrix": """
                def kernel_matrix(K, n_h, n_w):
                    pixels = np.eye(n_h * n_w).reshape(-1, n_h, n_w)
                    return np.stack([d2lconv.corr2d(X, K).reshape(-1) for X in pixels]).T
                """,
            "convolution": """
                def convolve2d(X, K):
                    margin = tuple((size - 1, size - 1) for size in K.shape)
                    return d2lconv.corr2d(np.pad(X, margin), K[::-1, ::-1])
                """,
            "kernels": """
                import math


                def diagonal_kernel():
                    return np.array([[-1, 1], [1, -1]]) * 3


                def derivative_kernel(d):
                    return np.array([[math.comb(d, i) * (-1) ** (d - i) for i in range(d + 1)]])


                def edge_kernel(theta):
                    sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8
                    return math.cos(theta) * sobel + math.sin(theta) * sobel.T


                def laplace_kernel():
                    kernel = np.full((3, 3), 0.33333334)
                    kernel[1, 1] = -2.6666667
                    return kernel
                """,
            "gradient": """
                def kernel_gradient(X, K, Y):
                    error, gradient = d2lconv.corr2d(X, K) - Y, np.zeros_like(K)
                    for a, b in numpy.ndindex(K.shape):
                        seen = X[a : a + error.shape[0], b : b + error.shape[1]]
                        gradient[a, b] = (2 * error * seen).sum()
                    return gradient


                def image_gradient(X, K, Y):
                    error, gradient = d2lconv.corr2d(X, K) - Y, np.zeros_like(X)
                    for i, j in numpy.ndindex(error.shape):
                        gradient[i : i + K.shape[0], j : j + K.shape[1]] += 2 * error[i, j] * K
                    return gradient
                """,
            "learn": """
                def learn(X, Y, K, b, rate, steps):
                    losses = []
                    for _ in range(steps):
                        error = d2lconv.corr2d(X, K) + b - Y
                        losses.append((error**2).sum())
                        K = K - rate * 2 * d2lconv.corr2d(X, error)
                        b = b - rate * 2 * error.sum()
                    return [K, b, np.array(losses)]
                """,
        },
    ),
    (
        "6.1",
        {
            # With keyword arguments, and a function of the visible test
            "shift": """
                def moves_along(layer, x, by):
                    if not (layer(x=x) == layer(x)).all() or convolution(x).shape != x.shape:
                        return None
                    moved = np.roll(x, by, axis=(0, 1))
                    (h, w), (down, right) = x.shape, by
                    rows = [i for i in range(h) if 0 <= i + down < h]
                    columns = [j for j in range(w) if 0 <= j + right < w]
                    before, after = layer(x=x).asnumpy(), layer(x=moved).asnumpy()
                    return all(
                        before[i, j] == after[i + down, j + right] for i in rows for j in columns
                    )
                """,
        },
    ),
    (
        "6.3",
        {
            "bug": """
                def is_right(layer):
                    for n in range(100):
                        (p_h, p_w), (s_h, s_w) = rng.integers(1, 5, size=(2, 2)).tolist()
                        k_h, k_w = rng.integers(1, 6, size=2).tolist()
                        X, K = whole(max(n % 9, k_h), max(8 - n % 7, k_w)), whole(k_h, k_w)
                        got = layer(X=X, K=K, padding=(p_h, p_w), strides=(s_h, s_w))
                        X_padded = np.pad(X, ((p_h, p_h), (p_w, p_w)))
                        Y = d2lconv.corr2d(X_padded, K)[::s_h, ::s_w]
                        if got.shape != Y.shape or not (got == Y).all():
                            return False
                    return True
                """,
        },
    ),
    (
        "6.3",
        {
            "shape": """
                import math


                def output_shape(n, k, p, s, rounding):
                    counts = []
                    for n, k, p, s in zip(n, k, p, s):
                        starts = numpy.arange(0, n + 2 * p - k + 1, s)
                        left_over = n + 2 * p - (starts[-1] + k)
                        counts.append(len(starts) + (rounding == "ceil" and left_over > 0))
                    return [numpy.int32(count) for count in counts]
                """,
            "same": """
                def same_padding(n, k, s):
                    n, k, s = numpy.array(n), numpy.array(k), numpy.array(s)
                    total = numpy.maximum((numpy.ceil(n / s) - 1) * s + k - n, 0).astype(int)
                    return numpy.stack([total - total // 2, total // 2], axis=1)
                """,
            "bug": """
                def is_right(layer):
                    for n in range(100):
                        k_h, k_w, s_h, s_w = rng.integers(1, 6, size=4).tolist()
                        n_h, n_w = max(n % 9, k_h), max(8 - n % 7, k_w)
                        p_h, p_w = rng.integers(0, 4, size=2).tolist()
                        X, K = np.random.normal(size=(n_h, n_w)), np.random.normal(size=(k_h, k_w))
                        X_padded = numpy.pad(X.asnumpy(), ((p_h, p_h), (p_w, p_w)))
                        view = numpy.lib.stride_tricks.sliding_window_view(X_padded, (k_h, k_w))
                        Y = (view[::s_h, ::s_w] * K.asnumpy()).sum(axis=(2, 3))
                        got = layer(X, K, (p_h, p_w), [s_h, s_w])
                        if got.shape != Y.shape or abs(got.asnumpy() - Y).max() > 1e-3:
                            return False
                    return True
                """,
            "mirror": """
                def pad_mirror(X, p):
                    def both(X, p):
                        return np.concatenate([X[1 : p + 1][::-1], X, X[-p - 1 : -1][::-1]])

                    return both(both(X, p[0]).T, p[1]).T
                """,
            "field": """
                def receptive_field(layers):
                    seen = {0}
                    for k, s, d in reversed(layers):
                        seen = {s * place + d * i for place in seen for i in range(k)}
                    return numpy.int64(max(seen) + 1)
                """,
            "half": """
                def enlarge(X, K):
                    (n_h, n_w), (k_h, k_w) = X.shape, K.shape
                    Y = np.zeros((2 * n_h + k_h - 2, 2 * n_w + k_w - 2))
                    for i in range(n_h):
                        for j in range(n_w):
                            Y[2 * i : 2 * i + k_h, 2 * j : 2 * j + k_w] += X[i, j] * K[::-1, ::-1]
                    return Y
                """,
        },
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("section", "answers"), OTHER_WAYS)
def test_other_right_answers_lose_no_marks(tmp_path, section, answers):
    submission = Submission(section)
    for answer, code in answers.items():
        submission.replace(answer, code)
    graded = submission.grade(tmp_path, best_mode())
    assert lost(graded) == set(), str(graded)
    assert [note for note in graded.notes if "was graded in its state after" not in note] == []
