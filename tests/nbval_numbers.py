"""Make nbval compare outputs with `tests.outputs`, not as strings, and make all tests faster."""

from __future__ import annotations

import gc
import os
import signal

import pytest
from nbval.plugin import IPyNbCell

# NumPy reads this when it is imported. Each figure that Matplotlib draws would wake the other
# threads of NumPy 1.23, and they would wait for work in a busy loop.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
from tests.outputs import Output

gc.disable()  # until the tests are collected: importing makes little garbage
_sanitize = IPyNbCell.sanitize


# nbval passes every stored and every new output through this method before it compares them.
# tests/test_outputs.py fails if a new version of nbval no longer does.
def _compare_as_output(cell: IPyNbCell, output: object) -> object:
    """Apply the patterns of `--nbval-sanitize-with`, then make the text compare as an `Output`."""
    output = _sanitize(cell, output)
    return Output(output) if isinstance(output, str) else output


IPyNbCell.sanitize = _compare_as_output


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run a notebook's cells on one worker, and let nbval compare pictures too."""
    for item in items:
        if isinstance(item, IPyNbCell):
            file = item.parent
            # a JPEG is made from a photograph that the HTML has too, where it is compared
            file.skip_compare = tuple({*file.skip_compare} - {"image/png"})
            item.add_marker(pytest.mark.xdist_group(file.name))


def pytest_collection_finish() -> None:
    """Leave the imported modules out of every collection of garbage: half a million objects."""
    gc.freeze()
    gc.enable()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Ignore SIGINT while an xdist worker cleans up.

    pytest collects garbage five times, which takes more than 5 seconds on a busy machine. execnet
    then sends SIGINT, and a run that has passed would end with a traceback.
    """
    if hasattr(session.config, "workerinput"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
