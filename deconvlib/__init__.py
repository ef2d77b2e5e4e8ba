"""The transposed convolution ("deconvolution") by several methods that must agree."""

import importlib
from types import ModuleType

from deconvlib.api import conv, conv_transpose
from deconvlib.checkerboard import even_kernel_size, even_overlap, overlap
from deconvlib.describe import Description, describe
from deconvlib.fast import plan
from deconvlib.fusing import as_pixel_shuffle, fuse_pixel_shuffle, fuse_scale, fuse_upsample
from deconvlib.geometry import Axis, Geometry, Layer
from deconvlib.gradients import gradients
from deconvlib.matrix import as_linear_operator, conv_matrix, null_space, rank
from deconvlib.methods import METHODS
from deconvlib.reach import ReceptiveField, inputs_needed, outputs_touched, receptive_field
from deconvlib.solve import OutputSizes, SkipSizes, Solutions, output_sizes, skip_sizes, solve

__version__ = "0.1.0"
__all__ = [
    "METHODS",
    "Axis",
    "Description",
    "Geometry",
    "Layer",
    "OutputSizes",
    "ReceptiveField",
    "SkipSizes",
    "Solutions",
    "as_linear_operator",
    "as_pixel_shuffle",
    "conv",
    "conv_matrix",
    "conv_transpose",
    "describe",
    "even_kernel_size",
    "even_overlap",
    "fuse_pixel_shuffle",
    "fuse_scale",
    "fuse_upsample",
    "gradients",
    "inputs_needed",
    "null_space",
    "output_sizes",
    "outputs_touched",
    "overlap",
    "plan",
    "rank",
    "receptive_field",
    "skip_sizes",
    "solve",
]


def __getattr__(name: str) -> ModuleType:
    if name == "frameworks":  # loaded when it is asked for
        return importlib.import_module("deconvlib.frameworks")
    raise AttributeError(f"module 'deconvlib' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__", "frameworks"]
