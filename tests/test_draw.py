"""Pictures have the right parts in the right places, and every pixel equals the baseline."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from io import BytesIO

import numpy
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.textpath import TextPath
from mxnet import np, npx
from PIL import Image

from d2lconv import conv2d_output_shape, draw
from d2lconv.course.explorer import explorer
from d2lconv.draw import describe, style
from d2lconv.draw.heatmap import _width
from d2lconv.draw.learning import learning_step
from d2lconv.draw.picture import Picture
from tests.drawn import BASELINE, FIGURES, PATHS, README_PICTURE, K, X, bowl, readme_picture
from tests.outputs import difference, same_output

npx.set_np()


def texts(figure, grid):
    """Return the numbers written into a grid, as rows of strings."""
    found = {t.get_gid(): t.get_text() for t in figure.axes[0].texts}
    rows = {}
    for gid, text in found.items():
        if gid and gid.startswith(grid + "["):
            rows.setdefault(int(re.findall(r"\d+", gid)[0]), []).append(text)
    return [rows[i] for i in sorted(rows)]


def cells(figure, grid, holds, axes=0):
    """Return the set of (row, column) of a grid's cells for which `holds(patch)`."""
    return {
        tuple(map(int, re.findall(r"\d+", p.get_gid())))
        for p in figure.axes[axes].patches
        if (p.get_gid() or "").startswith(grid + "[") and holds(p)
    }


def shaded(patch):
    return patch.get_facecolor()[:3] == tuple(
        int(style.BLUE[i : i + 2], 16) / 255 for i in (1, 3, 5)
    )


def dashed(patch):
    return patch.get_linestyle() == "--"


def hatched(patch):
    return bool(patch.get_hatch())


def the_sum(figure):
    text = next(t for t in figure.axes[0].texts if t.get_gid() == "sum")
    return " ".join(text.get_text().split())


# Parts and places


def test_the_diagram_of_the_text():
    figure = draw.window_diagram(X, K)
    assert the_sum(figure) == "0×0 + 1×1 + 3×2 + 4×3 = 19"
    assert texts(figure, "X") == [["0", "1", "2"], ["3", "4", "5"], ["6", "7", "8"]]
    assert texts(figure, "K") == [["0", "1"], ["2", "3"]]
    assert texts(figure, "Y") == [["19", "25"], ["37", "43"]]
    assert cells(figure, "X", shaded) == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert cells(figure, "Y", shaded) == {(0, 0)}
    assert not cells(figure, "X", dashed) and not cells(figure, "X", hatched)
    signs = [t for t in figure.axes[0].texts if t.get_text() in ("⋆", "=")]
    assert [t.get_text() for t in sorted(signs, key=lambda t: t.get_position()[0])] == ["⋆", "="]


def test_window_and_output_element_have_a_border_too():
    figure = draw.window_diagram(X, K, position=(1, 1))
    borders = {p.get_gid(): p for p in figure.axes[0].patches if "window" in (p.get_gid() or "")}
    assert set(borders) == {"X window", "Y window"}
    for grid, first in (("X", "[1,1]"), ("Y", "[1,1]")):
        cell = next(p for p in figure.axes[0].patches if p.get_gid() == grid + first)
        assert borders[grid + " window"].get_xy() == cell.get_xy()


def test_padding_cells_are_zero_dashed_and_around_the_input():
    figure = draw.window_diagram(X, K, padding=1, position=(3, 3))
    border = {(i, j) for i in range(5) for j in range(5) if i in (0, 4) or j in (0, 4)}
    assert cells(figure, "X", dashed) == border
    assert all(texts(figure, "X")[i][j] == "0" for i, j in border)
    assert texts(figure, "Y") == [
        ["0", "3", "8", "4"],
        ["9", "19", "25", "10"],
        ["21", "37", "43", "16"],
        ["6", "7", "8", "0"],
    ]
    assert the_sum(figure) == "8×0 + 0×1 + 0×2 + 0×3 = 0"


