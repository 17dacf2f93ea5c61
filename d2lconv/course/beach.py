"""Draw a crowd on a beach in which to find Waldo (Section 6.1.4); needs only NumPy."""

from __future__ import annotations

import numpy

HEIGHT, WIDTH, FINE = 56, 20, 4  # of a figure in pixels; a pixel is the mean of FINE*FINE points
PALETTE = {
    name: numpy.array(rgb, numpy.float32) / 255
    for name, rgb in {
        "white": (246, 245, 238),
        "red": (212, 30, 34),
        "blue": (38, 82, 172),
        "ink": (26, 23, 26),
        "green": (40, 128, 74),
        "yellow": (238, 194, 64),
        "pink": (232, 140, 158),
        "teal": (52, 158, 163),
        "purple": (114, 72, 140),
        "brown": (92, 56, 30),
        "blond": (222, 178, 92),
        "light": (250, 209, 176),
        "tan": (212, 158, 115),
        "dark": (115, 74, 48),
        "sand": (245, 226, 182),
        "shade": (190, 166, 122),
    }.items()
}
CLOTHES = ["white", "red", "blue", "ink", "green", "yellow", "pink", "teal", "purple"]
HAT = [("wool", "white"), ("band", "red"), ("bobble", "red")]
SHIRT = [("shirt", "white"), ("stripes", "red")]


def _parts() -> dict[str, tuple[slice, numpy.ndarray]]:
    """Return each part of a figure: its rows, and the share of each pixel it covers (0 to 1)."""
    y, x = (numpy.mgrid[: HEIGHT * FINE, : WIDTH * FINE] + 0.5) / FINE
    x = x - 10  # from the middle of the figure

    def disc(row, column, height, width):  # one on each side
        return ((y - row) / height) ** 2 + ((abs(x) - column) / width) ** 2 <= 1

    def box(top, bottom, inner, outer):  # one on each side
        return (y >= top) & (y < bottom) & (abs(x) >= inner) & (abs(x) < outer)

    shirt = disc(22, 0, 4, 8) | box(22, 30, 6, 8.5) | box(20, 34, 0, 5.2)
    face, wool = disc(12.5, 0, 6, 4.8), disc(9, 0, 6.5, 5.4) & (y < 9)
    shapes = {
        "shadow": disc(53, 0, 3, 10),
        "shoes": disc(53, 3.2, 1.6, 2.8),
        "trousers": box(33, 52, 0.6, 5) | box(33, 37, 0, 5),
        "legs": box(33, 52, 1.2, 4.2),
        "shorts": box(33, 42, 0.4, 5.4) | box(33, 36, 0, 5.4),
        "skirt": (y >= 33) & (y < 44) & (abs(x) < y / 4 - 3),
        "hands": disc(31, 7.2, 1.8, 1.4),
        "shirt": shirt,
        "stripes": shirt & (y % 5 < 2.5),
        "wide": shirt & (y % 8 < 4),
        "upright": shirt & (x % 4 < 2),
        "dots": shirt & ((x % 5 - 2.5) ** 2 + (y % 5 - 2.5) ** 2 < 2.4),
        "neck": box(16, 20, 0, 1.6),
        "long": disc(13, 0, 8.5, 6.6) & (y < 20),
        "short": disc(11.5, 0, 7, 5.6) & (y < 13),
        "face": face & (y > 8),
        "eyes": disc(12, 2.1, 0.8, 0.7),
        "mouth": disc(14.6, 0, 1.8, 2.4) & (y > 15.2),
        "glasses": disc(12, 2.2, 2, 2) & ~disc(12, 2.2, 1.2, 1.2),
        "beard": face & (y > 14),
        "wool": wool,
        "band": wool & (y > 6.5),
        "bobble": disc(2.3, 0, 1.9, 1.9),
        "brim": disc(8.5, 0, 1.5, 9),
        "peak": box(7.5, 9.5, 0, 8) & (x > -4),
    }
    parts = {}
    for name, shape in shapes.items():
        cover = shape.reshape(HEIGHT, FINE, WIDTH, FINE).mean((1, 3), dtype=numpy.float32)[
            ..., None
        ]
        rows = numpy.flatnonzero(cover.any((1, 2)))
        parts[name] = slice(rows[0], rows[-1] + 1), cover[rows[0] : rows[-1] + 1]
    return parts


