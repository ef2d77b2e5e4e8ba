"""The forward convolution written out as a matrix C, whose transpose is the transposed convolution.

Dense, sparse, or as a linear operator that never builds it; its rank and its null space.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deconvlib.checks import Array, check_kernel, scipy_sparse
from deconvlib.geometry import Axis, Geometry


def conv_matrix(kernel: ArrayLike, geometry: Geometry, sparse: bool = False) -> Any:
    """C, with one row for each position and channel that the forward convolution computes.

        conv(x) = C @ x        conv_transpose(y) = C.T @ y        <C u, v> = <u, C.T v>

    kernel [*k, out, in]; C [prod(input_size) * in, prod(output_size) * out], where input_size, output_size, in and out
    are those of the transposed convolution.  Positions are in C order, channels vary fastest.

    C has an entry where an input sample meets an output sample, which is rare.  `sparse=True` stores these alone, as a
    `scipy.sparse.csr_array`; it needs SciPy (`pip install deconvlib[sparse]`) and a dtype that SciPy stores, so not
    half precision.  Raises ValueError or TypeError where kernel and geometry don't fit, ImportError without SciPy.
    """
    kernel = check_kernel(kernel, geometry)
    if sparse:
        if kernel.dtype.kind not in "biufc" or kernel.dtype == np.float16:
            raise TypeError(
                f"sparse=True needs a dtype that SciPy stores, got {kernel.dtype}; use kernel.astype(numpy.float32)"
            )
        module = scipy_sparse("conv_matrix(sparse=True)")
    shape = _shape(kernel, geometry)
    rows, columns, values = _entries(kernel, geometry)
    if sparse:
        return module.csr_array((values, (rows, columns)), shape)
    matrix = np.zeros(shape, kernel.dtype)
    matrix[rows, columns] = values
    return matrix


def _shape(kernel: Array, geometry: Geometry) -> tuple[int, int]:
    *_, outputs, inputs = kernel.shape
    return math.prod(geometry.input_size) * inputs, math.prod(geometry.output_size) * outputs


def _entries(kernel: Array, geometry: Geometry) -> tuple[Array, Array, Array]:
    """(row, column, value) of each entry.  A sample pair is met by one tap at most, so no entry comes twice."""
    *_, outputs, inputs = kernel.shape
    rows, columns, values = [], [], []
    for tap in np.ndindex(*geometry.kernel_size):
        meetings = [_meetings(axis, t) for axis, t in zip(geometry.axes, tap)]
        from_samples, to_samples = (np.ix_(*side) for side in zip(*meetings))
        row = np.ravel_multi_index(from_samples, geometry.input_size).reshape(-1, 1, 1) * inputs
        column = np.ravel_multi_index(to_samples, geometry.output_size).reshape(-1, 1, 1) * outputs
        block = row + np.arange(inputs)[:, None], column + np.arange(outputs), kernel[tap].T
        row, column, value = np.broadcast_arrays(*block)
        rows.append(row.ravel())
        columns.append(column.ravel())
        values.append(value.ravel())
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(values)


def _meetings(axis: Axis, tap: int) -> tuple[Array, Array]:
    """Where a tap leads: the input samples j, and the output samples  s j + d t - cb  that the crop keeps."""
    samples = np.arange(axis.input_size)
    reached = axis.stride * samples + axis.dilation * tap - axis.crop[0]
    kept = (reached >= 0) & (reached < axis.output_size)
    return samples[kept], reached[kept]


def as_linear_operator(kernel: ArrayLike, geometry: Geometry) -> Any:
    """C as a `scipy.sparse.linalg.LinearOperator`, for `lsqr` and the like.

        matvec(u)  = C @ u             the forward convolution
        rmatvec(v) = C.conj().T @ v    the transposed convolution, with the kernel conjugated

    kernel [*k, out, in]; the shape, and the order of samples and channels, are those of `conv_matrix`.  `matmat` and
    `rmatmat` take many columns as one batch.  Memory is that of the signals.

    Needs SciPy (`pip install deconvlib[sparse]`).  Raises ValueError or TypeError where kernel and geometry don't fit.
    """
    from deconvlib.methods import accumulate, convolve, scatter  # one of the methods is made of conv_matrix

    kernel = check_kernel(kernel, geometry)
    linalg = scipy_sparse("as_linear_operator").linalg
    *_, outputs, inputs = kernel.shape
    conjugate = kernel.conj()

    def forward(u: Array) -> Array:
        return _columns(accumulate(convolve)(_batch(u, geometry.output_size, outputs), kernel, geometry))

    def adjoint(v: Array) -> Array:
        return _columns(scatter(_batch(v, geometry.input_size, inputs), conjugate, geometry))

    return linalg.LinearOperator(
        _shape(kernel, geometry), matvec=forward, rmatvec=adjoint, matmat=forward, rmatmat=adjoint, dtype=kernel.dtype
    )


def _batch(columns: Array, size: tuple[int, ...], channels: int) -> Array:
    """One signal from each column:  [prod(size) * channels, n]  becomes  [n, *size, channels]."""
    return columns.T.reshape(math.prod(columns.shape[1:]), *size, channels)


def _columns(signals: Array) -> Array:
    """Back again:  [n, *size, channels]  becomes  [prod(size) * channels, n]."""
    return signals.reshape(len(signals), math.prod(signals.shape[1:])).T


def rank(kernel: ArrayLike, geometry: Geometry) -> int:
    """The rank of C, that is how many independent numbers of a signal survive the convolution, or its transpose.

    kernel [*k, out, in].  By the singular values of the dense C in double precision: for small sizes.
    """
    return int(np.linalg.matrix_rank(_double(kernel, geometry)))


def null_space(kernel: ArrayLike, geometry: Geometry, *, transpose: bool = False) -> Array:
    """An orthonormal basis of the signals that the convolution maps to zero, as one batch [n, *output_size, out].

    With `transpose=True` those that the transposed convolution maps to zero, [n, *input_size, in].  What lies in the
    null space of the convolution is exactly what its transpose can't produce, up to conjugation.
    By the singular values of the dense C in double precision: for small sizes.
    """
    matrix = _double(kernel, geometry)
    *_, outputs, inputs = np.shape(kernel)
    if transpose:
        matrix = matrix.T
        shape = (*geometry.input_size, inputs)
    else:
        shape = (*geometry.output_size, outputs)
    _, _, rows = np.linalg.svd(matrix)
    found = rows[np.linalg.matrix_rank(matrix) :].conj()
    return found.reshape(len(found), *shape)


def _double(kernel: ArrayLike, geometry: Geometry) -> Array:
    """The dense C in double precision."""
    kernel = check_kernel(kernel, geometry)
    matrix: Array = conv_matrix(kernel.astype(np.result_type(kernel, np.float64)), geometry)
    return matrix
