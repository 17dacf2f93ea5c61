"""Use the installed package for the first time, and fail if a number is wrong.

If MXNet couldn't be installed (Python 3.13 and later), run the command that the package prints.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys

if importlib.util.find_spec("mxnet") is None:
    try:
        import d2lconv
    except ImportError as error:
        print(error)
        subprocess.check_call([sys.executable, "-m", *str(error).partition(": ")[2].split()])

from mxnet import np, npx
from mxnet.gluon import nn

import d2lconv

npx.set_np()
X, K = np.arange(9).reshape(3, 3), np.arange(4).reshape(2, 2)
layer = d2lconv.Conv2D(2)
layer.initialize()
assert d2lconv.corr2d(X, K).tolist() == [[19, 25], [37, 43]]
assert layer(X).shape == d2lconv.conv2d_output_shape(X.shape, 2) == (2, 2)
assert d2lconv.comp_conv2d(nn.Conv2D(1, 3, padding=1), X).shape == (3, 3)
print(f"d2lconv {d2lconv.__version__} works from {d2lconv.__name__}'s wheel")
