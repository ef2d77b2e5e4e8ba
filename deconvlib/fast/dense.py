"""Tiny layers: nothing but one product, because each call costs more than its work.

    y = C^T x,        C[(j, in), (o, out)] = sum over taps t of  S[j, o, t] kernel[t, out, in]

where S, with a one where  s j + d t - cb = o, depends on the geometry alone and is kept for the next kernel.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from deconvlib.geometry import Geometry
from deconvlib.matrix import conv_matrix

__all__ = ["Matrix", "meetings"]


@functools.lru_cache(64)
def meetings(geometry: Geometry, dtype: np.dtype) -> np.ndarray:
    """S as [j, o, t]: the matrix of the layer whose input channels are its taps, each of weight one."""
    taps = math.prod(geometry.kernel_size)
    matrix = conv_matrix(np.eye(taps, dtype=dtype).reshape(*geometry.kernel_size, 1, taps), geometry)
    return np.ascontiguousarray(matrix.reshape(-1, taps, matrix.shape[1]).swapaxes(1, 2))


class Matrix:
    """The matrix of the layer, kept."""

    def __init__(self, kernel: np.ndarray, geometry: Geometry):
        where, (outputs, inputs) = meetings(geometry, kernel.dtype), kernel.shape[-2:]
        samples, reached, taps = where.shape
        pairs = np.matmul(where, kernel.reshape(taps, -1)).reshape(samples, reached, outputs, inputs)
        self.matrix = pairs.transpose(0, 3, 1, 2).reshape(samples * inputs, -1)
        self.nbytes = self.matrix.nbytes

    def __call__(self, x: np.ndarray, out: np.ndarray, threads: int = 1) -> None:
        np.matmul(x.reshape(len(x), -1), self.matrix, out=out.reshape(len(x), -1))
