"""The kernel bench: the data for its script, and the reply to a kernel for the flag."""

from __future__ import annotations

import base64
import json
import re

import numpy
import pytest

from d2lconv.course.bench import MOST, PRESETS, bench, flag, only_the_stripes, portrait


def data(shown: object) -> dict:
    """Return the data that a bench passes to its script."""
    return json.loads(re.search(r"DATA = ({.*});\n", shown._repr_html_())[1])


def pixels(image: dict) -> numpy.ndarray:
    """Return an image of the bench in hundredths."""
    flat = numpy.frombuffer(base64.b64decode(image["hundredths"]), "uint8")
    return flat.reshape(image["shape"])


def test_the_script_gets_the_images_and_the_presets():
    given = data(bench())
    assert list(given["images"]) == ["photograph", "flag"]
    photograph = pixels(given["images"]["photograph"])
    assert photograph.shape == (300, 256) and photograph.max() <= 100
    means = portrait().reshape(300, 2, 256, 2).mean((1, 3))
    assert abs(photograph / 100 - means).max() <= 0.0051
    assert (pixels(given["images"]["flag"]) == (100 * flag()).round()).all()
    assert list(given["presets"]) == list(PRESETS)
    assert given["presets"]["blur"] == {"rows": [[1, 1, 1]] * 3, "divisor": 9}
    assert (given["input"], given["kernel"]) == ("photograph", "vertical edges")


def test_without_scripts_a_still_picture_is_shown():
    text = bench()._repr_html_()
    still = text.partition("<script>")[0]
    alt = re.search('alt="([^"]*)"', still)[1]
    assert "photograph (300 by 256, an image" in alt and "vertical edges (3 by 3" in alt
    assert "data:image/webp" in still
    for preset in PRESETS:
        assert preset in bench(preset=preset)._repr_html_()


@pytest.mark.parametrize("shape", [(3, 3), (1000, 700), (5000, 4), (640, 640)])
def test_a_large_picture_is_reduced(shape):
    image = pixels(data(bench(numpy.full(shape, 0.25)))["images"]["your picture"])
    assert min(image.shape) >= 3 and max(image.shape) <= MOST
    assert (image == 25).all()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"preset": "Blur"}, ValueError, "preset must be one of identity, blur.*, got 'Blur'"),
        ({"picture": numpy.ones((2, 9))}, ValueError, r"at least 3 rows .*, got \(2, 9\)"),
        ({"picture": numpy.ones((9, 9, 3))}, ValueError, r"picture must have .*, got \(9, 9, 3\)"),
        ({"picture": 255 * numpy.ones((9, 9))}, ValueError, "from 0 to 1, got 255 to 255: divide"),
        ({"picture": "portrait"}, TypeError, "picture must be an array of numbers"),
    ],
)
def test_errors_name_the_bad_argument(arguments, error, message):
    with pytest.raises(error, match=message):
        bench(**arguments)


def test_only_the_edges_of_the_stripes_are_horizontal():
    windows = numpy.lib.stride_tricks.sliding_window_view(flag(), (2, 1))
    rows = numpy.flatnonzero((windows[..., 0, 0] != windows[..., 1, 0]).any(1))
    assert rows.tolist() == [21 + 22 * i for i in range(8)]  # seven stripes have eight edges


@pytest.mark.parametrize(
    "kernel",
    [
        [[1, 2, 1], [0, 0, 0], [-1, -2, -1]],
        [[0, 1, 0], [0, -2, 0], [0, 1, 0]],
        [[-0.1, -0.1, 0], [0.1, 0.1, 0], [0, 0, 0]],
        [[1], [-1]],
    ],
)
def test_kernels_that_show_only_the_stripes_are_right(kernel):
    replied = only_the_stripes(kernel)
    assert replied.verdict == "Right"
    assert replied.figure.get_label().startswith("Side by side: the flag")


@pytest.mark.parametrize(
    ("kernel", "hint"),
    [
        ([[0, 0, 0], [0, 1, 0], [0, 0, 0]], "Your weights add up to 1."),
        ([[1, 1, 1], [1, 1, 1], [1, 1, 1]], "Your weights add up to 9."),
        ([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], "Your weights add up to 1."),
        ([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]], "Your weights add up to 1."),
        ([[1, 0, -1], [2, 0, -2], [1, 0, -1]], "The pole shows too."),
        ([[0, 1, 2], [-1, 0, 1], [-2, -1, 0]], "The pole shows too."),
        ([[0, 1, 0], [1, -4, 1], [0, 1, 0]], "The pole shows too."),
        ([[1, -1]], "The pole shows too."),
        ([[1, -1], [-1, 1]], "the stripes don't show either"),
        ([[0, 0, 0], [0, 0, 0], [0, 0, 0]], "All weights are 0"),
    ],
)
def test_other_kernels_get_a_hint(kernel, hint):
    replied = only_the_stripes(kernel)
    assert replied.verdict == "Not yet" and hint in replied.text


def test_other_arguments_than_kernels_are_refused():
    with pytest.raises(ValueError, match=r"kernel must have a height .*, got \(3,\)"):
        only_the_stripes([1, 0, -1])
    with pytest.raises(ValueError, match=r"at most 9 rows and columns, got \(10, 1\)"):
        only_the_stripes(numpy.ones((10, 1)))