def test_stride_three_and_two_drops_a_column_and_a_row():
    figure = draw.window_diagram(X, K, padding=1, strides=(3, 2), position=(1, 1))
    assert texts(figure, "Y") == [["0", "8"], ["6", "8"]]
    assert cells(figure, "X", shaded) == {(3, 2), (3, 3), (4, 2), (4, 3)}
    assert cells(figure, "X", hatched) == {(2, j) for j in range(5)} | {(i, 4) for i in range(5)}
    starts = {line.get_gid() for line in figure.axes[0].lines}
    assert {gid for gid in starts if "True" in gid} == {
        f"start[{i},{j}] True" for i in (0, 3) for j in (0, 2)
    }
    assert sum("False" in gid for gid in starts) == 4 * 4 - 4
    legend = {t.get_text() for t in figure.legends[0].get_texts()}
    assert {"padding", "no window reaches it", "skipped by the stride"} <= legend


@pytest.mark.parametrize(
    ("n", "k", "p", "s"), [(5, 3, 1, 2), (6, 2, 0, 3), (2, 2, 1, 1), (5, 1, 0, 2)]
)
def test_shades_and_numbers_agree_with_the_definition(n, k, p, s):
    image, kernel = numpy.arange(n * n).reshape(n, n) % 7 - 3, numpy.arange(k * k).reshape(k, k) - 1
    padded = numpy.pad(image, p)
    shape = conv2d_output_shape(image.shape, kernel.shape, p, s)
    for position in numpy.ndindex(*shape):
        figure = draw.window_diagram(image, kernel, p, s, position)
        i, j = position[0] * s, position[1] * s
        assert cells(figure, "X", shaded) == {(i + a, j + b) for a in range(k) for b in range(k)}
        total = (padded[i : i + k, j : j + k] * kernel).sum()
        assert the_sum(figure).endswith(f" = {total}")
        assert texts(figure, "Y")[position[0]][position[1]] == str(total)


def test_uneven_padding_is_larger_above_and_on_the_left():
    figure = draw.window_diagram(X, numpy.ones((4, 4)), padding=((2, 1), (2, 1)))
    image = {(i, j) for i in range(2, 5) for j in range(2, 5)}
    assert cells(figure, "X", dashed) == set(numpy.ndindex(6, 6)) - image
    assert texts(figure, "Y") == [["8", "15", "15"], ["21", "36", "36"], ["21", "36", "36"]]
    assert "padding 2 above, 1 below, 2 left, 1 right" in figure.get_label()


def test_mxnet_and_numpy_arrays_give_the_same_picture():
    a = draw.window_diagram(np.arange(9).reshape(3, 3), np.arange(4).reshape(2, 2))
    assert difference(drawn(a), drawn(draw.window_diagram(X, K))) == 0


def test_negative_and_rounded_numbers_in_the_sum():
    assert the_sum(draw.window_diagram([[2, -3]], [[1, -1]])) == "2×1 + (-3)×(-1) = 5"
    assert the_sum(draw.window_diagram([[0.5]], [[0.25]])) == "0.5×0.25 = 0.125"
    assert the_sum(draw.window_diagram([[1 / 3]], [[3]])) == "0.333×3 ≈ 1"


