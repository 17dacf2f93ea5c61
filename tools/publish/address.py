"""The repository's address, which is `url` in setup.cfg, and the addresses that follow from it."""

import configparser
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = ["setup.cfg", "CITATION.cff"]
PLACEHOLDER = "https://github.com/OWNER/REPO"


def setting(name: str, root: Path = ROOT) -> str:
    """Return a setting of the package from setup.cfg, such as `url` or `author`."""
    config = configparser.ConfigParser()
    config.read(root / "setup.cfg", "utf-8")
    return config["metadata"][name]


def place(url: str) -> str:
    """Return "owner/name" from an address on GitHub. Raises ValueError for other addresses."""
    found = re.fullmatch(r"https://github\.com/([\w-]+/[\w.-]+?)(\.git)?/?", url)
    if found is None:
        raise ValueError(f"URL must be https://github.com/owner/name, got {url!r}")
    return found[1]


def site(url: str) -> str:
    """Return the address of a repository's site on GitHub, without the final slash."""
    owner, name = place(url).split("/")
    home = f"{owner if url == PLACEHOLDER else owner.lower()}.github.io"
    return f"https://{home}" if name.lower() == home else f"https://{home}/{name}"


def colab(repository: str, notebook: str) -> str:
    """Return the address that opens a notebook of "owner/name" in Google Colab."""
    return f"https://colab.research.google.com/github/{repository}/blob/colab/{notebook}.ipynb"


def binder(repository: str, path: str) -> str:
    """Return the address that opens a file or folder of "owner/name" on Binder."""
    return f"https://mybinder.org/v2/gh/{repository}/HEAD?labpath={path}"


def change(url: str, root: Path = ROOT) -> None:
    """Put a repository's address into the package's settings and the citation."""
    old, new = setting("url", root), f"https://github.com/{place(url)}"
    for file in [root / name for name in FILES]:
        text = file.read_text("utf-8").replace(site(old), site(new)).replace(old, new)
        file.write_text(text, "utf-8")
