"""The transposed convolution ("deconvolution") by several methods that must agree."""

from deconvlib.api import conv, conv_transpose
from deconvlib.checkerboard import even_kernel_size, even_overlap, overlap
from deconvlib.fast import plan
from deconvlib.geometry import Axis, Geometry, Layer
from deconvlib.gradients import gradients
from deconvlib.matrix import as_linear_operator, conv_matrix, null_space, rank
from deconvlib.methods import METHODS
from deconvlib.reach import ReceptiveField, receptive_field
from deconvlib.solve import Solutions, output_sizes, solve

__version__ = "0.1.0"
__all__ = [
    "METHODS",
    "Axis",
    "Geometry",
    "Layer",
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