@pytest.mark.parametrize(
    "figure",
    [
        draw.window_diagram(numpy.arange(225).reshape(15, 15), numpy.full((11, 11), 0.123)),
        draw.window_diagram(X, K, 1, (3, 2)),
        draw.window_diagram([[1]], [[1]]),
    ],
)
def test_no_text_is_cut_off(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    width, height = canvas.get_width_height()
    found = [t for ax in figure.axes for t in [*ax.texts, ax.title]] + [
        t for legend in figure.legends for t in legend.get_texts()
    ]
    for text in filter(Text.get_text, found):
        box = text.get_window_extent()
        assert 0 <= box.x0 <= box.x1 <= width and 0 <= box.y0 <= box.y1 <= height, text


# Messages


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: draw.window_diagram(X[0], K), ValueError, r"X must have .*got \(3,\)"),
        (
            lambda: draw.window_diagram(X, "abc"),
            TypeError,
            "K must be an array of numbers, got 'abc'",
        ),
        (lambda: draw.window_diagram(K, X), ValueError, "kernel"),
        (
            lambda: draw.window_diagram(X, K, position=(2, 0)),
            ValueError,
            r"position must be .*got \(2, 0\)",
        ),
        (
            lambda: draw.window_diagram(X, K, position=1),
            ValueError,
            r"position must be .*got \(1,\)",
        ),
        (
            lambda: draw.window_diagram(numpy.ones((30, 3)), K),
            ValueError,
            r"at most 20 .*got \(30, 3\)",
        ),
        (
            lambda: draw.animate(numpy.ones((12, 12)), K),
            ValueError,
            "X must .*at most 64 .*got 11 by 11",
        ),
        (
            lambda: draw.window_diagram(X, K, padding=((1, 0), (0, -1))),
            ValueError,
            r"padding must be 0 or more on each side, .*got \(\(1, 0\), \(0, -1\)\)",
        ),
        (lambda: draw.heatmap([X], []), ValueError, r"titles must be .*got \[\]"),
        (
            lambda: draw.heatmap([numpy.ones((2, 2, 2))], ["a"]),
            ValueError,
            r"arrays\[0\] must have shape.*got \(2, 2, 2\)",
        ),
        (lambda: draw.heatmap([X], ["a"], vmax=0), ValueError, "vmax must be .*got 0"),
        (lambda: draw.heatmap([X], ["a"], rows=2), ValueError, "rows must divide 1.*got 2"),
        (
            lambda: draw.curves([1, 2], {"a": [1]}, "", ""),
            ValueError,
            r"ys must be .*2 values.*\(1, 1\)",
        ),
        (lambda: draw.curves([1], {}, "", ""), ValueError, "ys must be .*got {}"),
        (lambda: draw.descent(bowl, {}), ValueError, "paths must be .*got {}"),
        (lambda: draw.descent(bowl, {"a": [1, 2]}), ValueError, r"paths must be .*'a': \(2,\)"),
        (lambda: draw.descent_each(bowl, {}), ValueError, "paths must be .*got {}"),
        (lambda: draw.show(Figure()), ValueError, "alt must be .*got ''"),
    ],
)
def test_errors_name_the_bad_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()


# Heat maps and other figures


def test_heatmap_has_values_and_a_colour_bar_centred_at_zero():
    figure = draw.heatmap([X - 2, K], ["a", "b"])
    first, second, _bar = figure.axes
    assert [ax.get_title() for ax in (first, second)] == ["a", "b"]
    assert first.images[0].get_clim() == second.images[0].get_clim() == (-6, 6)
    assert [t.get_text() for t in first.texts] == [str(v) for v in range(-2, 7)]
    assert not draw.heatmap([numpy.ones((40, 40))], ["large"]).axes[0].texts


def panel_inches(figure, panel):
    return figure.axes[panel].get_position().size * figure.get_size_inches()


def test_cells_of_a_heatmap_have_one_size_in_all_panels():
    figure = draw.heatmap([numpy.ones((6, 8)), [1, -1], numpy.ones((6, 7))], list("XKY"))
    for panel, (height, width) in enumerate([(6, 8), (1, 2), (6, 7)]):
        cell = panel_inches(figure, panel) / (width, height)
        assert numpy.allclose(cell, panel_inches(figure, 0) / (8, 6)), panel


def test_a_kernel_next_to_a_photograph_is_visible():
    figure = draw.heatmap([numpy.ones((600, 512)), K], ["photograph", "K"], photos=[0])
    assert panel_inches(figure, 1).min() > 0.5 and len(figure.axes[1].texts) == 4


