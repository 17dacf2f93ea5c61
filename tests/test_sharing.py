"""The drawings and helpers of Section 6.1: weights, shifts, sums and learning curves."""

from __future__ import annotations

import re

import numpy
import pytest
from matplotlib.colors import to_hex
from mxnet import np, npx

from d2lconv import draw
from d2lconv.course.sharing import learning_curves, shift
from d2lconv.draw import sums

npx.set_np()
OFFSETS = numpy.arange(5) - numpy.arange(5)[:, None]
SHARED = numpy.arange(1, 10)[OFFSETS + 4]
LOCAL = SHARED * (abs(OFFSETS) <= 1)
IMAGE = numpy.zeros((4, 5))
IMAGE[1, 1:3] = 1, 2


def written(figure, gid):
    """Return the texts with a gid, in all axes."""
    found = [t.get_text() for ax in figure.axes for t in ax.texts if t.get_gid() == gid]
    return found[0] if len(found) == 1 else found


def arrows(ax):
    """Return the input, output and colour of each arrow."""
    (lines,) = [c for c in ax.collections if c.get_gid() == "arrows"]
    ends = [(round(start[0] - 0.5), round(end[0] - 0.5)) for start, end in lines.get_segments()]
    return dict(zip(ends, map(to_hex, lines.get_colors())))


# Bars


def test_bars_are_logarithmic():
    figure = draw.bars({"all": 10**9, "few": 1000, "nine": 9})
    bars = {p.get_gid()[4:]: p.get_width() for p in figure.axes[0].patches}
    step = (bars["all"] - bars["few"]) / 6
    assert numpy.isclose(step, (bars["few"] - bars["nine"]) / numpy.log10(1000 / 9))
    assert written(figure, "all") == "1,000,000,000"
    assert figure.get_label().endswith("all: 1,000,000,000; few: 1,000; nine: 9.")


@pytest.mark.parametrize(
    ("counts", "error", "message"),
    [
        ({}, ValueError, "counts must name at least one layer"),
        ({"a": 0}, ValueError, r"counts\['a'\] must be 1 or more, got 0"),
        ({"a": 2.5}, TypeError, r"counts\['a'\] must be a whole number, got 2.5"),
    ],
)
def test_bars_refuse_malformed_counts(counts, error, message):
    with pytest.raises(error, match=message):
        draw.bars(counts)


# Wiring


def test_equal_weights_have_arrows_and_cells_of_one_colour():
    figure = draw.wiring({"shared": SHARED, "local": LOCAL})
    for ax, W in zip(figure.axes, (SHARED, LOCAL)):
        found = arrows(ax)
        assert set(found) == {(k, i) for i, k in numpy.argwhere(W)}
        for value in numpy.unique(W[W != 0]):
            same = {found[k, i] for i, k in numpy.argwhere(value == W)}
            cells = {
                to_hex(p.get_facecolor())
                for p in ax.get_children()
                for i, k in numpy.argwhere(value == W)
                if p.get_gid() == f"W[{i},{k}]"
            }
            assert same == cells and len(same) == 1
        assert len(set(found.values())) == len(numpy.unique(W[W != 0]))
    assert figure.get_label().startswith("shared: 25 arrows, 9 different weights; ")
    assert "local: 13 arrows, 3 different weights; " in figure.get_label()


def test_units_show_the_input_and_the_output():
    x = numpy.array([0, 1, 2, 0, 0])
    figure = draw.wiring({"local": LOCAL}, np.array(x))
    assert [written(figure, f"input {i}") for i in range(5)] == ["0", "1", "2", "0", "0"]
    y = [str(int(value)) for value in LOCAL @ x]
    assert [written(figure, f"output {i}") for i in range(5)] == y
    assert f"The input 0, 1, 2, 0, 0 becomes {', '.join(y)}." in figure.get_label()


def test_a_layer_may_have_any_shape():
    figure = draw.wiring({"wide": numpy.ones((2, 6))}, range(6))
    assert written(figure, "output 1") == "15"


