"""Start training from the text's random numbers, and check other images (Section 6.2.4)."""

from __future__ import annotations

import numpy
from mxnet import np, npx
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

RATE = 3e-2  # in the text's loop
IMAGE, KERNEL = (6, 8), (1, 2)  # of the text: their shapes


def repeat_the_text(X: ArrayLike, Y: ArrayLike) -> None:
    """Set MXNet's random numbers so that a new layer starts from the text's weights.

    The text doesn't say which numbers it started from. Seed 0 reproduces its digits after two
    numbers are drawn, as if a layer had been used before. For an image other than the text's,
    print what to change in the text's cells: the shapes, and the rate if it is too large.

    Parameters
    ----------
    X, Y : array of shape (n_h, n_w) and (n_h - k_h + 1, n_w - k_w + 1)
        Image and wanted output, MXNet or NumPy.

    Raises
    ------
    ValueError
        If an array is not two-dimensional, or Y is larger than X.
    """
    image, output = (numpy.asarray(a.asnumpy() if hasattr(a, "asnumpy") else a) for a in (X, Y))
    for name, array in (("X", image), ("Y", output)):
        if array.ndim != 2:
            raise ValueError(f"{name} must be two-dimensional, got shape {array.shape}")
    height, width = (n - m + 1 for n, m in zip(image.shape, output.shape))
    if min(height, width) < 1:
        raise ValueError(f"Y must be no larger than X, got {output.shape} for {image.shape}")
    shapes = image.shape, (height, width)
    if shapes != (IMAGE, KERNEL):
        print(f"The cells below are written for an image of {IMAGE} and a kernel of {KERNEL}.")
        print(f"Yours are {shapes[0]} and {shapes[1]}. Write kernel_size={shapes[1]},")
        print(f"X.reshape(1, 1, {image.shape[0]}, {image.shape[1]}),", end=" ")
        print(f"Y.reshape(1, 1, {output.shape[0]}, {output.shape[1]})", end=" ")
        print(f"and, for the kernel, .reshape({height}, {width}).")
    limit = largest_rate(image, shapes[1])
    if limit < RATE:
        print(f"The rate {RATE} is too large for your image. Choose one below {limit:.2g}.")
    npx.random.seed(0)
    np.random.uniform(size=2)


def largest_rate(image: ArrayLike, kernel_size: tuple[int, int]) -> float:
    """Return 2 / λ, above which gradient descent on the sum of squared errors diverges.

    λ is the largest curvature of that loss: the largest eigenvalue of its second derivatives,
    twice the sum of the products of each window's elements.

    Parameters
    ----------
    image : array of shape (n_h, n_w)
        The layer's input.
    kernel_size : pair of int
        The shape of its kernel. The bias isn't learned.
    """
    windows = sliding_window_view(numpy.asarray(image, float), kernel_size)
    windows = windows.reshape(-1, kernel_size[0] * kernel_size[1])
    curvature = numpy.linalg.eigvalsh(2 * windows.T @ windows)[-1]
    return float(2 / curvature) if curvature > 0 else float("inf")
