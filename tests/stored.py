"""Read the stored notebooks and the text's cells, and find faults in a notebook."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat

from tests.outputs import PICTURE
from tools.publish.contents import notebooks

ROOT = Path(__file__).parent.parent
COURSE = {notebook.name: notebook for notebook in notebooks(ROOT)}
NOTEBOOKS = [ROOT / "notebooks" / f"{name}.ipynb" for name in COURSE]
TEXT = json.loads((ROOT / "tests" / "documented_cells.json").read_text())
PATH = re.compile(r"(?<![\w.:/<])/(?:[\w.-]+/)+[\w.-]+")


def read(path: Path) -> nbformat.NotebookNode:
    """Return a stored notebook."""
    return nbformat.read(path, as_version=4)


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Return a notebook's code cells."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def as_text(output: dict) -> str:
    """Return an output without its pictures."""
    return PICTURE.sub("", json.dumps(output))


def faults(notebook: nbformat.NotebookNode) -> list[str]:
    """Return the faults of a stored notebook; none if it was run cleanly."""
    found = []
    for number, cell in enumerate(code_cells(notebook), 1):
        where = f"code cell {number}"
        if cell.execution_count != number:
            found.append(f"{where} is numbered {cell.execution_count}")
        for output in cell.outputs:
            if output.output_type == "error" and "raises-exception" not in cell.metadata.get(
                "tags", []
            ):
                found.append(f"{where} raises {output.ename} without the tag raises-exception")
            if output.get("name") == "stderr":
                found.append(f"{where} writes to stderr")
        if "NBVAL_SKIP" in cell.source or "nbval-skip" in cell.metadata.get("tags", []):
            found.append(f"{where} is skipped")
        if re.search("NBVAL_IGNORE_OUTPUT$(?!\n# )", cell.source, re.MULTILINE):
            found.append(f"{where} isn't compared and doesn't say why")
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        found.append("the kernel is not python3")
    for number, cell in enumerate(notebook.cells, 1):
        if not cell.source.strip():
            found.append(f"cell {number} is empty")
        for text in [cell.source, *map(as_text, cell.get("outputs", []))]:
            found += [f"an absolute path: {path}" for path in PATH.findall(text)]
    nbformat.validate(notebook)
    return found


def printed(cell: nbformat.NotebookNode) -> list[str]:
    """Return a cell's text outputs, each without its final line break."""
    texts = [out.get("text") or out.get("data", {}).get("text/plain", "") for out in cell.outputs]
    return [text.rstrip("\n") for text in texts]


def meaning(source: str) -> str:
    """Return code without its comments, layout and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.unparse(tree)


def text_cells(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the text's cells for a notebook, with `!s` added: print would show more digits."""
    section = COURSE[path.stem].section
    for cell in TEXT:
        if section and cell["section"].startswith(section):
            yield meaning(cell["source"].replace("{l.sum()}", "{l.sum()!s}")), cell["output"]
