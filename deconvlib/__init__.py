"""The transposed convolution ("deconvolution") by several methods that must agree."""

from deconvlib.geometry import Axis, Geometry
from deconvlib.matrix import conv_matrix
from deconvlib.methods import METHODS

__version__ = "0.1.0"
__all__ = ["METHODS", "Axis", "Geometry", "conv_matrix"]
