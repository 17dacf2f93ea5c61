"""Find forbidden functions, for the teacher to judge. They cost no marks."""

import ast

from tools.grader.assignments import assignment
from tools.grader.cells import parsed


def calls(text: str, imports: str = "") -> set[str]:
    """Return the dotted names in code, with aliases resolved.

    `numpy.convolve`, `from numpy import convolve as c` and `getattr(numpy, "convolve")` are all
    "numpy.convolve". `imports` is code that has run before.
    """
    aliases: dict[str, str] = {}
    names: dict[ast.AST, str] = {}
    for source in (imports, text):
        names.clear()
        nodes = [*ast.walk(parsed(source) or ast.Module([], []))]
        for node in nodes:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                module = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
                names.update({alias: f"{module}{alias.name}" for alias in node.names})
                aliases.update({alias.asname or alias.name: names[alias] for alias in node.names})
        for node in reversed(nodes):  # children first
            if isinstance(node, ast.Name):
                names[node] = aliases.get(node.id, node.id)
            elif isinstance(node, ast.Attribute):
                names[node] = f"{names.get(node.value)}.{node.attr}"
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "getattr":
                owner, name, *_ = [*node.args, ast.Constant(""), ast.Constant("")]
                names[node] = f"{names.get(owner)}.{getattr(name, 'value', '')}"
    return {*names.values()}


def uses_forbidden(section: str, code: dict[str, str], own: str) -> dict[str, list[str]]:
    """Return the forbidden functions that each answer calls, also through the `own` code."""
    found, asked = {}, assignment(section)
    for cell in filter(lambda cell: cell.forbidden, asked.teachers):
        used = {*cell.forbidden} & calls(code.get(cell.id, ""), f"{asked.setup}\n{own}")
        elsewhere = {*cell.forbidden} & calls(own, asked.setup) - used
        if used or elsewhere:
            found[cell.id] = sorted(used) + [f"{n} (in another cell)" for n in sorted(elsewhere)]
    return found
