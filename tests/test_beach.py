"""The template finds Waldo on 20 of 20 seeds without its mean, and on none with it."""

from __future__ import annotations

import hashlib
from functools import cache

import numpy
import pytest
from mxnet import np, npx

from d2lconv import corr2d
from d2lconv.course import beach
from d2lconv.course.beach import waldo

npx.set_np()
pytestmark = pytest.mark.xdist_group("beach")  # draw each crowd only once
crowd = cache(beach.crowd)  # half a second each


def peak(image, template):
    x, V = np.array(image), np.array(template)
    Y = sum(corr2d(x[:, :, c], V[:, :, c]) for c in range(3)).asnumpy()
    i, j = numpy.unravel_index(Y.argmax(), Y.shape)
    rest = Y.copy()
    rest[max(i - 17, 0) : i + 18, max(j - 10, 0) : j + 11] = -numpy.inf
    return (i, j), Y.max() / rest.max()


@pytest.mark.parametrize(
    "seed", [*range(4), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(4, 20))]
)
def test_waldo_is_found_once_the_mean_is_gone(seed):
    image, place = crowd(seed)
    found, margin = peak(image, waldo() - waldo().mean((0, 1)))
    assert found == place
    assert margin > 1.2


@pytest.mark.parametrize("seed", range(4))
def test_waldo_is_not_found_before(seed):
    image, place = crowd(seed)
    assert peak(image, waldo())[0] != place


def test_the_same_seed_gives_the_same_crowd():
    image, _place = crowd(0)
    assert image.dtype == numpy.float32 and image.shape == (1024, 1024, 3)
    assert 0 <= image.min() <= image.max() <= 1
    assert hashlib.sha256(image.tobytes()).hexdigest().startswith("1ab9c92d7ffce200")
    assert waldo().shape == (34, 20, 3)


def test_nobody_covers_waldo():
    for seed in range(5):
        image, (row, column) = crowd(seed)
        shirt = numpy.s_[22:34, 6:14]  # the middle of the figure, without sand
        there = image[row : row + 34, column : column + 20]
        numpy.testing.assert_allclose(there[shirt], waldo()[shirt], atol=1e-6)
