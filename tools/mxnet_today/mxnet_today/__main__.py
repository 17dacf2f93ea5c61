"""Check whether MXNet runs here, and say what to do if not: `python -m mxnet_today`."""

import platform
import sys

import mxnet_today


def main() -> str:
    """Import MXNet, compute with it, and return the versions, or exit with advice."""
    mxnet_today.install()
    try:
        import mxnet
        import numpy

        assert mxnet.nd.ones((2, 2)).sum().asscalar() == 4
    except Exception as error:
        sys.exit(str(error))
    versions = f"Python {platform.python_version()} with NumPy {numpy.__version__}"
    return f"MXNet {mxnet.__version__} runs on {versions} (mxnet_today {mxnet_today.__version__})"


if __name__ == "__main__":
    print(main())
