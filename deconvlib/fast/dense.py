"""Tiny layers: nothing but products, because each call costs more than its work.

`Matrix` keeps the matrix of the layer:  y = C^T x.  Without preparation `Dense` takes two products,

    y = S^T columns,     columns[(j, t)] = kernel[t] @ x[j],     S[(j, t), o] = 1 where  s j + d t - cb = o,

where S depends on the geometry alone and is kept for the next kernel.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from deconvlib.geometry import Geometry
from deconvlib.matrix import conv_matrix

__all__ = ["Dense", "Matrix", "meetings_matrix"]


@functools.lru_cache(64)
def meetings_matrix(geometry: Geometry, dtype: np.dtype) -> np.ndarray:
    """S^T: the matrix of the layer whose input channels are its taps, each of weight one."""
    taps = math.prod(geometry.kernel_size)
    each = np.eye(taps, dtype=dtype).reshape(*geometry.kernel_size, 1, taps)
    return np.ascontiguousarray(conv_matrix(each, geometry).T)


class Matrix:
    """y = C^T x."""

    def __init__(self, kernel: np.ndarray, geometry: Geometry):
        self.matrix = conv_matrix(kernel, geometry)
        self.nbytes = self.matrix.nbytes

    def __call__(self, x: np.ndarray, out: np.ndarray, threads: int = 1) -> None:
        np.matmul(x.reshape(len(x), -1), self.matrix, out=out.reshape(len(x), -1))


class Dense:
    """y = S^T columns."""

    def __init__(self, kernel: np.ndarray, geometry: Geometry):
        self.where = meetings_matrix(geometry, kernel.dtype)
        self.kernel = kernel.reshape(-1, kernel.shape[-1]).T
        self.outputs = kernel.shape[-2]
        self.nbytes = self.where.nbytes

    def __call__(self, x: np.ndarray, out: np.ndarray, threads: int = 1) -> None:
        columns = np.matmul(x.reshape(-1, x.shape[-1]), self.kernel)
        columns = columns.reshape(len(x), self.where.shape[1], self.outputs)
        np.matmul(self.where, columns, out=out.reshape(len(x), -1, self.outputs))
