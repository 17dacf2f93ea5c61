"""Find forbidden functions, for the teacher to judge. They cost no marks."""

import ast

from tools.grader.assignments import assignment
from tools.grader.cells import parsed


def calls(text: str, imports: str = "") -> set[str]:
    """Return the dotted names in code, with aliases resolved.

    `numpy.convolve`, `from numpy import convolve as c` and `getattr(numpy, "convolve")` are all
    "numpy.convolve". `imports` is code that has run before.
    """
    known: dict[str, str] = {}
    for source in (imports, text):
        nodes = list(ast.walk(parsed(source) or ast.Module([], [])))
        found: set[str] = set()
        for node in nodes:
            if isinstance(node, ast.Import):
                known.update({n.asname: n.name for n in node.names if n.asname})
            elif isinstance(node, ast.ImportFrom):
                names = {n.asname or n.name: f"{node.module}.{n.name}" for n in node.names}
                known.update(names)
                found.update(names.values())
        found.update(_dotted(node, known) for node in nodes)
    return found


def _dotted(node: ast.AST, known: dict[str, str]) -> str:
    parts: list[str] = []
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            parts, node = [node.attr, *parts], node.value
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "getattr":
            node, name, *_ = [*node.args, ast.Constant(""), ast.Constant("")]
            parts = [str(getattr(name, "value", "")), *parts]
        else:
            return ""
    return ".".join([known.get(node.id, node.id), *parts])


def uses_forbidden(section: str, code: dict[str, str], own: str) -> dict[str, list[str]]:
    """Return the forbidden functions that each answer calls, also through the `own` code."""
    found, asked = {}, assignment(section)
    for cell in filter(lambda cell: cell.forbidden, asked.teachers):
        names, answer = set(cell.forbidden), str(cell.id)
        used = names & calls(code.get(answer, ""), f"{asked.setup}\n{own}")
        elsewhere = names & calls(own, asked.setup) - used
        if used or elsewhere:
            found[answer] = sorted(used) + [f"{n} (in another cell)" for n in sorted(elsewhere)]
    return found
