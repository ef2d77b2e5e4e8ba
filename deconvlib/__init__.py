"""The transposed convolution ("deconvolution") by several methods that must agree."""

from deconvlib.analysis import (
    ReceptiveField,
    even_kernel_size,
    even_overlap,
    null_space,
    overlap,
    rank,
    receptive_field,
)
from deconvlib.api import conv, conv_transpose
from deconvlib.fast import plan
from deconvlib.geometry import Axis, Geometry
from deconvlib.gradients import gradients
from deconvlib.linear_operator import as_linear_operator
from deconvlib.matrix import conv_matrix
from deconvlib.methods import METHODS
from deconvlib.solve import Solutions, output_sizes, solve

__version__ = "0.1.0"
__all__ = [
    "METHODS",
    "Axis",
    "Geometry",
    "ReceptiveField",
    "Solutions",
    "as_linear_operator",
    "conv",
    "conv_matrix",
    "conv_transpose",
    "even_kernel_size",
    "even_overlap",
    "gradients",
    "null_space",
    "output_sizes",
    "overlap",
    "plan",
    "rank",
    "receptive_field",
    "solve",
]