def test_the_room_for_a_title_is_its_exact_width():
    for title in ("output Y", "3×3, (1, 2)", "Älgj|_-%", "⌊x⌋ ≤ −1"):
        exact = TextPath((0, 0), title, size=12).get_extents().width / 72
        assert _width(title) == pytest.approx(exact, abs=1e-9), title


def test_an_image_s_colours_run_from_black_to_white():
    figure = draw.heatmap([[[0.25, 0.5]]], ["image"], photos=[0])
    assert figure.axes[0].images[0].get_clim() == (0, 1)
    assert figure.axes[0].images[0].get_cmap().name == "gray"
    assert figure.get_label() == "image (1 by 2, an image, 0 black, 1 white: 0.25, 0.5)."
    figure = draw.heatmap([numpy.ones((2, 2, 3))], ["a beach"])
    assert figure.get_label() == "a beach (2 by 2, an image in colour)."


@pytest.mark.parametrize(
    ("low", "high", "ends"),
    [
        (-3, 3, ["≤ −1", "≥ 1"]),
        (-1, 3, ["−1", "≥ 1"]),
        (-3, 0, ["≤ −1", "1"]),
    ],
)
def test_the_colour_bar_shows_when_values_exceed_it(low, high, ends):
    figure = draw.heatmap([[low, high]], ["a"], vmax=1)
    names = [text.get_text() for text in figure.axes[-1].get_yticklabels()]
    assert [names[0], names[-1]] == ends
    assert "at -1 and 1; values beyond take the nearer end's colour." in figure.get_label()
    assert "end at" not in draw.heatmap([[low, high]], ["a"]).get_label()


def test_a_box_is_framed_at_its_position():
    figure = draw.heatmap([X, X], ["a", "b"], boxes={1: (0, 1, 3, 2)})
    assert not [p for p in figure.axes[0].patches if p.get_gid() == "box"]
    box = next(p for p in figure.axes[1].patches if p.get_gid() == "box")
    assert (*box.get_xy(), box.get_width(), box.get_height()) == (0.5, -0.5, 2, 3)
    assert figure.get_label().endswith(" with a box of 3×2 at row 0, column 1.")


BLOCK = numpy.zeros((6, 8))
BLOCK[1:3, 2:4] = [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (numpy.zeros((6, 8)), "0 everywhere"),
        ([[1, -1]], "1, -1"),
        (K, "0, 1; 2, 3"),
        ([[1, 0, 0, 1]] * 6, "every row is 1, 0, 0, 1"),
        (numpy.transpose([[1, 0, 0, 1]] * 6), "every column is 1, 0, 0, 1"),
        (
            BLOCK,
            "0 outside rows 1 to 2 and columns 2 to 3, smallest 0, largest 4 at row 2, column 3",
        ),
        (numpy.eye(8), "0 except on 1 diagonal, smallest 0, largest 1"),
        (
            numpy.eye(8) * 3 + numpy.eye(8, k=1),
            "0 except on 2 diagonals, smallest 0, largest 3",
        ),
        (
            X.repeat(2, 0) - 8 + 1e-9,
            "smallest -8, largest 0",
        ),
        (
            numpy.diag([5.0] + 39 * [1])[::-1] + 0.01,
            "98% of it near 0, smallest 0.01, largest 5.01 at row 39, column 0",
        ),
    ],
)
def test_the_alternative_text_describes_a_matrix(array, said):
    assert describe.describe_matrix(numpy.array(array, float)) == said


@pytest.mark.parametrize(
    ("y", "said"),
    [
        ([2, 1, 0, 0], "from 2 to 0, reached at 3"),
        ([1, 5, 2, 2.5], "from 1 to 2.5, highest 5 at 2"),
        ([3, 1, 2, 4], "from 3 to 4, lowest 1 at 2"),
        ([1, 1, 1, 1], "1 everywhere"),
    ],
)
def test_the_alternative_text_describes_a_curve(y, said):
    assert describe.describe_curve([1, 2, 3, 4], numpy.array(y)) == said