@pytest.mark.parametrize(
    ("layers", "x", "message"),
    [
        ({}, None, "layers must name at least one matrix"),
        ({"a": numpy.ones((13, 2))}, None, r"layers\['a'\] must have at most 12 rows"),
        ({"a": numpy.ones(3)}, None, r"layers\['a'\] must have a height and a width"),
        ({"a": LOCAL}, [1, 2], r"x must have shape \(5,\), got \(2,\)"),
    ],
)
def test_wiring_refuses_large_matrices(layers, x, message):
    with pytest.raises(ValueError, match=message):
        draw.wiring(layers, x)


def test_wiring_each_names_the_bad_input():
    with pytest.raises(ValueError, match=r"inputs\[1\] must have shape \(5,\), got \(2,\)"):
        draw.wiring_each({"a": LOCAL}, [range(5), [1, 2]])
    with pytest.raises(ValueError, match="inputs must be at least one, got"):
        draw.wiring_each({"a": LOCAL}, [])


# Shifts


@pytest.mark.parametrize("by", [(1, 2), (-1, 0), (2, -1), (0, 0)])
def test_shift_moves_the_pattern_and_keeps_the_shape(by):
    shifted = shift(IMAGE, by)
    assert shifted[1 + by[0], 1 + by[1]] == 1 and shifted[1 + by[0], 2 + by[1]] == 2
    assert shifted.sum() == 3 and shifted.shape == IMAGE.shape
    assert (shift(np.array(IMAGE), by).asnumpy() == shifted).all()


def test_shift_takes_a_number_for_a_row():
    assert shift(numpy.array([1, 2, 0, 0]), 2).tolist() == [0, 0, 1, 2]


@pytest.mark.parametrize("by", [(3, 0), (0, 3), (0, -2), (9, 9)])
def test_shift_refuses_to_leave_the_frame(by):
    with pytest.raises(ValueError, match=r"by must keep the pattern inside of \(4, 5\), got "):
        shift(IMAGE, by)


def test_shift_needs_a_number_for_each_axis():
    with pytest.raises(ValueError, match=r"by must be one number for each axis"):
        shift(IMAGE, 2)


@pytest.mark.parametrize("by", [(1, 2), (-1, 0), (2, -1)])
def test_frames_mark_the_parts_to_compare(by):
    other = IMAGE + 1
    other[:, 4] = 7
    figure = draw.before_and_after({"x": (IMAGE, shift(IMAGE, by)), "y": (IMAGE, other)}, by)
    frames = [
        {(p.get_x(), p.get_y(), p.get_width(), p.get_height()) for p in ax.patches}
        for ax in figure.axes
    ]
    size = 5 - abs(by[1]), 4 - abs(by[0])
    first = (max(-by[1], 0) - 0.5, max(-by[0], 0) - 0.5, *size)
    second = (max(by[1], 0) - 0.5, max(by[0], 0) - 0.5, *size)
    assert frames == [{first}, {first}, {second}, {second}]
    assert [ax.get_title() for ax in figure.axes[2:]] == ["x: same numbers", "y: different numbers"]
    assert figure.get_label().endswith("x shifts along; y does not shift along.")


def test_each_column_has_its_own_colours():
    figure = draw.before_and_after({"x": (IMAGE, IMAGE), "y": (100 * IMAGE,) * 2}, (0, 0))
    assert [ax.images[0].norm.vmax for ax in figure.axes] == [2, 200, 2, 200]


@pytest.mark.parametrize(
    ("columns", "by", "message"),
    [
        ({}, (0, 0), "columns must have two images of one shape each"),
        ({"x": (IMAGE, IMAGE.T)}, (0, 0), "columns must have two images of one shape each"),
        (
            {"x": (IMAGE, IMAGE)},
            (4, 0),
            r"shift must leave a part of the image of 4×5, got \(4, 0\)",
        ),
    ],
)
def test_before_and_after_refuses_mismatched_images(columns, by, message):
    with pytest.raises(ValueError, match=message):
        draw.before_and_after(columns, by)


# Sums


