"""Tiny layers: nothing but one product, because each call costs more than its work.

    y = C.T @ x,        C[(j, in), (o, out)] = sum over taps t of  S[j, o, t] kernel[t, out, in]

where S, with a one where  s j + d t - cb = o, depends on the geometry alone and is kept for the next kernel.  Kernel 3
on 2 x 2 samples: C has 4 rows and 16 columns, 36 of its 64 entries are weights, the others are zeros.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from deconvlib.fast.cost import CALL, Cost, SizedLayer, effort
from deconvlib.fast.numbers import finite
from deconvlib.fast.program import Job, Weights
from deconvlib.fast.ways import Way, Work
from deconvlib.geometry import Geometry
from deconvlib.matrix import conv_matrix

__all__ = ["Matrix", "meetings"]

ENTRIES = 1 << 15  # of S and of C, at most, because they are mostly zeros


@functools.lru_cache(32)
def meetings(geometry: Geometry, dtype: np.dtype) -> np.ndarray:
    """S as [j, o, t]: the matrix of the layer whose input channels are its taps, each of weight one."""
    taps = math.prod(geometry.kernel_size)
    matrix = conv_matrix(np.eye(taps, dtype=dtype).reshape(*geometry.kernel_size, 1, taps), geometry)
    return np.ascontiguousarray(matrix.reshape(-1, taps, matrix.shape[1]).swapaxes(1, 2))


class Matrix(Way):
    name = "matrix"

    def cost(self, layer: SizedLayer) -> Cost | None:
        geometry = layer.geometry
        samples, outputs, taps = map(math.prod, (geometry.input_size, geometry.output_size, geometry.kernel_size))
        rows, columns = samples * layer.inputs, outputs * layer.outputs
        if layer.groups > 1 or max(samples * outputs * taps, rows * columns) > ENTRIES:
            return None
        entries = rows * columns * layer.dtype.itemsize
        made = (taps + 2) * entries + 4 * CALL * layer.kind.memory_a_second
        done = effort(layer.batch, rows, columns, layer.dtype.itemsize)
        multiplications = layer.batch * rows * columns
        return Cost(multiplications, whole=done, cut=math.inf, bytes=entries, calls=1, prepared=made)

    def weights(self, kernel: np.ndarray, work: Work) -> Weights:
        where, (outputs, inputs) = meetings(work.layer.geometry, kernel.dtype), kernel.shape[-2:]
        samples, reached, taps = where.shape
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            pairs = np.dot(where.reshape(-1, taps), kernel.reshape(taps, -1)).reshape(samples, reached, outputs, inputs)
        return {"matrix": [pairs.transpose(0, 3, 1, 2).reshape(samples * inputs, -1)]}

    def jobs(self, layer: SizedLayer, threads: int) -> list[Job]:
        return []

    def run(self, x: np.ndarray, out: np.ndarray, weights: Weights, work: Work) -> bool:
        """np.dot starts faster than np.matmul."""
        (matrix,) = weights["matrix"]
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            np.dot(x.reshape(len(x), -1), matrix, out.reshape(len(x), -1))
            return finite(out)
