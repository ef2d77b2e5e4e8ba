"""The forward convolution, by the same ideas.

At stride 1 it is a transposed convolution with the rotated kernel, its channel axes swapped and a crop of  ke - 1 - c:
the whole of the fast method serves.  With a stride, the samples that each output reads are copied next to one another,
a band of rows at a time, for one product; or multiplied where they are, if each channel meets weights of its own.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from deconvlib.arrays import pad_or_crop
from deconvlib.fast.cost import MULTIPLICATIONS, WAKE
from deconvlib.fast.direct import SCRATCH
from deconvlib.fast.threads import available, cut, for_each
from deconvlib.geometry import Geometry

__all__ = ["rotated", "strided"]


def rotated(kernel: np.ndarray, geometry: Geometry, groups: int) -> tuple[np.ndarray, Geometry]:
    """The kernel [*k, in / groups, out] and the geometry of the same map as a transposed convolution; for stride 1."""
    *taps, outputs, inputs = kernel.shape
    flipped = np.flip(kernel, tuple(range(len(taps)))).reshape(*taps, outputs, groups, inputs // groups)
    swapped = np.ascontiguousarray(np.moveaxis(flipped, -1, -3).swapaxes(-1, -2))
    axes = (
        replace(axis, input_size=axis.output_size, crop=tuple(axis.span - 1 - c for c in axis.crop))
        for axis in geometry.axes
    )
    return swapped.reshape(*taps, inputs // groups, groups * outputs), Geometry(tuple(axes))


def strided(inputs: np.ndarray, kernel: np.ndarray, geometry: Geometry, groups: int) -> np.ndarray:
    """y[j] = sum over taps t of  x[s j + d t - pb] @ kernel[t], the taps side by side."""
    *taps, channels, outputs = kernel.shape
    padded = pad_or_crop(inputs, geometry.crop).astype(kernel.dtype, copy=False)
    windows = sliding_window_view(padded, geometry.span, tuple(range(1, padded.ndim - 1)))
    steps = (slice(None, None, s) for s in geometry.stride)
    windows = windows[(slice(None), *steps, slice(None), *(slice(None, None, d) for d in geometry.dilation))]
    windows = np.moveaxis(windows, len(taps) + 1, -1)  # [batch, *output, *k, in]
    out = np.empty((*windows.shape[: len(taps) + 1], groups, outputs // groups), kernel.dtype)
    weights = kernel.reshape(*taps, channels, *out.shape[-2:])
    compute = element_by_element if channels == 1 else side_by_side
    if out.size:
        large = out.size * math.prod(taps) * channels > 2 * WAKE * MULTIPLICATIONS
        threads = available() if large else 1
        chunks = cut(len(out), out.shape[1], max(threads, -(-windows.nbytes // (groups * SCRATCH))), threads)
        for_each(lambda *chunk: compute(windows[chunk], weights, out[chunk]), chunks, threads)
    return out.reshape(*out.shape[:-2], outputs)


def side_by_side(windows: np.ndarray, weights: np.ndarray, out: np.ndarray) -> None:
    """windows [n, *output, *k, groups * in] and weights [*k, in, groups, out]  ->  out [n, *output, groups, out]."""
    *taps, channels, groups, outputs = weights.shape
    for g in range(groups):
        mine = windows[..., g * channels : (g + 1) * channels].reshape(-1, math.prod(taps) * channels)
        out[..., g, :] = (mine @ weights[..., g, :].reshape(-1, outputs)).reshape(out[..., g, :].shape)


def element_by_element(windows: np.ndarray, weights: np.ndarray, out: np.ndarray) -> None:
    """The same for groups of one input channel."""
    *places, g, m = range(out.ndim)
    taps = [*range(m + 1, m + weights.ndim - 2)]
    np.einsum(windows, [*places, *taps, g], weights[..., 0, :, :], [*taps, g, m], [*places, g, m], out=out)
