"""Links from the site to the repository, Binder and Colab."""

from __future__ import annotations

from tools.publish.address import PLACEHOLDER, binder, colab, place, setting, site
from tools.publish.contents import Notebook


def repository() -> str:
    """Return the address in setup.cfg, or "" if it is still the placeholder."""
    url = setting("url")
    return "" if url == PLACEHOLDER else url


def on_github(url: str) -> str | None:
    """Return "owner/name" of a repository on GitHub, or None for other addresses."""
    try:
        return None if url == PLACEHOLDER else place(url)
    except ValueError:
        return None


def home(url: str) -> str:
    """Return the address where GitHub publishes the site, or ""."""
    return f"{site(url)}/" if on_github(url) else ""


def links(url: str, page: str) -> list[tuple[str, str]]:
    """Return the links of a notebook's page, (name, address); none without a repository.

    Parameters
    ----------
    url : str
        The repository's address.
    page : str
        The page's name on the site, for example "notebooks/6.1-...".
    """
    there = on_github(url)
    if there is None:
        return []
    folder, _, notebook = page.partition("/")
    section = folder == "notebooks"
    path = f"{page if section else 'assignments/release/' + notebook}.ipynb"
    launch = [
        # The site's workflow keeps this branch; its notebooks install the course
        ("Open in Colab", colab(there, notebook)),
        ("Open in Binder", binder(there, path)),
    ]
    source = ("Source", f"https://github.com/{there}/blob/HEAD/{path}")
    return [*launch, source] if section else [source]


def cards(notebooks: list[Notebook]) -> str:
    """Return the front page's cards, one for each notebook, as HTML."""
    items = []
    for notebook in notebooks:
        image = f"_static/card-{notebook.section}.webp"
        picture = f'<img src="{image}" width="480" height="320" alt="{notebook.picture}">'
        items.append(
            f'<li><a href="notebooks/{notebook.name}.html">{picture if notebook.picture else ""}'
            f"<b>{notebook.title}</b> <span>{notebook.card}</span></a></li>"
        )
    return "\n".join(['<ul class="cards">', *items, "</ul>"])


def contents(notebooks: list[Notebook]) -> str:
    """Return the table of contents of the notebooks' pages."""
    names = "\n".join(f"notebooks/{notebook.name}" for notebook in notebooks)
    return f"```{{toctree}}\n:hidden:\n:caption: The sections\n\n{names}\n```"
