"""The PDF of all sections: its pictures are those of the pages, and its answers are unfolded."""

from __future__ import annotations

import base64
import io
import re
import zlib
from pathlib import Path

import numpy
import pytest
from PIL import Image

from d2lconv.course.questions import QUESTIONS
from tests.outputs import difference

SITE = Path(__file__).parents[2] / "build" / "site"
FILE = SITE / "convolutions-that-run.pdf"
PAGES = sorted(SITE.glob("notebooks/6*.html"))
OBJECT = re.compile(rb"(\d+) 0 obj\s*<<((?:(?!stream|endobj).)*?)>>\s*stream\r?\n", re.DOTALL)


@pytest.fixture(scope="module")
def pdf():
    assert FILE.exists(), "make site writes it if Chromium is there"
    return FILE.read_bytes()


def images(pdf):
    """Return the images in a PDF that Chromium has written, by their object's number."""
    found = {}
    for part in OBJECT.finditer(pdf):
        entry = part[2].decode("latin-1")
        if "/Subtype /Image" not in entry:
            continue
        length = int(re.search(r"/Length (\d+)", entry)[1])
        data = pdf[part.end() : part.end() + length]
        size = tuple(int(re.search(rf"/{side} (\d+)", entry)[1]) for side in ("Width", "Height"))
        if "/DCTDecode" in entry:
            image = Image.open(io.BytesIO(data))
        else:
            mode = "L" if "/DeviceGray" in entry else "RGB"
            image = Image.frombytes(mode, size, zlib.decompress(data))
        mask = re.search(r"/SMask (\d+)", entry)
        found[int(part[1])] = image, mask and int(mask[1])
    for image, mask in [pair for pair in found.values() if pair[1] in found]:
        image.putalpha(found[mask][0])
    masks = {mask for _, mask in found.values()}
    return [image for number, (image, _) in found.items() if number not in masks]


def shown(path):
    """Return the pictures of a page."""
    article = re.search("(?s)<article.*</article>", path.read_text())[0]
    for source in re.findall(r'<img[^>]* src="([^"]*)"', article):
        file = (
            io.BytesIO(base64.b64decode(source.partition(",")[2]))
            if source.startswith("data:")
            else path.parent / source
        )
        yield Image.open(file).convert("RGBA")


def test_every_picture_of_the_pages_is_in_the_pdf(pdf):
    printed = images(pdf)
    assert len(printed) >= 30
    for path in PAGES:
        pictures = list(shown(path))
        assert pictures
        for number, picture in enumerate(pictures):
            same = [image for image in printed if image.size == picture.size]
            nearest = min((difference(image, picture) for image in same), default=255)
            assert nearest < 12, (path.stem, number, picture.size, nearest)


def test_the_pdf_has_an_outline_and_every_answer(pdf):
    assert b"/Outlines" in pdf and b"/StructTreeRoot" in pdf
    links = set(re.findall(rb"/Dest ?/?\(?([\w.-]+)", pdf)) | set(
        re.findall(rb"/([\w.-]*answer-\d+)", pdf)
    )
    answers = {name for name in links if b"answer-" in name}
    assert len(answers) == len(QUESTIONS)
    assert numpy.greater(pdf.count(b"/Type /Page\n"), 20)
