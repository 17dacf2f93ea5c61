"""A comparison of notebook outputs that understands numbers and pictures."""

from __future__ import annotations

import base64
import io
import math
import re

import numpy
from PIL import Image

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
ROW = re.compile(r"\[[^][]*\]")  # one row of a printed array
PICTURE = re.compile(r"(?:iVBORw0KGgo|/9j/|UklGR)[A-Za-z0-9+/=]+")  # PNG, JPEG, WebP in base64


def same_output(stored: str, fresh: str) -> bool:
    """Whether two outputs say the same.

    What is not a number has to be equal to the letter, and so has a number without a point or an
    exponent: those are shapes and counts. Other numbers may differ by a relative 1e-5, or by 1e-7
    near zero: the last digit of a float32 is another one on another processor. The blanks that an
    array puts before a number to align it depend on that digit too, and do not count. Pictures,
    alone or in HTML, have to look the same.
    """
    if stored == fresh:
        return True
    pictures = PICTURE.findall(stored), PICTURE.findall(fresh)
    stored, fresh = (ROW.sub(_unaligned, PICTURE.sub("PICTURE", s)) for s in (stored, fresh))
    if NUMBER.sub("#", stored) != NUMBER.sub("#", fresh):
        return False
    same_numbers = map(_same_number, NUMBER.findall(stored), NUMBER.findall(fresh))
    return all(same_numbers) and all(map(same_picture, *pictures))


def same_picture(stored: str, fresh: str) -> bool:
    """Whether two pictures, in base64, look the same: see `difference`."""
    one, other = (Image.open(io.BytesIO(base64.b64decode(code))) for code in (stored, fresh))
    return difference(one, other) < 10


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return the largest mean difference, from 0 to 255, over any 8 by 8 pixels of two pictures.

    A mean over the whole picture would hide one wrong digit, which makes about 20 here. Pictures
    of different size differ by 255. What is transparent is white.
    """
    if one.size != other.size:
        return 255.0
    one, other = (_on_white(image) for image in (one, other))
    change = numpy.abs(one - other).mean(2)
    change = numpy.pad(change, [(0, -n % 8) for n in change.shape])
    rows, columns = change.shape
    return float(change.reshape(rows // 8, 8, columns // 8, 8).mean((1, 3)).max())


def _on_white(image: Image.Image) -> numpy.ndarray:
    pixels = numpy.asarray(image.convert("RGBA"), float)
    cover = pixels[..., 3:] / 255
    return pixels[..., :3] * cover + 255 * (1 - cover)


def _unaligned(row: re.Match[str]) -> str:
    return re.sub(r"(?<=\[) | (?=[],])", "", " ".join(row[0].split()))


def _same_number(stored: str, fresh: str) -> bool:
    if all(re.search("[.eE]", number) for number in (stored, fresh)):
        return math.isclose(float(stored), float(fresh), rel_tol=1e-5, abs_tol=1e-7)
    return stored == fresh


class Output(str):
    """An output that equals another one if `same_output` says so."""

    __hash__ = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and same_output(str(self), str(other))

    def __ne__(self, other: object) -> bool:
        return not self == other