def test_heatmap_in_two_rows():
    figure = draw.heatmap([X, K, K, X], list("abcd"), rows=2)
    corners = [ax.get_position().p0.round(2).tolist() for ax in figure.axes[:4]]
    figure.draw_without_rendering()
    a, b, c, d = (ax.get_position() for ax in figure.axes[:4])
    assert a.x0 < b.x0 and c.x0 < d.x0 and a.y0 > c.y1 and b.y0 > d.y1, corners


def test_curves_of_several_tries_share_a_name():
    figure = draw.curves(
        [1, 2, 4], {"one": [3, 2, 1], "two tries": [[0, 1, 2], [0, 3, 4]]}, "x", "y"
    )
    (ax,) = figure.axes
    assert [line.get_ydata().tolist() for line in ax.lines] == [[3, 2, 1], [0, 1, 2], [0, 3, 4]]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["one", "two tries"]
    assert len({line.get_linestyle() for line in ax.lines}) == 2
    assert figure.get_label() == "y over x, 1 to 4: one from 3 to 1; two tries from 0 to 3."


def test_descent_shows_every_step_of_every_path():
    figure = draw.descent(bowl, PATHS)
    first, second = figure.axes
    assert [ax.get_title() for ax in figure.axes] == ["short", "long"]
    assert first.lines[0].get_xydata().tolist() == [[1, 1], [0, 0]]
    assert second.lines[0].get_xydata().tolist() == [[1, 1], [-1, 0.5], [0, 0]]
    assert first.get_xlim() == second.get_xlim()
    assert (
        "short: the loss goes from 3 to 0; long: the loss goes from 3 to 0." in figure.get_label()
    )


@pytest.mark.parametrize(
    ("film", "figures"),
    [
        (
            # The path crosses the frame, which must stay above it
            lambda: draw.descent_each(bowl, PATHS, (-1, 1.5)),
            lambda: [draw.descent(bowl, {name: PATHS[name]}, (-1, 1.5)) for name in PATHS],
        ),
        (
            lambda: draw.wiring_each({"a": K, "b": X[:, :2]}, [(0, 1), (-2, 10)]),
            lambda: [draw.wiring({"a": K, "b": X[:, :2]}, x) for x in [(0, 1), (-2, 10)]],
        ),
        (
            lambda: draw.learning([K - 2, -K], [100, 1], K),
            lambda: [learning_step([K - 2, -K], [100, 1], K, number) for number in (0, 1)],
        ),
    ],
    ids=["descent", "wiring", "learning"],
)
def test_a_frame_equals_a_figure_drawn_for_itself(film, figures):
    frames, pictures = film(), [draw.show(figure) for figure in figures()]
    assert frames.images == [picture.images[0] for picture in pictures]
    assert frames.words == [picture.words[0] for picture in pictures]
    assert frames.alts == [picture.alts[0] for picture in pictures]
    assert len(set(frames.images)) == len(set(frames.alts)) == 2


def test_sign_survives_a_black_and_white_print():
    light = style.DIVERGING(numpy.linspace(0, 1, 65))[:, :3] @ [0.299, 0.587, 0.114]
    assert (numpy.diff(light) > 0).all()
    assert numpy.ptp(style.DIVERGING(0.5)[:3]) < 0.01


# Pictures for a page


