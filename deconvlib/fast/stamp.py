"""The direct way for every dtype and geometry: each tap adds one product to the output samples that it reaches."""

from __future__ import annotations

import math

import numpy as np

from deconvlib.geometry import Axis, Geometry

__all__ = ["meeting", "stamp"]

CHUNK = 1 << 20  # bytes of products held at a time


def meeting(axis: Axis, tap: int) -> tuple[slice, slice]:
    """The input samples j, and the output samples  s j + d t - cb  that the crop keeps, of one tap."""
    offset = axis.dilation * tap - axis.crop[0]
    first = max(0, -(offset // axis.stride))
    last = min(axis.input_size, (axis.output_size - 1 - offset) // axis.stride + 1)
    begin, end = axis.stride * first + offset, axis.stride * (last - 1) + offset + 1
    return (slice(first, last), slice(begin, end, axis.stride)) if first < last else (slice(0), slice(0))


def stamp(inputs: np.ndarray, kernel: np.ndarray, geometry: Geometry, groups: int = 1) -> np.ndarray:
    """y[s j + d t - cb] += kernel[t] @ x[j], one tap after the other, in pieces of the batch that stay in the cache.

    inputs [batch, *space, in], kernel [*k, out / groups, in]; returns [batch, *output_size, out].
    """
    batch, *_, channels = inputs.shape
    outputs = kernel.shape[-2]
    x = inputs.reshape(*inputs.shape[:-1], groups, 1, channels // groups)
    weights = np.moveaxis(kernel.reshape(*kernel.shape[:-1], groups, channels // groups), -3, -1)  # [*k, g, in, out]
    out = np.zeros((batch, *geometry.output_size, groups, 1, outputs), np.result_type(inputs, kernel))
    size = max(1, CHUNK // max(1, math.prod(geometry.input_size) * groups * outputs * out.itemsize))
    for tap in np.ndindex(*geometry.kernel_size):
        source, target = zip(*(meeting(axis, t) for axis, t in zip(geometry.axes, tap)))
        for n in range(0, batch, size):
            piece = slice(n, n + size)
            if groups == 1:
                out[(piece, *target)][..., 0, 0, :] += x[(piece, *source)][..., 0, 0, :] @ weights[tap][0]
            else:
                out[(piece, *target)] += x[(piece, *source)] @ weights[tap]
    return out.reshape(batch, *geometry.output_size, groups * outputs)
