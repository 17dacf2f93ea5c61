"""The stored notebooks were run cleanly and follow the text, with its documented outputs.

nbval checks that the code prints the stored outputs; see also test_outputs.py.
"""

from __future__ import annotations

import re

import pytest

from tests.stored import (
    COURSE,
    NOTEBOOKS,
    ROOT,
    TEXT,
    code_cells,
    faults,
    meaning,
    printed,
    read,
    text_cells,
)
from tools.publish.contents import readme

MOST_CELLS = {"6.1": 65, "6.2": 80, "6.3": 70, "": 30}


def test_the_list_and_readme_have_every_notebook():
    there = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert there == {path.name for path in NOTEBOOKS}, "add it to notebooks/contents.cfg"
    text = (ROOT / "README.md").read_text()
    assert readme(text, ROOT) == text, "run `make notebooks`"
    three = [notebook.section for notebook in COURSE.values() if notebook.section]
    assert three == ["6.1", "6.2", "6.3"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestNotebook:
    def test_it_is_stored_as_a_clean_run(self, path):
        assert faults(read(path)) == []

    def test_it_has_the_common_frame_and_the_section_s_headings(self, path):
        text = "\n".join(c.source for c in read(path).cells if c.cell_type == "markdown")
        frame = ["What you will learn", "What you need", *COURSE[path.stem].headings, "Summary"]
        frame += ["Check yourself"] if COURSE[path.stem].section else []
        frame += ["Exercises", "Further reading"]
        assert re.findall("^## (.*)$", text, re.MULTILINE) == frame
        assert re.findall("^# (.*)$", text, re.MULTILINE)[0] == COURSE[path.stem].title

    def test_its_cells_are_short(self, path):
        lengths = [len(cell.source.splitlines()) for cell in code_cells(read(path))]
        assert max(lengths) <= 12
        assert sum(length <= 6 for length in lengths) >= 0.8 * len(lengths)

    def test_it_is_short_enough_for_one_lesson(self, path):
        assert len(read(path).cells) <= MOST_CELLS[COURSE[path.stem].section]

    def test_pictures_have_alternative_texts_and_files_are_small(self, path):
        assert path.stat().st_size < 1_500_000
        for output in [output for cell in code_cells(read(path)) for output in cell.outputs]:
            mimes = output.get("data", {})
            stills = [mime for mime in mimes if mime.startswith("image/")]  # for LaTeX and PDF
            assert not stills or "<img" in mimes["text/html"]
            assert all(len(output.metadata[mime]["alt"]) > 10 for mime in stills)
            for picture in re.findall("<img[^>]*>", mimes.get("text/html", "")):
                assert re.search('alt="[^"]{10,}"', picture), picture[:80]

    def test_its_links_work(self, path):
        text = "\n".join(c.source for c in read(path).cells if c.cell_type == "markdown")
        for link in re.findall(r"\]\((?!http)([^)#]+\.\w+)", text):
            assert (path.parent / link).is_file(), link

    def test_it_has_the_text_s_code_and_documented_outputs(self, path):
        cells = iter([(meaning(cell.source), cell) for cell in code_cells(read(path))])
        for source, output in text_cells(path):
            cell = next((cell for mine, cell in cells if mine == source), None)
            assert cell, f"not found, or not in the text's order:\n{source}"
            assert printed(cell) == ([output] if output else []), source


def test_the_text_has_21_cells_and_11_documented_outputs():
    assert len(TEXT) == 21
    assert sum(cell["output"] is not None for cell in TEXT) == 11
    assert sum(len(list(text_cells(path))) for path in NOTEBOOKS) == 21


ENTRY = re.compile(
    r"^(\d+)\. \*\*([^*]+)\*\* \(\[([\d.]+)\]\(notebooks/([^#]+)#[^)]+\); (.+?)\)\. \*The text\* ",
    re.MULTILINE,
)


def test_each_common_mistake_has_an_entry():
    noted = [
        (path.name, name)
        for path in NOTEBOOKS
        for cell in read(path).cells
        for name in re.findall(r"> \*\*A common mistake: ([^*]*)\.\*\*", cell.source)
    ]
    page = (ROOT / "docs" / "corrections.md").read_text()
    common, others = page.split("## Mistakes in this text only")
    listed = [(notebook, name) for _, name, _, notebook, _ in ENTRY.findall(common)]
    assert noted == listed and len(listed) == 5
    assert len(ENTRY.findall(others)) == 22


def test_each_correction_names_its_place_in_the_text():
    page = (ROOT / "docs" / "corrections.md").read_text()
    found = ENTRY.findall(page)
    numbers = re.findall(r"^(\d+)\. ", page, re.MULTILINE)
    assert [number for number, *_ in found] == numbers == [str(i + 1) for i in range(len(found))]
    assert page.count("**Correct:** ") == len(found) == len({name for _, name, *_ in found})
    for _, name, section, notebook, where in found:
        assert notebook.startswith(section[:3]), name
        assert len(where) >= 9, name


@pytest.mark.parametrize(
    "said",
    [
        "about 4 million",
        "*new* array",
        "definition of the hidden layer",
        "corr2d(X.T, K)` is all zeros",
        "starts at zero and stays there",
        r"\lceil p_h / 2 \rceil",
        "the fraction rounded down",
        "*totals* over both sides",
        "30.6% of the *area*",
        "The sum needs $f(a, b)$",
    ],
)
def test_the_page_has_the_text_s_known_mistakes(said):
    assert said in " ".join((ROOT / "docs" / "corrections.md").read_text().split())
