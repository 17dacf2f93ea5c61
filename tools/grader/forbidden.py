"""Functions that an exercise forbids, for the teacher to judge: they cost no mark."""

from __future__ import annotations

import ast
import functools
import json

from tools.grader.course import assignment, notebook


@functools.cache
def forbidden(section: str) -> dict[str, list[str]]:
    """Return what the answers of an assignment may not call: `forbidden` in a cell's metadata."""
    content = json.loads(notebook("source", section).read_text("utf-8"))
    found = {}
    for cell in content["cells"]:
        names = cell["metadata"].get("forbidden", [])
        if names:
            found[cell["metadata"]["nbgrader"]["grade_id"]] = list(names)
    return found


def calls(text: str, imports: str = "") -> set[str]:
    """Return the dotted names in code, with what they were imported as put in place.

    `numpy.convolve`, `from numpy import convolve as c` and `getattr(numpy, "convolve")` are all
    "numpy.convolve". `imports` is code that has run before.
    """
    known: dict[str, str] = {}
    found: set[str] = set()
    for source in (imports, text):
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        found = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for name in node.names:
                    known[name.asname or name.name.partition(".")[0]] = (
                        name.name if name.asname else name.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom):
                for name in node.names:
                    known[name.asname or name.name] = f"{node.module}.{name.name}"
                    found.add(f"{node.module}.{name.name}")
        for node in ast.walk(tree):
            found.add(_dotted(node, known))
    return found - {""}


def _dotted(node: ast.AST, known: dict[str, str]) -> str:
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "getattr"
            and len(node.args) > 1
            and isinstance(node.args[1], ast.Constant)
            and isinstance(node.args[1].value, str)
        ):
            parts.insert(0, node.args[1].value)
            node = node.args[0]
        elif isinstance(node, ast.Name):
            return ".".join([known.get(node.id, node.id), *parts])
        else:
            return ""


def uses_forbidden(section: str, code: dict[str, str], own: str) -> dict[str, list[str]]:
    """Return for each answer what it uses although its exercise forbids it.

    `own` is the code of the student's own cells, where a function of theirs may use it.
    """
    found = {}
    for answer, names in forbidden(section).items():
        setup = assignment(section).setup
        used = set(names) & calls(code.get(answer, ""), f"{setup}\n{own}")
        elsewhere = set(names) & calls(own, setup) - used
        if used or elsewhere:
            found[answer] = sorted(used) + [
                f"{name} (in another cell)" for name in sorted(elsewhere)
            ]
    return found
