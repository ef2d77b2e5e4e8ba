"""The transposed convolution ("deconvolution") by several methods that must agree."""

from deconvlib.geometry import Axis, Geometry

__version__ = "0.1.0"
__all__ = ["Axis", "Geometry"]
