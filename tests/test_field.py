"""Receptive fields: autograd's counts equal those by hand."""

from __future__ import annotations

import html
import json
import re

import numpy
import pytest
from mxnet import npx

from d2lconv.course.field import SIDE, SLIDERS, path_counts, receptive_fields

npx.set_np()


def counted(n: int, k: int, p: int, s: int, depth: int) -> list[int]:
    """Count the paths from each pixel to the middle output, layer by layer."""
    sizes = [n]
    for _ in range(depth):
        sizes.append((sizes[-1] + 2 * p - k) // s + 1)
        if sizes[-1] < 1:
            return []
    counts = numpy.zeros(sizes[-1], int)
    counts[sizes[-1] // 2] = 1
    for size in sizes[-2::-1]:
        below = numpy.zeros(size + 2 * p, int)
        for i, count in enumerate(counts):
            below[i * s : i * s + k] += count
        counts = below[p : p + size]
    return counts.tolist()


@pytest.mark.parametrize("k", [1, 2, 3, 5])
@pytest.mark.parametrize("s", [1, 2])
def test_autograd_counts_the_paths(k, s):
    for p in (0, 1, 2):
        for depth in (1, 3):
            assert path_counts(SIDE, k, p, s, depth) == counted(SIDE, k, p, s, depth)


def test_receptive_fields_of_two_layers_are_right():
    assert [count for count in path_counts(15, 3, 0, 1, 2) if count] == [1, 2, 3, 2, 1]
    assert sum(count > 0 for count in path_counts(31, 3, 0, 2, 2)) == 7
    assert path_counts(4, 5, 0, 1, 1) == []


def test_the_page_has_every_setting_of_the_sliders():
    data = re.search(r'data-fields="([^"]*)"', receptive_fields()._repr_html_()).group(1)
    fields = json.loads(html.unescape(data))["paths"]
    settings = numpy.prod([largest - least + 1 for _, _, least, largest, _ in SLIDERS])
    assert len(fields) == settings
    assert fields["3,1,2,2"] == counted(SIDE, 3, 1, 2, 2)


def test_without_set_np_an_error_says_so():
    npx.reset_np()
    try:
        with pytest.raises(RuntimeError, match=r"call npx\.set_np"):
            receptive_fields()
    finally:
        npx.set_np()
