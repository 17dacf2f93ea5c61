"""Read the list of notebooks, notebooks/course.cfg, and write README's table from it.

python -m tools.publish.course     (part of `make notebooks`)
"""

from __future__ import annotations

import configparser
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]


class Notebook(NamedTuple):
    """An entry of the list; course.cfg explains the keys."""

    name: str
    title: str
    shows: str
    card: str
    headings: list[str]
    section: str
    picture: str


def notebooks(root: Path = ROOT) -> list[Notebook]:
    """Return the notebooks in order. Raises TypeError if an entry is incomplete."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(root / "notebooks" / "course.cfg", "utf-8")
    found = []
    for name in config.sections():
        entry = {"headings": "", "section": "", "picture": "", **config[name]}
        headings = entry.pop("headings").split("\n")
        found.append(Notebook(name, **entry, headings=[line for line in headings if line]))
    return found


def readme(text: str, root: Path = ROOT) -> str:
    """Return README with a new table of the notebooks between its two marks."""
    rows = [f"| [{n.title}](notebooks/{n.name}.ipynb) | {n.shows} |\n" for n in notebooks(root)]
    table = "\n| Section | What it shows |\n|---|---|\n" + "".join(rows) + "\n"
    before, mark, rest = text.partition("<!-- table -->\n")
    _, end, after = rest.partition("<!-- end of table -->\n")
    if not end:
        raise ValueError("README.md must contain <!-- table --> and <!-- end of table -->")
    return before + mark + table + end + after


if __name__ == "__main__":
    README = ROOT / "README.md"
    README.write_text(readme(README.read_text("utf-8")), "utf-8")
