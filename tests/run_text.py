"""Run the text's 21 cells as one program, and compare its 11 outputs with the documented ones.

For machines without Jupyter: it needs only the installed package and Pillow. Run it with
`python -m tests.run_text`. It prints the outputs and fails if one differs by more than 1e-5.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import platform
import sys
from pathlib import Path

import numpy
from mxnet import np, npx

import d2lconv
from tests.outputs import same_output

TRAINING = 20  # the execution count of the text's training cell


def run(source: str, names: dict) -> str:
    """Run a cell and return its output as a notebook would print it."""
    *statements, last = ast.parse(source).body
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        if not isinstance(last, ast.Expr):
            exec(source, names)
        else:
            exec(compile(ast.Module(statements, []), "cell", "exec"), names)
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
            if value is not None:
                print(repr(value))
    return printed.getvalue().rstrip("\n")


def main() -> int:
    """Run all cells, and return the exit status."""
    npx.set_np()
    cells = json.loads(Path(__file__).with_name("documented_cells.json").read_text())
    names: dict = {}
    compared = 0
    for cell in cells:
        source = cell["source"].replace("{l.sum()}", "{l.sum()!s}")
        if cell["execution_count"] == TRAINING:  # the text's own run was the second
            run("conv2d(X); conv2d = nn.Conv2D(1, kernel_size=(1, 2)); conv2d.initialize()", names)
        output = run(source, names)
        if cell["output"] is None:
            continue
        print(output)
        if not same_output(cell["output"], output):
            sys.exit(f"the text documents\n{cell['output']}")
        compared += 1
    X, K = np.random.uniform(size=(9, 8)), np.random.uniform(size=(3, 2))
    assert numpy.allclose(d2lconv.corr2d(X, K).asnumpy(), d2lconv.corr2d_loop(X, K).asnumpy())
    machine = f"{platform.machine()}, Python {platform.python_version()}, NumPy {numpy.__version__}"
    print(f"{compared} documented outputs on {machine}")
    return compared != 11


if __name__ == "__main__":
    sys.exit(main())
