"""The matrix C as a linear operator: everything that C does to a vector, without C."""

from __future__ import annotations

import math

from deconvlib.checks import check_kernel, scipy_sparse
from deconvlib.geometry import Geometry
from deconvlib.methods import accumulate, convolve, scatter

__all__ = ["as_linear_operator"]


def as_linear_operator(kernel, geometry: Geometry):
    """C as a `scipy.sparse.linalg.LinearOperator`, for `lsqr` and the like.

        matvec(u)  = C @ u             the forward convolution
        rmatvec(v) = C.conj().T @ v    the transposed convolution, with the kernel conjugated

    kernel [*k, out, in]; the shape, and the order of samples and channels, are those of `conv_matrix`.  `matmat` and
    `rmatmat` take many columns as one batch.  Memory is that of the signals.

    Needs SciPy (`pip install deconvlib[sparse]`).  Raises ValueError or TypeError where kernel and geometry don't fit.
    """
    kernel = check_kernel(kernel, geometry)
    linalg = scipy_sparse("as_linear_operator").linalg
    *_, outputs, inputs = kernel.shape
    conjugate = kernel.conj()

    def forward(u):
        return _columns(accumulate(convolve)(_batch(u, geometry.output_size, outputs), kernel, geometry))

    def adjoint(v):
        return _columns(scatter(_batch(v, geometry.input_size, inputs), conjugate, geometry))

    shape = (math.prod(geometry.input_size) * inputs, math.prod(geometry.output_size) * outputs)
    return linalg.LinearOperator(
        shape, matvec=forward, rmatvec=adjoint, matmat=forward, rmatmat=adjoint, dtype=kernel.dtype
    )


def _batch(columns, size, channels):
    """One signal from each column:  [prod(size) * channels, n]  becomes  [n, *size, channels]."""
    return columns.T.reshape(math.prod(columns.shape[1:]), *size, channels)


def _columns(signals):
    """Back again:  [n, *size, channels]  becomes  [prod(size) * channels, n]."""
    return signals.reshape(len(signals), math.prod(signals.shape[1:])).T
