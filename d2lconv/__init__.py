"""The helpers of sections 6.1 to 6.3, on MXNet's NumPy interface: call npx.set_np() first."""

from __future__ import annotations

try:
    from d2lconv.conv import Conv2D, comp_conv2d, conv2d_output_shape, corr2d, corr2d_loop
except ModuleNotFoundError as error:
    if error.name != "mxnet":
        raise
    raise ImportError("d2lconv needs MXNet: pip install --no-deps mxnet==1.9.1") from None

__version__ = "1.0.0"
__all__ = ["Conv2D", "comp_conv2d", "conv2d_output_shape", "corr2d", "corr2d_loop"]