def test_the_slider_writes_out_each_element_of_the_convolution():
    f, g = [1, 2, 3, 4], [5, 3, 1, 1]
    picture = draw.flip_and_slide(f, np.array(g))
    found = [int(re.findall(r"= (\d+)\.$", alt)[0]) for alt in picture.alts]
    assert found == numpy.convolve(f, g).tolist()
    assert picture.alts[3].endswith("convolution is 1·1 + 2·1 + 3·3 + 4·5 = 32.")


def test_g_is_reversed_below_f():
    figure = sums._slide(numpy.array([1, 2, 3.0]), numpy.array([4, 5.0]), 1)
    at = {t.get_gid(): t.get_position()[0] for t in figure.axes[0].texts if t.get_gid()}
    assert at["g[1]"] == at["f[0]"] and at["g[0]"] == at["f[1]"]
    assert written(figure, "sum") == "1·5 + 2·4 = 13"
    assert written(figure, "result 1") == "13"
    assert written(figure, "result 2") == []  # not known yet


@pytest.mark.parametrize("g", [[], [[1]], list(range(9))])
def test_the_slider_refuses_malformed_rows(g):
    with pytest.raises(ValueError, match="g must be a row of 1 to 8 numbers, got shape"):
        draw.flip_and_slide([1], g)


def test_channels_are_summed_one_by_one():
    rng = numpy.random.default_rng(0)
    x, V = rng.integers(-3, 4, (4, 5, 3)), rng.integers(-3, 4, (2, 3, 3))
    figure = draw.channel_sums(x, np.array(V), position=(2, 1), bias=7)
    parts = (x[2:4, 1:4] * V).sum((0, 1))
    for name, part in zip(("red", "green", "blue"), parts):
        assert written(figure, f"sum {name}") == str(part)
    assert written(figure, "total").endswith(f"+ bias 7 = {parts.sum() + 7}")
    assert written(figure, "green 0 [1,2]") == str(x[3, 3, 1])
    assert "-0" not in [t.get_text() for t in figure.axes[0].texts]


@pytest.mark.parametrize(
    ("x", "V", "position", "message"),
    [
        ((4, 5), (2, 2, 3), (0, 0), r"x must have three axes \(h, w, channels\), got \(4, 5\)"),
        ((4, 5, 3), (2, 2, 2), (0, 0), "V and names must have as many channels as x, 3, got 2"),
        ((4, 5, 3), (5, 2, 3), (0, 0), "V must fit into x"),
        ((9, 9, 3), (9, 9, 3), (0, 0), "V must have at most 8 rows and columns, got 9×9"),
        ((4, 5, 3), (2, 2, 3), (3, 0), "position must be a row and a column of the output"),
    ],
)
def test_channel_sums_refuses_what_does_not_fit(x, V, position, message):
    with pytest.raises(ValueError, match=message):
        draw.channel_sums(numpy.ones(x), numpy.ones(V), position)


# Why sharing pays


def test_shared_weights_learn_from_one_image():
    curves = learning_curves([1, 11, 12], shape=(3, 4), tries=2)
    assert [numpy.shape(errors) for errors in curves.values()] == [(2, 3)] * 4
    assert (numpy.array(curves["shared"]) == 0).all()
    for dense in (numpy.array(curves["dense"]), numpy.array(curves["dense, shuffled pixels"])):
        assert (dense[:, 2] == 0).all() and (dense[:, :2] > 0.01).all()
    assert (numpy.array(curves["shared, shuffled pixels"]) > 1).all()


@pytest.mark.parametrize(
    ("counts", "shape", "message"),
    [
        ([], (6, 8), r"counts must be numbers of images from 1, got \[\]"),
        ([0, 1], (6, 8), "counts must be numbers of images from 1"),
        ([1], (6, 1), r"shape must be a height from 1 and a width from 2, got \(6, 1\)"),
    ],
)
def test_learning_curves_refuse_bad_numbers(counts, shape, message):
    with pytest.raises(ValueError, match=message):
        learning_curves(counts, shape)
