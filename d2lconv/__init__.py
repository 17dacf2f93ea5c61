"""The helpers of sections 6.1 to 6.3, on MXNet's NumPy interface: call npx.set_np() first."""

from d2lconv.conv import Conv2D, comp_conv2d, conv2d_output_shape, corr2d, corr2d_loop

__version__ = "1.0.0"
__all__ = ["Conv2D", "comp_conv2d", "conv2d_output_shape", "corr2d", "corr2d_loop"]
