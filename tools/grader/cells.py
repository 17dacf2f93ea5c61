"""Read the cells of a notebook, ours or a student's."""

from __future__ import annotations

import ast
import contextlib
import re
from dataclasses import dataclass, field
from typing import Any

import nbformat

from tools.grader.limits import ID_LETTERS
from tools.grader.wire import loads

TRIAL = "try_grader("  # marks the cell that lets students try the grader; the grader skips it
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_FENCE = re.compile(r"^ {0,3}```[^\n]*\n(.*?)^ {0,3}```", re.MULTILINE | re.DOTALL)


def parsed(code: str) -> ast.Module | None:
    """Return the syntax tree of code; None if it can't be parsed."""
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_stub(node: ast.AST) -> bool:
    if not isinstance(node, ast.FunctionDef):
        return False
    *texts, last = node.body
    raised = getattr(last, "exc", None)
    name = getattr(getattr(raised, "func", raised), "id", "")
    return name == "NotImplementedError" and all(isinstance(text, ast.Expr) for text in texts)


def stubs(code: str) -> set[str]:
    """Return the functions that only raise NotImplementedError."""
    tree = ("NotImplementedError" in code and parsed(code)) or ast.Module([], [])
    return {getattr(node, "name", "") for node in tree.body if _is_stub(node)}


@dataclass(frozen=True)
class Cell:
    """A cell: `kind` is "code", "markdown" or "raw"; `known` is nbgrader's metadata."""

    kind: str
    source: str  # without blank lines above and below, so that cells can be compared
    id: str = ""
    known: dict[str, Any] = field(default_factory=dict)
    executed: int = 0  # Jupyter's execution count
    forbidden: Any = None  # in our notebooks, the functions that the answer may not call

    @property
    def is_code(self) -> bool:
        return self.kind == "code"

    @property
    def is_answer(self) -> bool:
        """Whether the student fills it in, with code or words."""
        return bool(self.known.get("solution"))

    @property
    def is_test(self) -> bool:
        return self.is_code and bool(self.known.get("grade"))

    @property
    def is_hidden(self) -> bool:
        """Whether it is a hidden test."""
        return "### BEGIN HIDDEN TESTS" in self.source

    def code(self) -> str:
        """Return its code, also from a Markdown or raw cell, or ""."""
        if self.is_code:
            return self.source
        texts = ("\n".join(_FENCE.findall(self.source)), self.source)
        return next((text for text in texts if text.strip() and parsed(text)), "")

    def defines(self, names: set[str]) -> set[str]:
        """Return the names that the code assigns; a stub assigns none."""
        lines = re.sub(r"^([ \t]*)[%!?].*$", r"\1pass", self.code(), flags=re.MULTILINE)
        tree = parsed(lines)
        if tree is None:
            return names & {*re.findall(r"^(?:def |class )?(\w+)", lines, re.MULTILINE)}
        found: set[str] = set()
        waiting: list[ast.AST] = [*tree.body]
        for node in waiting:  # grows by the nodes' children, without the bodies of functions
            if isinstance(node, _DEFINITIONS):
                found.update([] if _is_stub(node) else [node.name])
                continue
            waiting += ast.iter_child_nodes(node)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
            elif isinstance(node, ast.alias):
                found.add(node.asname or node.name)
        return names & found


Notebook = list[Cell]


def parse(data: bytes) -> Notebook:
    """Read a notebook of any version, without malformed parts. Raises ValueError for other data."""
    try:
        content = loads(data)
    except ValueError as error:
        raise ValueError(f"it is not JSON: {error}"[:300]) from None
    if not (isinstance(content, dict) and isinstance(content.get("cells"), list)):
        content = _today(content)
    found = []
    for cell in map(_dict, content["cells"]):
        metadata = _dict(cell.get("metadata"))
        known, forbidden = _dict(metadata.get("nbgrader")), metadata.get("forbidden")
        name, executed = _text(known.get("grade_id")), cell.get("execution_count")
        kind, source = _text(cell.get("cell_type")), _text(cell.get("source"))
        executed = executed if isinstance(executed, int) else 0
        found.append(Cell(kind, source, name[:ID_LETTERS], known, executed, forbidden))
    return found


def parse_script(data: bytes) -> Notebook:
    """Read a script as Jupyter exports it, with a line such as `# In[3]:` above each cell."""
    text = _text(data.decode("utf-8-sig", "replace"))
    parts = re.split(r"^# (?:In\s?\[.*\]:|%%.*)$", text, flags=re.MULTILINE)
    return [Cell("code", _text(part)) for part in parts]


def _dict(value: Any) -> dict:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    parts = value if isinstance(value, list) else [value]
    text = "".join(part for part in parts if isinstance(part, str))
    return re.sub("\r\n?", "\n", text).strip("\n").rstrip()


def _today(content: Any) -> dict:
    """Convert an older format to version 4. Raises ValueError if it isn't a notebook."""
    with contextlib.suppress(Exception):
        converted = nbformat.convert(nbformat.from_dict(content), 4)
        if isinstance(converted["cells"], list):
            return converted
    raise ValueError("it is JSON, but not a notebook")