class Tags(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.tags = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_a_shown_figure_is_an_image_with_alternative_text():
    picture = draw.show(draw.window_diagram(X, K))
    _, _, (tag, attrs), _ = Tags(picture._repr_html_()).tags
    assert tag == "img" and attrs["alt"] == repr(picture)
    assert attrs["alt"].endswith("0×0 + 1×1 + 3×2 + 4×3 = 19.")
    assert draw.show(draw.window_diagram(X, K), alt='a < "b"').alts == ['a < "b"']
    assert 'alt="a &lt; &quot;b&quot;"' in draw.show(Figure(), 'a < "b"')._repr_html_()


def opened(data):
    return numpy.asarray(Image.open(BytesIO(data)).convert("RGBA"))


def test_a_picture_is_sharp_on_a_transparent_background():
    figure = draw.window_diagram(X, K)
    picture = draw.show(figure)
    image, width = opened(picture.images[0]), round(100 * figure.get_size_inches()[0])
    assert image.shape[1] == 2 * width and f'width="{width}"' in picture._repr_html_()
    assert (image[..., 3] == 0).mean() > 0.4
    assert figure.dpi == 100 and figure.patch.get_visible()


def test_only_words_outside_axes_take_the_page_s_colour():
    figure = draw.window_diagram(X, K)
    mask = opened(draw.show(figure).words[0])[..., 3]
    figure.set_dpi(200)
    FigureCanvasAgg(figure).draw()
    for text in figure.axes[0].texts:
        (left, bottom), (right, top) = text.get_window_extent().get_points().round().astype(int)
        covered = mask[len(mask) - top : len(mask) - bottom, left:right].any()
        assert covered == ("[" not in (text.get_gid() or "")), text


def test_a_plot_has_no_white_box_and_its_words_follow_the_page():
    figure = Figure()
    ax = figure.subplots()
    ax.plot([0, 1], label="a name")
    ax.legend()
    picture = draw.show(figure, "a line")
    mask, image = opened(picture.words[0])[..., 3], opened(picture.images[0])
    figure.set_dpi(200)
    FigureCanvasAgg(figure).draw()
    (left, bottom), (right, top) = ax.get_window_extent().get_points().round().astype(int)
    panel = slice(len(mask) - top, len(mask) - bottom), slice(left, right)
    assert mask[panel].any()  # the legend's
    assert (image[panel][..., 3] == 0).mean() > 0.9
    black = (image[..., :3].max(2) < 60) & (image[..., 3] > 200)
    assert not (black & (mask == 0)).any()  # neither the frame nor anything else
    assert figure.patch.get_visible() and ax.patch.get_visible()


def test_hidden_axes_cost_no_ticks():
    for figure in (draw.pixel_use([(8, 3, 1, 1)]), draw.window_diagram(X, K)):
        draw.show(figure)
        for ax in figure.axes:
            for axis in (ax.xaxis, ax.yaxis):  # older versions of Matplotlib make two in advance
                assert len(axis.majorTicks) <= 2


def test_colours_are_sequential_where_nothing_is_negative():
    for arrays, vmax, ends in [
        ([[[0, 2]]], None, (0, 2)),
        ([[[0, 2]], [[-1, 0]]], None, (-2, 2)),
        ([[[1, 2]]], 1, (0, 1)),
        ([[[0, -3]]], None, (-3, 3)),
    ]:
        figure = draw.heatmap(arrays, ["one"] * len(arrays), vmax)
        images = [ax.images[0] for ax in figure.axes if ax.images]
        assert {image.norm.vmin for image in images} == {ends[0]}
        assert {image.norm.vmax for image in images} == {ends[1]}
        assert {image.cmap.name for image in images} == {
            "dark_zero_bright" if ends[0] else "pale_to_dark"
        }
    assert min(style.SEQUENTIAL(0.0)[:3]) > 0.9 and max(style.SEQUENTIAL(1.0)[:3]) < 0.4
    light = [numpy.dot(style.SEQUENTIAL(at)[:3], (0.3, 0.6, 0.1)) for at in numpy.linspace(0, 1, 9)]
    assert (numpy.diff(light) < 0).all()


def test_a_picture_has_a_small_still_for_latex_with_its_text():
    drawing = draw.show(draw.heatmap([[[1, 2]]], ["one"]), "two numbers")
    photo = draw.show(draw.heatmap([numpy.eye(200)], ["one"]), "a diagonal")
    for picture, small, none in [
        (drawing, drawing._repr_png_(), drawing._repr_jpeg_()),
        (photo, photo._repr_jpeg_(), photo._repr_png_()),
    ]:
        data, metadata = small
        assert none is None and metadata == {"alt": repr(picture)}
        image, first = Image.open(BytesIO(data)), Image.open(BytesIO(picture.images[0]))
        assert image.size == tuple(-(-side // 2) for side in first.size)
        assert image.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


def test_only_visible_ticks_count_as_words():
    figure = Figure(figsize=(4, 3))
    ax = figure.subplots()
    ax.plot([0, 1.03], [-0.04, 1])
    ax.set(xlim=(0.05, 1.1), title="a title\nof two lines")
    picture = draw.show(figure, "a line")
    words = opened(picture.words[0])[..., 3] > 128
    image = opened(picture.images[0])
    ink = (image[..., 3] > 128) & (image[..., 0] < 100)
    figure.set_dpi(200)
    FigureCanvasAgg(figure).draw()
    (left, bottom), _ = ax.get_window_extent().get_points()
    ink[:, round(left) - 12 :][: len(ink) - round(bottom) + 12] = False  # panel and tick marks
    assert not (words & (image[..., 3] < 100)).any()
    assert (words[:, : round(left) - 12] == ink[:, : round(left) - 12]).all()


def test_no_label_of_a_shown_figure_is_cut_off():
    figure = Figure(figsize=(3.5, 2.5))
    figure.subplots().set(xlabel="step", ylabel="a high label\nof two lines", title="loss")
    mask = opened(draw.show(figure, "an empty plot").words[0])[..., 3]
    assert mask.any() and not any(edge.any() for edge in (mask[0], mask[-1], mask[:, 0]))


def test_a_photograph_is_stored_with_loss_and_a_drawing_without():
    noise = numpy.random.default_rng(0).random((110, 110))
    for array, codec in ((noise, b"ALPH"), (noise[:20, :20], b"VP8L")):
        assert codec in draw.show(draw.heatmap([array], ["noise"])).images[0][:400]


def test_comparing_outputs_finds_a_wrong_digit_in_a_picture():
    page, same, other = (
        draw.show(draw.window_diagram(image, K), "alt")._repr_html_()
        for image in (X, X, [[0, 1, 2], [3, 4, 5], [6, 7, 9]])
    )
    assert same_output(page, same) and not same_output(page, other)


def test_every_figure_has_a_title_and_a_description():
    for name, case in FIGURES.items():
        figure = case()
        titles = [t.get_text() for ax in figure.axes for t in [ax.title, ax.yaxis.label, *ax.texts]]
        assert figure.get_label() and any(len(t) > 4 for t in titles), name


@pytest.mark.slow
def test_animation_has_every_position_and_loads_nothing():
    picture = draw.animate(X, K, padding=1)
    page = picture._repr_html_()
    assert len(picture.images) == 16 and len(page) < 500_000
    assert [alt.split(" = ")[-1] for alt in picture.alts] == [
        f"{v}." for v in (0, 3, 8, 4, 9, 19, 25, 10, 21, 37, 43, 16, 6, 7, 8, 0)
    ]
    assert not re.search("https?:|[\"'(=]//|<link", re.sub('base64,[^"]*', "", page))


@pytest.mark.slow
def test_animation_is_the_same_in_another_process():
    code = (
        "import numpy; from d2lconv.draw import animate; "
        "print(animate(numpy.arange(9).reshape(3, 3), numpy.ones((2, 2)))._repr_html_())"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout == draw.animate(X, numpy.ones((2, 2)))._repr_html_() + "\n"


def test_gif_contains_every_position(tmp_path):
    draw.animate(X, K).save(tmp_path / "window.gif")
    with Image.open(tmp_path / "window.gif") as gif:
        assert gif.n_frames == 4


def test_explorer_has_a_picture_and_passes_numbers_to_its_script():
    page = explorer(n=5, k=3, p=0, s=2)._repr_html_()
    tags = dict(Tags(page).tags)
    assert tags["img"]["alt"].startswith("Input 5×5, kernel 3×3, padding 0, stride 2: output 2×2")
    assert "⌊(5 + 2·0 − 3) / 2⌋ + 1 = 2" in page
    data = json.loads(re.search(r"DATA = ({.*});\n", page)[1])
    assert list(data["images"]) == ["photograph"]
    assert data["sliders"] == [
        ["n", "input", 1, 12, [5, 5]],
        ["k", "kernel", 1, 5, [3, 3]],
        ["p", "padding per side", 0, 2, [0, 0]],
        ["s", "stride", 1, 4, [2, 2]],
    ]
    assert repr(explorer()) == "explorer(n=3, k=2, p=1, s=2)"


def test_explorer_takes_different_heights_and_widths():
    both = explorer(n=(5, 8), k=3, p=(0, 1), s=(2, 3))
    assert repr(both) == "explorer(n=(5, 8), k=3, p=(0, 1), s=(2, 3))"
    page = both._repr_html_()
    assert "height ⌊(5 + 2·0 − 3) / 2⌋ + 1 = 2, width ⌊(8 + 2·1 − 3) / 3⌋ + 1 = 3" in page
    assert dict(Tags(page).tags)["img"]["alt"].startswith("Input 5×8, kernel 3×3, padding (0, 1)")


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"k": 9}, "k must be an integer from 1 to 5 or two of them, got 9"),
        ({"n": 2.5}, "n must be an integer from 1 to 12 or two of them, got 2.5"),
        ({"p": "1"}, "p must be an integer from 0 to 2 or two of them, got '1'"),
        ({"s": (1, 5)}, r"s must be an integer from 1 to 4 or two of them, got \(1, 5\)"),
        ({"s": (1, 2, 3)}, "s must be an integer from 1 to 4 or two of them"),
        ({"n": (9, 1), "k": 5, "p": 1}, "kernel_size must fit"),
        ({"n": 1, "k": 5, "p": 1}, "kernel_size must fit, got .5, 5."),
    ],
)
def test_explorer_refuses_numbers_beyond_its_sliders(numbers, message):
    with pytest.raises(ValueError, match=message):
        explorer(**numbers)


