"""Set the repository's address in every file, or print it.

    python -m tools.publish.address [ADDRESS] [--author NAME]   (or `make address URL= AUTHOR=`)

The setting is `url` in setup.cfg, a repository on GitHub. This program changes the address in all
`FILES`, and writes README's links to the site, Binder, Codespaces and Colab.
"""

from __future__ import annotations

import argparse
import configparser
import re
from pathlib import Path

from tools.publish.course import ROOT, notebooks

FILES = ["setup.cfg", "README.md", "CITATION.cff"]
PLACEHOLDER = "https://github.com/OWNER/REPO"


def setting(name: str, root: Path = ROOT) -> str:
    """Return a setting of the package from setup.cfg, such as `url` or `author`."""
    config = configparser.ConfigParser()
    config.read(root / "setup.cfg", "utf-8")
    return config["metadata"][name]


def place(address: str) -> str:
    """Return "owner/name" from an address on GitHub. Raises ValueError for other addresses."""
    found = re.fullmatch(r"https://github\.com/([\w-]+/[\w.-]+?)(\.git)?/?", address)
    if found is None:
        raise ValueError(f"URL must be https://github.com/owner/name, got {address!r}")
    return found[1]


def site(address: str) -> str:
    """Return the address of a repository's site on GitHub, without the final slash."""
    owner, name = place(address).split("/")
    home = f"{owner if address == PLACEHOLDER else owner.lower()}.github.io"
    return f"https://{home}" if name.lower() == home else f"https://{home}/{name}"


def colab(repository: str, notebook: str) -> str:
    """Return the address that opens a notebook of "owner/name" in Google Colab."""
    return f"https://colab.research.google.com/github/{repository}/blob/colab/{notebook}.ipynb"


def change(root: Path, old: str, new: str) -> list[str]:
    """Replace a text in all FILES, as a whole word; return the changed files."""
    changed = []
    for name in FILES:
        before = (root / name).read_text("utf-8")
        after = re.sub(rf"(?<![\w.-]){re.escape(old)}(?![\w-])", lambda _: new, before)
        if after != before:
            (root / name).write_text(after, "utf-8")
            changed.append(name)
    return changed


def write_links(root: Path, address: str) -> None:
    """Write README's links for a repository's address."""
    repository = place(address)
    named = [f"[{n.section or n.title}]({colab(repository, n.name)})" for n in notebooks()]
    links = (
        f"In a browser, with nothing installed: [read the site]({site(address)}/), "
        "or run the notebooks on "
        f"[Binder](https://mybinder.org/v2/gh/{repository}/HEAD?labpath=notebooks), "
        f"[Codespaces](https://codespaces.new/{repository}) or Colab ({', '.join(named)}).\n"
    )
    between = r"(?<=<!-- links -->\n)(?s:.*?)(?=<!-- end -->)"
    text = re.sub(between, lambda _: links, (root / "README.md").read_text("utf-8"))
    (root / "README.md").write_text(text, "utf-8")


def main() -> None:
    """Change the given settings, and print the current ones."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("address", nargs="?", help="of the repository")
    parser.add_argument("--author", help="of the package")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    args = parser.parse_args()
    changed = []
    if args.address:
        old = setting("url", args.root)
        try:
            new = f"https://github.com/{place(args.address)}"
        except ValueError as error:
            parser.error(str(error))
        changed += change(args.root, site(old), site(new))
        changed += change(args.root, place(old), place(new))
        write_links(args.root, new)
    if args.author:
        changed += change(args.root, setting("author", args.root), args.author)
    print(f"url    {setting('url', args.root)}\nauthor {setting('author', args.root)}")
    if changed:
        print(f"changed: {', '.join(sorted(set(changed)))}")


if __name__ == "__main__":
    main()
