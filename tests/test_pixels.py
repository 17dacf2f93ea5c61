"""Counts of windows per pixel, windows along an axis, and receptive fields."""

from __future__ import annotations

import numpy
import pytest
from mxnet import autograd, np, npx
from mxnet.gluon import nn

from d2lconv import conv2d_output_shape
from d2lconv.draw import pixel_use, seen_by, seen_by_each, windows
from d2lconv.geometry import paths, reads
from tests.test_draw import dashed, hatched

npx.set_np()
CASES = [(8, 1, 0, 1), (8, 3, 0, 1), (8, 3, 1, 1), (8, 3, 2, 1), (9, 3, 1, 2), (7, 2, 0, 3)]
STACKS = [
    [(3, 0, 1), (3, 0, 1)],
    [(3, 0, 2), (3, 0, 1)],
    [(3, 1, 2), (3, 1, 1)],
    [(2, 0, 3), (4, 2, 1), (1, 0, 1)],
]


def of_ones(layers):
    net = nn.Sequential()
    net.add(*[nn.Conv2D(1, (1, k), strides=(1, s), padding=(0, p)) for k, p, s in layers])
    net.initialize("ones")
    return net


def gradient(n, layers, output=None):
    """Return autograd's counts for one output, or for all together, with kernels of ones."""
    X = np.ones((1, 1, 1, n))
    X.attach_grad()
    with autograd.record():
        Y = of_ones(layers)(X)[0, 0, 0]
        chosen = Y.sum() if output is None else Y[output]
    chosen.backward()
    return X.grad[0, 0, 0].asnumpy().tolist()


@pytest.mark.parametrize("case", CASES)
def test_reads_agree_with_autograd(case):
    n, k, p, s = case
    assert reads(*case).tolist() == gradient(n, [(k, p, s)])


@pytest.mark.parametrize("layers", STACKS)
def test_paths_agree_with_autograd(layers):
    p = layers[0][1]
    for output in range(len(paths(12, layers)[-1])):
        image = paths(12, layers, output)[0]
        assert image[p : p + 12].tolist() == gradient(12, layers, output)


def test_paths_through_padding_count_for_no_pixel():
    counts = paths(5, [(3, 1, 2), (3, 1, 1)], 0)
    assert [count.tolist() for count in counts] == [
        [1, 1, 2, 1, 1, 0, 0],
        [1, 1, 1, 0, 0],
        [1, 0, 0],
    ]


@pytest.mark.parametrize("case", CASES)
def test_pixel_use_writes_each_count(case):
    n, _, p, _ = case
    figure = pixel_use([case])
    written = {t.get_gid(): int(t.get_text()) for t in figure.axes[0].texts}
    along = reads(*case)
    needed = {f"X[{i},{j}]": along[i] * along[j] for i in range(n) for j in range(n)}
    assert written == needed
    patches = figure.axes[0].patches
    assert sum(map(dashed, patches)) == (n + 2 * p) ** 2 - n**2
    assert sum(map(hatched, patches)) == sum(count == 0 for count in needed.values())


def test_equal_counts_share_a_colour_and_the_largest_is_darkest():
    figure = pixel_use([(8, 3, 2, 1), (8, 3, 0, 1)])
    assert len({p.get_facecolor() for p in figure.axes[0].patches if not dashed(p)}) == 1
    light = {}
    for patch, text in zip(figure.axes[1].patches, figure.axes[1].texts):
        light[int(text.get_text())] = sum(patch.get_facecolor()[:3])
    ordered = [light[count] for count in sorted(light)]
    assert ordered == sorted(ordered, reverse=True) and len(set(ordered)) == len(ordered)
    assert "padding 2, stride 1: 3, 3, 3, 3, 3, 3, 3, 3" in figure.get_label()
    assert "padding 0, stride 1: 1, 2, 3, 3, 3, 3, 2, 1" in figure.get_label()


@pytest.mark.parametrize("case", [*CASES, (5, 2, 0, 2), (8, 5, 1, 4)])
def test_windows_draws_each_window_and_the_first_without_room(case):
    n, k, p, s = case
    count, _ = conv2d_output_shape((n, n), k, p, s)
    figure = windows(*case)
    bars = [a for a in figure.axes[0].patches if (a.get_gid() or "").startswith("window")]
    assert [bar.get_x() for bar in bars] == [i * s for i in range(count + 1)]
    assert {bar.get_width() for bar in bars} == {k}
    assert [dashed(bar) for bar in bars] == [False] * count + [True]
    assert bars[-1].get_x() + k > n + 2 * p  # it sticks out
    unread = (reads(n + 2 * p, k, 0, s) == 0).sum()
    assert sum(map(hatched, figure.axes[0].patches)) == unread
    assert ("No window reads" in figure.get_label()) == (unread > 0)


def test_seen_by_names_the_pixels_and_counts_the_paths():
    figure = seen_by(15, [(3, 0, 2), (3, 0, 1)])
    assert figure.axes[0].get_title() == "Output 2 sees 7 pixels: 4 to 10"
    numbers = [t.get_text() for t in figure.axes[0].texts if (t.get_gid() or "").startswith("0[")]
    assert numbers == list("1121211")
    lines = [line for line in figure.axes[0].lines if line.get_gid() == "path"]
    assert len(lines) == 3 + 3 * 3
    first = seen_by(12, [(3, 1, 2), (3, 1, 1)], 0)
    assert first.axes[0].get_title() == "Output 0 sees 4 pixels: 0 to 3, and padding"
    assert "padding" not in seen_by(12, [(3, 1, 2), (3, 1, 1)], 2).axes[0].get_title()


def test_an_output_is_above_the_centre_of_its_receptive_field():
    for layers in STACKS[:3]:
        figure = seen_by(13, layers)
        places = {p.get_gid(): p.get_x() for p in figure.axes[0].patches}
        counts = paths(13, layers)
        output, p = int(counts[-1].argmax()), layers[0][1]
        seen = numpy.flatnonzero(counts[0]) - p
        assert places[f"{len(layers)}[{output}]"] == (seen[0] + seen[-1]) / 2


def test_seen_by_each_has_one_frame_size_for_all_outputs():
    picture = seen_by_each(6, STACKS[2])
    assert [alt.split(" sees")[0] for alt in picture.alts] == ["Output 0", "Output 1", "Output 2"]
    sizes = {tuple(seen_by(6, STACKS[2], i).get_size_inches()) for i in range(3)}
    assert len(sizes) == 1


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: pixel_use([]), r"cases must be at least one \(n, k, p, s\), got \[\]"),
        (lambda: pixel_use([(8, 3)]), r"cases must be at least one"),
        (lambda: pixel_use([(8, 9, 0, 1)]), "kernel_size must fit"),
        (lambda: pixel_use([(30, 3, 0, 1)]), "at most 20 rows and columns"),
        (lambda: windows(3, 4), "kernel_size must fit"),
        (lambda: windows(30, 3), "at most 20 rows and columns"),
        (lambda: seen_by(30, [(3, 0, 1)]), "at most 20 rows and columns"),
        (lambda: seen_by(8, []), r"layers must be at least one \(k, p, s\), got \[\]"),
        (lambda: seen_by(8, [(3, 1)]), "layers must be at least one"),
        (lambda: seen_by(4, [(3, 0, 1)] * 2), "layers must leave an output of 4 pixels"),
        (lambda: seen_by(8, [(3, 0, 1)], 6), "output must be a number from 0 to 5, got 6"),
        (lambda: seen_by(8, [(3, 0, 1)], -1), "output must be a number from 0 to 5, got -1"),
    ],
)
def test_bad_arguments_are_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
