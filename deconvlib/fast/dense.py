"""Tiny layers: two products and nothing else.

    y = S^T columns,     columns[(j, t)] = kernel[t] @ x[j],     S[(j, t), o] = 1 where  s j + d t - cb = o

S depends on the geometry alone, so it is kept for the next kernel: a tiny layer costs the two calls.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from deconvlib.geometry import Geometry
from deconvlib.matrix import conv_matrix

__all__ = ["Dense", "meetings_matrix"]


@functools.lru_cache(64)
def meetings_matrix(geometry: Geometry, dtype: np.dtype) -> np.ndarray:
    """S^T: the matrix of the layer whose input channels are its taps, each of weight one."""
    taps = math.prod(geometry.kernel_size)
    each = np.eye(taps, dtype=dtype).reshape(*geometry.kernel_size, 1, taps)
    return np.ascontiguousarray(conv_matrix(each, geometry).T)


class Dense:
    """For products of input, taps and output small enough to multiply by a matrix of zeros and ones."""

    def __init__(self, kernel: np.ndarray, geometry: Geometry, groups: int = 1):
        self.where = meetings_matrix(geometry, kernel.dtype)
        self.kernel = kernel.reshape(-1, kernel.shape[-1]).T
        self.outputs = kernel.shape[-2]
        self.nbytes = self.where.nbytes

    def __call__(self, x: np.ndarray, out: np.ndarray, threads: int = 1) -> None:
        columns = np.matmul(x.reshape(-1, x.shape[-1]), self.kernel)
        columns = columns.reshape(len(x), self.where.shape[1], self.outputs)
        np.matmul(self.where, columns, out=out.reshape(len(x), -1, self.outputs))
