"""Notebook outputs are compared by `tests.outputs`, not as strings."""

from __future__ import annotations

import pytest
from nbval.plugin import IPyNbCell

from tests.outputs import Output

# nbval sends every stored and every fresh output through this method and then asks whether the two
# are equal. tests/test_outputs.py proves that this holds, so a new nbval can't switch it off.
IPyNbCell.sanitize = lambda cell, output: Output(output) if isinstance(output, str) else output


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have nbval compare pictures too; by itself it skips them."""
    for file in {item.parent for item in items if isinstance(item, IPyNbCell)}:
        file.skip_compare = tuple(set(file.skip_compare) - {"image/png", "image/jpeg"})
