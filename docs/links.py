"""Where a notebook of the site can be had, and run: on the repository's pages, Binder, Colab."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PLACEHOLDER = "https://github.com/OWNER/REPO"


def repository() -> str:
    """Return the address that setup.cfg has, or nothing as long as that is the placeholder."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    url = config["metadata"]["url"]
    return "" if url == PLACEHOLDER else url


def owner_and_name(url: str) -> tuple[str, str] | None:
    """Return the two parts of a repository's address on GitHub; None for any other address."""
    found = re.fullmatch(r"https://github\.com/([\w-]+)/([\w.-]+?)(?:\.git)?/?", url)
    return (found[1], found[2]) if found and url != PLACEHOLDER else None


def home(url: str) -> str:
    """Return the address where GitHub publishes the site, or nothing."""
    there = owner_and_name(url)
    if there is None:
        return ""
    owner, name = there
    site = f"https://{owner.lower()}.github.io/"
    return site if f"{site[8:-1]}" == name.lower() else f"{site}{name}/"


def links(url: str, page: str) -> list[tuple[str, str]]:
    """Return names and addresses for a page of a notebook: there is none without a repository.

    Parameters
    ----------
    url : str
        The repository's address.
    page : str
        The page's name on the site, for example "notebooks/6.1-...".
    """
    there = owner_and_name(url)
    if there is None:
        return []
    owner, name = there
    folder, _, notebook = page.partition("/")
    section = folder == "notebooks"
    path = f"{page if section else 'assignments/release/' + notebook}.ipynb"
    launch = [
        # The workflow of the site keeps the branch, in which a first cell installs the course
        (
            "Open in Colab",
            f"https://colab.research.google.com/github/{owner}/{name}/blob/colab/{notebook}.ipynb",
        ),
        ("Open in Binder", f"https://mybinder.org/v2/gh/{owner}/{name}/HEAD?labpath={path}"),
    ]
    source = ("Source", f"https://github.com/{owner}/{name}/blob/HEAD/{path}")
    return [*launch, source] if section else [source]
