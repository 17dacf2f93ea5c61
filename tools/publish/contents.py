"""Read the list of notebooks, notebooks/contents.cfg, and write README's table and links."""

import configparser
import re
import sys
from pathlib import Path
from typing import NamedTuple

from tools.publish import address
from tools.publish.address import ROOT


class Notebook(NamedTuple):
    """An entry of the list; contents.cfg explains the keys."""

    name: str
    title: str
    shows: str
    card: str
    headings: list[str]
    section: str = ""
    picture: str = ""


def notebooks(root: Path = ROOT) -> list[Notebook]:
    """Return the notebooks in order. Raises TypeError if an entry is incomplete."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(root / "notebooks" / "contents.cfg", "utf-8")
    found = []
    for name in config.sections():
        entry = {"headings": "", **config[name]}
        headings = list(filter(None, entry.pop("headings").split("\n")))
        found.append(Notebook(name, headings=headings, **entry))
    return found


def links(root: Path = ROOT) -> str:
    """Return README's links for the repository's address, or nothing for the placeholder."""
    url = address.setting("url", root)
    if url == address.PLACEHOLDER:
        return ""
    place = address.place(url)
    named = [f"[{n.section or n.title}]({address.colab(place, n.name)})" for n in notebooks(root)]
    return (
        f"In a browser, with nothing installed: [read the site]({address.site(url)}/), "
        f"or run the notebooks on [Binder]({address.binder(place, 'notebooks')}), "
        f"[Codespaces](https://codespaces.new/{place}) or Colab ({', '.join(named)}).\n"
    )


def readme(text: str, root: Path = ROOT) -> str:
    """Return README with a new table and new links between their comments."""
    rows = [f"| [{n.title}](notebooks/{n.name}.ipynb) | {n.shows} |\n" for n in notebooks(root)]
    table = "\n| Section | What it shows |\n|---|---|\n" + "".join(rows) + "\n"
    for mark, content in {"links": links(root), "table": table}.items():
        between = rf"(?<=<!-- {mark} -->\n)(?s:.*?)(?=<!-- end of {mark} -->\n)"
        if not re.search(between, text):
            raise ValueError(f"README.md must contain <!-- {mark} --> and <!-- end of {mark} -->")
        text = re.sub(between, lambda _, content=content: content, text)
    return text


def main(url: str = "", root: Path = ROOT) -> None:
    """Put the address, if given, into the package and the citation; then write README."""
    try:
        address.change(url or address.setting("url", root), root)
    except ValueError as error:
        sys.exit(f"d2lconv: {error}")
    file = root / "README.md"
    file.write_text(readme(file.read_text("utf-8"), root), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
