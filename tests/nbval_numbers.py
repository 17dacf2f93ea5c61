"""Notebook outputs are compared by `tests.outputs`, not as strings."""

from __future__ import annotations

import signal

import pytest
from nbval.plugin import IPyNbCell

from tests.outputs import Output

_sanitize = IPyNbCell.sanitize


# nbval sends every stored and every fresh output through this method and then asks whether the two
# are equal. tests/test_outputs.py proves that this holds, so a new nbval can't switch it off.
def _compare_as_output(cell: IPyNbCell, output: object) -> object:
    """Apply the patterns of `--nbval-sanitize-with`, then make the text compare as an `Output`."""
    output = _sanitize(cell, output)
    return Output(output) if isinstance(output, str) else output


IPyNbCell.sanitize = _compare_as_output


@pytest.hookimpl(tryfirst=True)  # xdist looks at the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a notebook's cells together, and have nbval compare pictures too."""
    for item in items:
        if isinstance(item, IPyNbCell):
            file = item.parent
            file.skip_compare = tuple({*file.skip_compare} - {"image/png", "image/jpeg"})
            item.add_marker(pytest.mark.xdist_group(file.name))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let a worker of xdist clear up undisturbed.

    On a busy machine that takes more than 5 seconds, as pytest collects garbage five times. execnet
    then sends SIGINT to it, and a run that has passed would end with a traceback.
    """
    if hasattr(session.config, "workerinput"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
