"""Check whether MXNet runs here, and say what to do if not: `python -m mxnet_today`."""

import platform
import sys

import mxnet_today

mxnet_today.install()
try:
    import mxnet
    import numpy

    assert mxnet.nd.ones((2, 2)).sum().asscalar() == 4
except Exception as error:
    sys.exit(str(error))
versions = f"Python {platform.python_version()} with NumPy {numpy.__version__}"
print(f"MXNet {mxnet.__version__} runs on {versions} (mxnet_today {mxnet_today.__version__})")