def _figure(hat, shirt, bottom, skin="light", hair=("short", "brown"), face=()):
    return [
        ("shadow", "shade"),
        ("legs", skin),
        ("shoes", "brown"),
        bottom,
        ("hands", skin),
        hair,
        ("neck", skin),
        *shirt,
        ("face", skin),
        ("eyes", "ink"),
        ("mouth", "red"),
        *face,
        *hat,
    ]


WALDO = _figure(HAT, SHIRT, ("trousers", "blue"), face=[("glasses", "ink")])


def _passer_by(rng):
    """Return another person, who may wear Waldo's hat and colours but not his stripes."""

    def pick(*options):
        return options[rng.integers(len(options))]

    a, b, c, d = (CLOTHES[i] for i in rng.permutation(len(CLOTHES))[:4])
    hat = pick(
        [],
        HAT,
        [("brim", "blond"), ("wool", "blond"), ("band", c)],
        [("wool", c), ("peak", c)],
        [("wool", c), ("band", d), ("bobble", d)],
    )
    pattern = pick("upright", "wide", "dots")
    shirt = pick(
        [("shirt", "white"), (pattern, "red")], [("shirt", a), (pattern, b)], [("shirt", a)]
    )
    return _figure(
        hat,
        shirt,
        (pick("trousers", "shorts", "skirt"), d),
        pick("light", "tan", "dark"),
        (pick("short", "long"), pick("brown", "blond", "ink")),
        pick([], [], [("glasses", "ink")], [("beard", "brown")]),
    )


def _paint(image, top, left, figure, parts):
    place = image[top : top + HEIGHT, left : left + WIDTH]
    for part, colour in figure:
        rows, cover = parts[part]
        place[rows] += cover * (PALETTE[colour] - place[rows])


def crowd(seed: int = 0) -> tuple[numpy.ndarray, tuple[int, int]]:
    """Return a beach with Waldo among over 800 people, and Waldo's position.

    The same seed gives the same image on every machine. Nobody covers Waldo's hat, face or shirt.

    Parameters
    ----------
    seed : int
        The seed of NumPy's generator.

    Returns
    -------
    image : float32 array of shape (1024, 1024, 3)
        RGB from 0 to 1.
    place : (int, int)
        Row and column of Waldo's top left corner, where `waldo()` fits.
    """
    rng, parts = numpy.random.default_rng(seed), _parts()
    foam = 40 + 6 * numpy.abs(numpy.arange(1024) % 64 / 32 - 1)  # a wave every 64 pixels
    depth = (foam - numpy.arange(1024)[:, None])[..., None]
    image = numpy.where(
        depth > 4, PALETTE["teal"], numpy.where(depth > 0, PALETTE["white"], PALETTE["sand"])
    )
    image += 0.04 * (rng.random((1024, 1024, 1), dtype=numpy.float32) - 0.5)
    rows, columns = 26, 36
    him = rng.integers(rows), rng.integers(columns)
    for row, column in numpy.ndindex(rows, columns):
        top = 30 + 36 * row + int(rng.integers(3))
        left = 8 + 28 * column + int(rng.integers(-5, 6))
        if (row, column) == him:
            place = top, left
            _paint(image, top, left, WALDO, parts)
        elif rng.random() < 0.9:
            _paint(image, top, left, _passer_by(rng), parts)
    return image, place


def waldo() -> numpy.ndarray:
    """Return Waldo's hat, face and shirt on plain sand, float32 of shape (34, 20, 3)."""
    image = numpy.tile(PALETTE["sand"], (HEIGHT, WIDTH, 1))
    _paint(image, 0, 0, WALDO, _parts())
    return image[:34]
