"""A comparison of notebook outputs that understands numbers and pictures."""

import base64
import io
import math
import re

import numpy
from PIL import Image

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
ROW = re.compile(r"\[[^][]*\]")  # one row of a printed array
PICTURE = re.compile(r"iVBORw0KGgo|/9j/")  # how PNG and JPEG begin in base64


def same_output(stored: str, fresh: str) -> bool:
    """Whether two outputs say the same.

    What is not a number has to be equal to the letter, and so has a number without a point or an
    exponent: those are shapes and counts. Other numbers may differ by a relative 1e-5, or by 1e-7
    near zero: the last digit of a float32 is another one on another processor. The blanks that an
    array puts before a number to align it depend on that digit too, and do not count.
    """
    if stored == fresh:
        return True
    if PICTURE.match(stored) and PICTURE.match(fresh):
        return same_picture(stored, fresh)
    stored, fresh = (ROW.sub(_unaligned, text) for text in (stored, fresh))
    if NUMBER.sub("#", stored) != NUMBER.sub("#", fresh):
        return False
    return all(map(_same_number, NUMBER.findall(stored), NUMBER.findall(fresh)))


def same_picture(stored: str, fresh: str) -> bool:
    """Whether two pictures, in base64, have the same size and, but for a trace, the same pixels.

    The trace is a root mean square of 1 on the scale from 0 to 255: less than a digit in a figure.
    """
    pixels = [
        numpy.asarray(Image.open(io.BytesIO(base64.b64decode(code))).convert("RGB"), float)
        for code in (stored, fresh)
    ]
    same_size = pixels[0].shape == pixels[1].shape
    return same_size and bool(((pixels[0] - pixels[1]) ** 2).mean() <= 1)


def _unaligned(row: "re.Match[str]") -> str:
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
