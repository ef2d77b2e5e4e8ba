"""The forward convolution written out as a matrix C, whose transpose is the transposed convolution."""

from __future__ import annotations

import math

import numpy as np

from deconvlib.checks import check_kernel, scipy_sparse
from deconvlib.geometry import Axis, Geometry

__all__ = ["conv_matrix"]


def conv_matrix(kernel: np.ndarray, geometry: Geometry, sparse: bool = False):
    """C, with one row for each position and channel that the forward convolution computes.

        conv(x) = C @ x        conv_transpose(y) = C.T @ y        <C u, v> = <u, C.T v>

    kernel [*k, out, in]; C [prod(input_size) * in, prod(output_size) * out], where input_size, output_size, in and out
    are those of the transposed convolution.  Positions are in C order, channels vary fastest.

    C has an entry where an input sample meets an output sample, which is rare.  `sparse=True` stores these alone, as a
    `scipy.sparse.csr_array`; it needs SciPy (`pip install deconvlib[sparse]`) and a dtype that SciPy stores, so not
    half precision.  Raises ValueError or TypeError where kernel and geometry don't fit, ImportError without SciPy.
    """
    kernel = check_kernel(kernel, geometry)
    *_, outputs, inputs = kernel.shape
    shape = (math.prod(geometry.input_size) * inputs, math.prod(geometry.output_size) * outputs)
    if sparse:
        if kernel.dtype.kind not in "biufc" or kernel.dtype == np.float16:
            raise TypeError(
                f"sparse=True needs a dtype that SciPy stores, got {kernel.dtype}; use kernel.astype(numpy.float32)"
            )
        module = scipy_sparse("conv_matrix(sparse=True)")
    rows, columns, values = _entries(kernel, geometry)
    if sparse:
        return module.csr_array((values, (rows, columns)), shape)
    matrix = np.zeros(shape, kernel.dtype)
    matrix[rows, columns] = values
    return matrix


def _entries(kernel, geometry) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(row, column, value) of each entry.  A sample pair is met by one tap at most, so no entry comes twice."""
    *_, outputs, inputs = kernel.shape
    entries = []
    for tap in np.ndindex(*geometry.kernel_size):
        meetings = [_meetings(axis, t) for axis, t in zip(geometry.axes, tap)]
        from_samples, to_samples = (np.ix_(*side) for side in zip(*meetings))
        row = np.ravel_multi_index(from_samples, geometry.input_size).reshape(-1, 1, 1) * inputs
        column = np.ravel_multi_index(to_samples, geometry.output_size).reshape(-1, 1, 1) * outputs
        block = row + np.arange(inputs)[:, None], column + np.arange(outputs), kernel[tap].T
        entries.append([part.ravel() for part in np.broadcast_arrays(*block)])
    return tuple(np.concatenate(parts) for parts in zip(*entries))


def _meetings(axis: Axis, tap: int) -> tuple[np.ndarray, np.ndarray]:
    """Where a tap leads: the input samples j, and the output samples  s j + d t - cb  that the crop keeps."""
    samples = np.arange(axis.input_size)
    reached = axis.stride * samples + axis.dilation * tap - axis.crop[0]
    kept = (reached >= 0) & (reached < axis.output_size)
    return samples[kept], reached[kept]
