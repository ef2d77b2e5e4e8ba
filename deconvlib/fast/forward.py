"""The forward convolution, by the same ideas.

At stride 1 it is a transposed convolution with the rotated kernel, its channel axes swapped and a crop of  ke - 1 - c:
the whole of the fast method serves.  With a stride, the samples that each output reads are copied next to one another,
a band of rows at a time, for one product.
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
    out = np.empty((*windows.shape[: len(taps) + 1], outputs), kernel.dtype)
    weights = kernel.reshape(*taps, channels, groups, outputs // groups)

    def run(images, rows, g):
        mine = windows[images, rows, ..., g * channels : (g + 1) * channels]
        product = mine.reshape(-1, math.prod(taps) * channels) @ weights[..., g, :].reshape(-1, outputs // groups)
        share = slice(g * (outputs // groups), (g + 1) * (outputs // groups))
        out[images, rows, ..., share] = product.reshape(*mine.shape[: len(taps) + 1], -1)

    if not out.size:
        return out
    large = out.size * math.prod(taps) * channels > 2 * WAKE * MULTIPLICATIONS
    threads = available() if large else 1
    chunks = cut(len(out), out.shape[1], -(-windows.nbytes // (groups * SCRATCH)), threads)
    for_each(run, [(*chunk, g) for chunk in chunks for g in range(groups)], threads)
    return out
