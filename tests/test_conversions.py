"""What nbconvert makes of the notebooks: pictures everywhere, with their texts where there is room.

Without pandoc nbconvert converts no Markdown to LaTeX, so only the code cells are converted here.
"""

from __future__ import annotations

import html
import io
import re
from functools import cache, partial

import pytest
from nbconvert import HTMLExporter, LatexExporter, MarkdownExporter, ScriptExporter
from PIL import Image
from traitlets.config import Config

from tests.stored import NOTEBOOKS, code_cells, read

pytestmark = [
    pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem),
    pytest.mark.xdist_group("conversions"),  # compile the templates only once
]
# --sanitize-html escapes the pictures' HTML; the stills remain, without alternative texts
STILLS = ["image/png", "image/jpeg", "text/html", "text/plain"]
SANITIZED = partial(
    HTMLExporter,
    config=Config(
        NbConvertBase={"display_data_priority": STILLS}, HTMLExporter={"sanitize_html": True}
    ),
)
made = cache(lambda exporter: exporter())


def converted(exporter, path):
    """Return a notebook's pictures, as HTML, and what an exporter makes of its code cells."""
    notebook = read(path)
    notebook.cells = code_cells(notebook)
    pages = [o.get("data", {}).get("text/html", "") for c in notebook.cells for o in c.outputs]
    # a reply with a picture is words first, and stays words
    pictures = [page for page in pages if "<img" in page and not page.startswith("<p>")]
    return pictures, *made(exporter).from_notebook_node(notebook)


def test_latex_and_pdf_get_each_picture_as_a_file(path):
    pictures, text, resources = converted(LatexExporter, path)
    files = resources["outputs"]
    assert len(pictures) == len(files) > 0
    for name, data in files.items():
        assert f"{{{name}}}" in text
        assert min(Image.open(io.BytesIO(data)).size) > 50


@pytest.mark.parametrize("exporter", [HTMLExporter, MarkdownExporter])
def test_html_and_markdown_show_pictures_with_their_texts(exporter, path):
    pictures, text, _ = converted(exporter, path)
    for picture in pictures:
        alt, source = (re.search(f'{name}="[^"]+"', picture)[0] for name in ("alt", "src"))
        assert len(alt) > 15 and html.unescape(alt) in html.unescape(text)
        assert source in text
    assert not re.search('src="data:image/(png|jpeg)', text)  # each picture once


def test_sanitized_html_shows_pictures_if_stills_come_first(path):
    pictures, text, _ = converted(SANITIZED, path)
    assert len(re.findall('<img[^>]* src="data:image/(?:png|jpeg);', text)) == len(pictures)


def test_a_script_is_python_without_pictures(path):
    _, text, resources = converted(ScriptExporter, path)
    assert resources["output_extension"] == ".py"
    assert "base64" not in text
    compile(text, path.stem, "exec")
