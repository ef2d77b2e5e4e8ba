"""The forward convolution written out as a matrix C, whose transpose is the transposed convolution.

Dense, sparse, or as a linear operator that never builds it; its rank and its null space.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deconvlib.checks import Array, check_data_format, check_flag, check_groups, check_kernel, scipy_sparse
from deconvlib.geometry import Axis, Geometry
from deconvlib.names import own_words


@own_words
def conv_matrix(
    kernel: ArrayLike,
    geometry: Geometry,
    sparse: bool = False,
    *,
    groups: int | None = None,
    data_format: str = "channels_last",
) -> Any:
    """C, with one row for each position and channel that the forward convolution computes.

        conv(x) = C @ x        conv_transpose(y) = C.T @ y        <C u, v> = <u, C.T v>

    kernel [*k, out / groups, in]; C [prod(input_size) * in, prod(output_size) * out], where input_size, output_size, in
    and out are those of the transposed convolution.  Positions are in C order.  Channels vary fastest, or slowest with
    `data_format="channels_first"`: the order of `x.ravel()` in either layout.

    C has an entry where an input sample meets an output sample, which is rare.  `sparse=True` stores these alone, as a
    `scipy.sparse.csr_array`; it needs SciPy (`pip install "deconvlib[sparse]"`) and a dtype that SciPy stores, so not
    half precision.  Raises ValueError or TypeError where kernel and geometry don't fit, ImportError without SciPy.
    """
    kernel = check_kernel(kernel, geometry)
    check_data_format(data_format)
    check_flag("sparse", sparse)
    groups = check_groups(geometry.groups if groups is None else groups, kernel.shape[-1])
    if sparse:
        if kernel.dtype.kind not in "biufc" or kernel.dtype == np.float16:
            raise TypeError(
                f"sparse=True needs a dtype that SciPy stores, got {kernel.dtype}; use kernel.astype(numpy.float32)"
            )
        module = scipy_sparse("conv_matrix(sparse=True)")
    shape = _shape(kernel, geometry, groups)
    rows, columns, values = _entries(kernel, geometry, groups, data_format)
    if sparse:
        return module.csr_array((values, (rows, columns)), shape)
    matrix = np.zeros(shape, kernel.dtype)
    matrix[rows, columns] = values
    return matrix


def _shape(kernel: Array, geometry: Geometry, groups: int) -> tuple[int, int]:
    *_, outputs, inputs = kernel.shape
    return math.prod(geometry.input_size) * inputs, math.prod(geometry.output_size) * outputs * groups


def _entries(kernel: Array, geometry: Geometry, groups: int, data_format: str) -> tuple[Array, Array, Array]:
    """(row, column, value) of each entry.  A sample pair is met by one tap at most, so no entry comes twice."""
    *_, outputs, inputs = kernel.shape
    to_channel = np.arange(inputs)
    group = to_channel // max(inputs // groups, 1)
    from_channel = (group * outputs)[:, None] + np.arange(outputs)
    parts = []
    for tap in np.ndindex(*geometry.kernel_size):
        meetings = [_meetings(axis, t) for axis, t in zip(geometry.axes, tap)]
        from_samples, to_samples = (np.ix_(*side) for side in zip(*meetings))
        row = _flat(from_samples, geometry.input_size, to_channel[:, None], inputs, data_format)
        column = _flat(to_samples, geometry.output_size, from_channel, outputs * groups, data_format)
        parts.append([part.ravel() for part in np.broadcast_arrays(row, column, kernel[tap].T)])
    rows, columns, values = (np.concatenate(of_taps) for of_taps in zip(*parts))
    return rows, columns, values


def _flat(at: Any, size: tuple[int, ...], channel: Array, channels: int, data_format: str) -> Array:
    """The places of samples and channels in a signal that is written as one vector."""
    position: Array = np.ravel_multi_index(at, size).reshape(-1, 1, 1)
    if data_format == "channels_first":
        return channel * math.prod(size) + position
    return position * channels + channel


def _meetings(axis: Axis, tap: int) -> tuple[Array, Array]:
    """Where a tap leads: the input samples j, and the output samples  s j + d t - cb  that the crop keeps."""
    met = axis.meets(tap)
    samples = np.arange(met.start, met.stop)
    return samples, axis.stride * samples + (axis.dilation * tap - axis.crop[0])


@own_words
def as_linear_operator(
    kernel: ArrayLike, geometry: Geometry, *, groups: int | None = None, data_format: str = "channels_last"
) -> Any:
    """C as a `scipy.sparse.linalg.LinearOperator`, for `lsqr` and the like.

        matvec(u)  = C @ u             the forward convolution
        rmatvec(v) = C.conj().T @ v    the transposed convolution, with the kernel conjugated

    kernel [*k, out / groups, in]; the shape, and the order of samples and channels, are those of `conv_matrix`.
    `matmat` and `rmatmat` take many columns as one batch.  Memory is that of the signals.

    The operator also has `dims`, the shape of one signal u, and `dimsd`, that of C @ u, as operators of PyLops do.

    Needs SciPy (`pip install "deconvlib[sparse]"`).  Raises ValueError or TypeError where kernel and geometry don't
    fit.
    """
    # Here and not above: deconvlib.methods itself imports conv_matrix, for the method "matrix".
    from deconvlib.methods import accumulate, convolve, each_group, scatter

    kernel = check_kernel(kernel, geometry)
    check_data_format(data_format)
    groups = check_groups(geometry.groups if groups is None else groups, kernel.shape[-1])
    linalg = scipy_sparse("as_linear_operator").linalg
    *_, outputs, inputs = kernel.shape
    conjugate, grouped = kernel.conj(), replace(geometry, groups=groups)
    first = data_format == "channels_first"

    def forward(u: Array) -> Array:
        signals = _batch(u, geometry.output_size, outputs * groups, first)
        return _columns(each_group(accumulate(convolve), signals, kernel, grouped), first)

    def adjoint(v: Array) -> Array:
        return _columns(scatter(_batch(v, geometry.input_size, inputs, first), conjugate, grouped), first)

    operator = linalg.LinearOperator(
        _shape(kernel, geometry, groups),
        matvec=forward,
        rmatvec=adjoint,
        matmat=forward,
        rmatmat=adjoint,
        dtype=kernel.dtype,
    )
    operator.dims = _signal(geometry.output_size, outputs * groups, first)
    operator.dimsd = _signal(geometry.input_size, inputs, first)
    return operator


def _signal(size: tuple[int, ...], channels: int, first: bool) -> tuple[int, ...]:
    """The shape of one signal."""
    return (channels, *size) if first else (*size, channels)


def _batch(columns: Array, size: tuple[int, ...], channels: int, first: bool) -> Array:
    """One signal from each column:  [prod(size) * channels, n]  becomes  [n, *size, channels]."""
    signals = columns.T.reshape(math.prod(columns.shape[1:]), *_signal(size, channels, first))
    return np.moveaxis(signals, 1, -1) if first else signals


def _columns(signals: Array, first: bool) -> Array:
    """Back again:  [n, *size, channels]  becomes  [prod(size) * channels, n]."""
    signals = np.moveaxis(signals, -1, 1) if first else signals
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
    check_flag("transpose", transpose)
    matrix = _double(kernel, geometry)
    *_, outputs, inputs = np.shape(kernel)
    if transpose:
        matrix = matrix.T
        shape = (*geometry.input_size, inputs)
    else:
        shape = (*geometry.output_size, outputs * geometry.groups)
    _, _, rows = np.linalg.svd(matrix)
    found = rows[np.linalg.matrix_rank(matrix) :].conj()
    return found.reshape(len(found), *shape)


def _double(kernel: ArrayLike, geometry: Geometry) -> Array:
    """The dense C in double precision."""
    kernel = check_kernel(kernel, geometry)
    if kernel.dtype.kind == "O":
        raise TypeError("kernel must hold numbers of NumPy for singular values, got objects; convert it with astype")
    if not np.isfinite(kernel).all():
        raise ValueError(
            "kernel must be finite, got one with NaN or infinity: it has no singular values; "
            "replace them with numpy.nan_to_num(kernel)"
        )
    matrix: Array = conv_matrix(kernel.astype(np.result_type(kernel, np.float64)), geometry)
    return matrix
