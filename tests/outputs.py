"""Compare notebook outputs as numbers and pictures."""

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
ADDRESS = re.compile(r"(?<= at )0x[0-9a-f]+(?=>)")  # an object's address in memory
# NumPy 2, unlike NumPy 1, prints a scalar's type and a shortened array's shape
SCALAR = re.compile(r"\bnp\.(?:(?:float|int|uint|complex|longdouble|str_|bytes_)\d*)\(([^()]+)\)")
BOOLEAN = re.compile(r"\bnp\.(True|False)_")
SHAPE = re.compile(r",\s+shape=\([\d, ]*\)")
DTYPE = re.compile(r",\s+(?=dtype=)")  # on a new line if the line before is full


def same_output(stored: str, fresh: str) -> bool:
    """Return whether two outputs are equal enough.

    Text must be equal, and so must numbers without a point or an exponent, which are shapes and
    counts. Other numbers may differ by a relative 1e-5, or by 1e-7 near zero, because the last
    digit of a float32 depends on the processor. The spaces that align an array's numbers, memory
    addresses, and the additions of NumPy 2 are ignored. Pictures must look the same, also in HTML.
    """
    if stored == fresh:
        return True
    pictures = PICTURE.findall(stored), PICTURE.findall(fresh)
    stored, fresh = map(_as_numpy_1, (stored, fresh))
    if bool(SHAPE.search(stored)) != bool(SHAPE.search(fresh)):
        stored, fresh = (SHAPE.sub("", output) for output in (stored, fresh))
    stored, fresh = (ROW.sub(_unaligned, PICTURE.sub("PICTURE", s)) for s in (stored, fresh))
    if NUMBER.sub("#", stored) != NUMBER.sub("#", fresh):
        return False
    same_numbers = map(_same_number, NUMBER.findall(stored), NUMBER.findall(fresh))
    return all(same_numbers) and all(map(same_picture, *pictures))


def same_picture(stored: str, fresh: str) -> bool:
    """Return whether two base64 pictures look the same: see `difference`."""
    one, other = (Image.open(io.BytesIO(base64.b64decode(code))) for code in (stored, fresh))
    return difference(one, other) < 14


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return the largest mean difference, from 0 to 255, over any 8 by 8 pixels of two pictures.

    A mean over the whole picture would hide a single wrong digit, which gives more than 20 here.
    Matplotlib 3.7 and 3.10 place photographs a fraction of a pixel apart, which gives up to 11.
    Pictures of different sizes differ by 255. Transparent pixels count as white.
    """
    if one.size != other.size:
        return 255.0
    one, other = (_on_white(image) for image in (one, other))
    change = numpy.abs(one - other).mean(2)
    change = numpy.pad(change, [(0, -n % 8) for n in change.shape])
    rows, columns = change.shape
    return float(change.reshape(rows // 8, 8, columns // 8, 8).mean((1, 3)).max())


def _on_white(image: Image.Image) -> numpy.ndarray:
    pixels = numpy.asarray(image.convert("RGBA"), "float32")
    cover = pixels[..., 3:] / 255
    return pixels[..., :3] * cover + 255 * (1 - cover)


def _as_numpy_1(output: str) -> str:
    output = ADDRESS.sub("0x", output)
    return DTYPE.sub(", ", BOOLEAN.sub(r"\1", SCALAR.sub(r"\1", output)))


def _unaligned(row: re.Match[str]) -> str:
    return re.sub(r"(?<=\[) | (?=[],])", "", " ".join(row[0].split()))


def _same_number(stored: str, fresh: str) -> bool:
    if all(re.search("[.eE]", number) for number in (stored, fresh)):
        return math.isclose(float(stored), float(fresh), rel_tol=1e-5, abs_tol=1e-7)
    return stored == fresh


class Output(str):
    """An output whose `==` is `same_output`."""

    __hash__ = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and same_output(str(self), str(other))

    def __ne__(self, other: object) -> bool:
        return not self == other
