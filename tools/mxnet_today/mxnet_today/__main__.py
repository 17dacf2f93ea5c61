"""Check whether MXNet runs here, and say what to do if not: `python -m mxnet_today`."""

from __future__ import annotations

import platform
import sys
from importlib.util import find_spec

import mxnet_today

INSTALL = "pip install --no-deps mxnet==1.9.1"


def main() -> int:
    """Import MXNet and compute with it. Return 0 if it works."""
    mxnet_today.install()
    if find_spec("mxnet") is None:
        print(f"MXNet is not installed: {INSTALL}")
        return 1
    try:
        import mxnet
        import numpy

        assert mxnet.nd.ones((2, 2)).sum().asscalar() == 4
    except Exception as error:
        print(error)
        return 1
    print(
        f"MXNet {mxnet.__version__} runs on Python {platform.python_version()} "
        f"with NumPy {numpy.__version__} (mxnet_today {mxnet_today.__version__})"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
