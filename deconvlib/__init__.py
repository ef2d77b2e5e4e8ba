"""The transposed convolution ("deconvolution") by several methods that must agree."""

from deconvlib import fast  # noqa: F401  (enters METHODS["fast"])
from deconvlib.geometry import Axis, Geometry
from deconvlib.matrix import conv_matrix
from deconvlib.methods import METHODS

__version__ = "0.1.0"
__all__ = ["METHODS", "Axis", "Geometry", "conv_matrix"]
