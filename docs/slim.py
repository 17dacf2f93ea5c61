"""Keep pages light: large images go into separate files, and the search reads plain text."""

from __future__ import annotations

import base64
import hashlib
import html.entities
import re
from pathlib import Path
from typing import Callable

from docutils import nodes

# But not in masks: a page opened from disk can't load a mask from another file
LARGE_IMAGE = re.compile(r"(?<!url\()data:image/webp;base64,([A-Za-z0-9+/=]{6000,})")
SIGNS = {"cdot": "·", "dots": "…", "leq": "≤", "mathrm": "", "left": "", "right": ""}


def images_to_files(body: str, folder: Path, address: Callable[[str], str]) -> str:
    """Move a page's large images to files in `folder`; `address` gives their links."""

    def replace(found: re.Match[str]) -> str:
        data = base64.b64decode(found[1])
        name = f"{hashlib.sha256(data).hexdigest()[:16]}.webp"
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
        return address(f"{folder.name}/{name}")

    body = LARGE_IMAGE.sub(replace, body)
    return body.replace(
        f'src="{address(folder.name)}', f'loading="lazy" src="{address(folder.name)}'
    )


def plain_text(doctree: nodes.document) -> str:
    """Return a page's text for search excerpts, with each formula once, as signs."""
    copy = doctree.deepcopy()
    for formula in list(
        copy.findall(lambda node: isinstance(node, (nodes.math, nodes.math_block)))
    ):
        formula.replace_self(nodes.Text(_signs(formula.astext())))
    for unseen in list(copy.findall(lambda node: isinstance(node, (nodes.raw, nodes.comment)))):
        unseen.parent.remove(unseen)
    return re.sub(r"\s+", " ", copy.astext())


def _signs(tex: str) -> str:
    signs = {**html.entities.html5, **{f"{name};": sign for name, sign in SIGNS.items()}}
    tex = re.sub(r"\\([A-Za-z]+)", lambda found: signs.get(f"{found[1]};", found[1]), tex)
    return re.sub(r"[\\{}]|\s+(?=\s)", "", tex)
