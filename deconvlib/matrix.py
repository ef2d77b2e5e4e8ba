"""The forward convolution written out as a matrix C, whose transpose is the transposed convolution."""

from __future__ import annotations

import math

import numpy as np

from deconvlib.geometry import Axis, Geometry

__all__ = ["conv_matrix"]


def conv_matrix(kernel: np.ndarray, geometry: Geometry) -> np.ndarray:
    """C, with one row for each position and channel that the forward convolution computes.

        conv(x) = C @ x        conv_transpose(y) = C.T @ y

    kernel [*k, out, in]; C [prod(input_size) * in, prod(output_size) * out], where input_size, output_size, in and out
    are those of the transposed convolution.  Positions are in C order, channels vary fastest.
    """
    *_, outputs, inputs = kernel.shape
    matrix = np.zeros((*geometry.input_size, inputs, *geometry.output_size, outputs), kernel.dtype)
    for tap in np.ndindex(*geometry.kernel_size):
        meetings = [_meetings(axis, t) for axis, t in zip(geometry.axes, tap)]
        rows, columns = (np.ix_(*side) for side in zip(*meetings))
        matrix[(*rows, slice(None), *columns, slice(None))] = kernel[tap].T
    return matrix.reshape(math.prod(geometry.input_size) * inputs, math.prod(geometry.output_size) * outputs)


def _meetings(axis: Axis, tap: int) -> tuple[np.ndarray, np.ndarray]:
    """Where a tap leads: the input samples j, and the output samples  s j + d t - cb  that the crop keeps."""
    samples = np.arange(axis.input_size)
    reached = axis.stride * samples + axis.dilation * tap - axis.crop[0]
    kept = (reached >= 0) & (reached < axis.output_size)
    return samples[kept], reached[kept]
