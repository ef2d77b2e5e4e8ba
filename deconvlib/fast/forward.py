"""The forward convolution, by the same ideas.

At stride 1 it is a transposed convolution with the rotated kernel, its channel axes swapped and a crop of  ke - 1 - c:
the whole of the fast method serves.  With a stride, the samples that each output reads are copied next to one another
(im2col), a band of rows at a time, for one product; or multiplied where they are, if each channel meets weights of its
own.

Kernel 3, stride 2, crop 1 at the begin: output 0 reads the samples -1, 0, 1, of which the first is a zero, output 1
reads 1, 2, 3.
"""

from __future__ import annotations

import functools
import math
from dataclasses import replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from deconvlib.arrays import pad_or_crop
from deconvlib.fast import blas, taps
from deconvlib.fast.cost import WAKE
from deconvlib.fast.numbers import ceil_div, cut, finite, shares
from deconvlib.fast.planes import SCRATCH
from deconvlib.fast.scratch import Scratch
from deconvlib.fast.workers import for_each
from deconvlib.geometry import Geometry

__all__ = ["rotated", "strided"]


def rotated(kernel: np.ndarray, geometry: Geometry, groups: int) -> tuple[np.ndarray, Geometry]:
    """The kernel [*k, in / groups, out] and the geometry of the same map as a transposed convolution; for stride 1."""
    *sizes, outputs, inputs = kernel.shape
    flipped = np.flip(kernel, tuple(range(len(sizes)))).reshape(*sizes, outputs, groups, inputs // groups)
    swapped = np.ascontiguousarray(np.moveaxis(flipped, -1, -3).swapaxes(-1, -2))
    axes = (
        replace(axis, input_size=axis.output_size, crop=(axis.span - 1 - axis.crop[0], axis.span - 1 - axis.crop[1]))
        for axis in geometry.axes
    )
    return swapped.reshape(*sizes, inputs // groups, groups * outputs), Geometry(tuple(axes))


def strided(inputs: np.ndarray, kernel: np.ndarray, geometry: Geometry, groups: int) -> np.ndarray:
    """y[j] = sum over taps t of  x[s j + d t - pb] @ kernel[t], the taps side by side.

    Inputs and outputs are those of the forward convolution: an output has geometry.input_size samples.
    """
    *sizes, channels, outputs = kernel.shape
    out: np.ndarray = np.empty((len(inputs), *geometry.input_size, outputs), kernel.dtype)
    if not out.size or not channels:
        out[...] = 0
        return out
    windows = _windows(pad_or_crop(inputs, geometry.crop).astype(kernel.dtype, copy=False), geometry)
    weights = kernel.reshape(*sizes, channels, groups, outputs // groups)
    whole = out.reshape(*out.shape[:-1], groups, outputs // groups)
    kind, multiplications = blas.kind().of(kernel.dtype), out.size * math.prod(sizes) * channels
    threads = blas.threads() if multiplications > 4 * WAKE * kind.multiplications_a_second else 1
    compute = _element_by_element if channels == 1 else functools.partial(_side_by_side, kind.limit(threads))
    parts = max(threads, ceil_div(windows.nbytes, groups * SCRATCH))
    chunks = cut(len(out), out.shape[1], parts, threads)

    def run(chunk: tuple[slice, slice], _: Scratch) -> bool:
        compute(windows[chunk], weights, whole[chunk])
        return finite(np.ascontiguousarray(whole[chunk]))

    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        done = for_each(run, chunks, 0, threads)
    if not done:
        taps.forward(inputs, kernel, geometry, groups, out)
    return out


def _windows(padded: np.ndarray, geometry: Geometry) -> np.ndarray:
    """[batch, *output, *k, in]: what each output reads."""
    axes = len(geometry.axes)
    windows = sliding_window_view(padded, geometry.span, tuple(range(1, axes + 1)))
    steps = (slice(None, None, s) for s in geometry.stride)
    windows = windows[(slice(None), *steps, slice(None), *(slice(None, None, d) for d in geometry.dilation))]
    return np.moveaxis(windows, axes + 1, -1)


def _side_by_side(most: int | None, windows: np.ndarray, weights: np.ndarray, out: np.ndarray) -> None:
    """windows [n, *output, *k, groups * in] and weights [*k, in, groups, out]  ->  out [n, *output, groups, out]."""
    *sizes, channels, groups, outputs = weights.shape
    depth = math.prod(sizes) * channels
    for g in range(groups):
        rows = windows[..., g * channels : (g + 1) * channels].reshape(-1, depth)
        of_group = weights[..., g, :].reshape(depth, outputs)
        height, number = shares(len(rows), len(rows) if most is None else most // (depth * outputs))
        whole = height * number
        parts = [rows[:whole].reshape(number, height, depth) @ of_group, rows[whole:] @ of_group]
        product = np.concatenate([part.reshape(-1, outputs) for part in parts])
        out[..., g, :] = product.reshape(out[..., g, :].shape)


def _element_by_element(windows: np.ndarray, weights: np.ndarray, out: np.ndarray) -> None:
    """The same for groups of one input channel."""
    *places, g, m = range(out.ndim)
    taps = [*range(m + 1, m + weights.ndim - 2)]
    np.einsum(windows, [*places, *taps, g], weights[..., 0, :, :], [*taps, g, m], [*places, g, m], out=out)