# Pixels


def drawn(figure):
    file = BytesIO()
    figure.savefig(file, format="png", facecolor="white")
    return Image.open(file)


@pytest.mark.parametrize("name", FIGURES)
def test_picture_equals_the_baseline(name):
    assert difference(drawn(FIGURES[name]()), Image.open(BASELINE / f"{name}.png")) < 10


@pytest.mark.slow
def test_the_readme_s_picture_is_current(tmp_path):
    readme_picture().save(tmp_path / "window.gif")
    with Image.open(README_PICTURE) as kept, Image.open(tmp_path / "window.gif") as gif:
        assert kept.n_frames == gif.n_frames == 16
        for frame in range(16):
            kept.seek(frame)
            gif.seek(frame)
            assert difference(kept, gif) < 10


def test_the_comparison_sees_one_wrong_digit_and_a_moved_window():
    right = drawn(draw.window_diagram(X, K))
    wrong = X.copy()
    wrong[2, 2] = 9
    assert difference(drawn(draw.window_diagram(wrong, K, position=(0, 0))), right) > 20
    assert difference(drawn(draw.window_diagram(X, K, position=(0, 1))), right) > 20


PIXEL = draw.show(draw.heatmap([X], ["a pixel"])).words[0]


def test_pictures_need_one_text_for_each_image():
    assert base64.b64encode(PIXEL).decode() in Picture([PIXEL], ["a"], [PIXEL])._repr_html_()
    with pytest.raises(ValueError, match=r"alts and words must be .*got 0 and 1 for 1 images"):
        Picture([PIXEL], [], [PIXEL])
