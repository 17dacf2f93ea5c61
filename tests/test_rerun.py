"""Each code cell can be rerun by itself after all have been run."""

from __future__ import annotations

import ast

import pytest

from tests.stored import NOTEBOOKS, code_cells, read

# Cells with another output the second time, and why; all are in 6.2
LATER = "the example of 6.2.1, whose X and K are other arrays from 6.2.3 on"
TRAINED = "training changes weights where they are, and goes on from there"
CHANGED = {
    "corr2d(X, K)": LATER,
    "K.shape": LATER,
    "animate(X, K)": LATER,
    "conv2d.weight.data().reshape(1, 2)": TRAINED,
}
# Cells that need another cell first: X and Y are two-dimensional by then, and these need four axes
FOUR_AXES = "Y = Y.reshape(1, 1, 6, 7)"
FIRST = {
    'loss: {l.sum()!s}")': FOUR_AXES,
    "X, Y = X[0, 0], Y[0, 0]\nX.shape, Y.shape": FOUR_AXES,
}


def run(source: str, names: dict) -> str:
    """Run a cell and return the output of its last line."""
    *statements, last = ast.parse(source).body
    if not isinstance(last, ast.Expr):
        exec(source, names)
        return ""
    exec(compile(ast.Module(statements, []), "cell", "exec"), names)
    return repr(eval(compile(ast.Expression(last.value), "cell", "eval"), names))


def again(cell: str, cells: list[str], names: dict) -> str:
    """Rerun a cell, after the cell that it needs."""
    for end, first in FIRST.items():
        if cell.endswith(end):
            run(next(other for other in cells if other.endswith(first)), names)
    return run(cell, names)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_cell_repeats_its_output_after_all_have_run(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    cells = [cell.source for cell in code_cells(read(path))]
    names: dict = {}
    shown = [run(source, names) for source in cells]
    changed = [
        cell for cell, before in zip(cells, shown) if again(cell, cells, dict(names)) != before
    ]
    known = [cell for cell in cells if cell.endswith(tuple(CHANGED))]
    assert changed == known
