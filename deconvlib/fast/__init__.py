"""The transposed convolution, fast, in NumPy alone.

    transpose   once, with the kernel as it comes
    plan        with the kernel prepared, for many calls
    forward     the other direction (forward.py)

Several ways compute it (ways.py).  Each counts what it would do (cost.py) for the BLAS that is there (blas.py), and the
cheapest runs (plans.py):

    tiles of m    phases (runs.py, pieces.py), each a dense stride-1 correlation, in Winograd's tiles (winograd.py, none
                  for m = 1); tiles.py, a chunk of them chunks.py, their products products.py, their kernels kernels.py
    planes        one product for all taps, and then their sums (planes.py), in bands of rows (bands.py)
    windows       the taps of the last axis in one product, and sums over those of the others (windows.py); in bands too
    elementwise   no product, where each input channel meets weights of its own (elementwise.py); in bands as well
    matrix        one product, for tiny layers (matrix.py)
    taps          a product and a sum for each tap (taps.py): the definition

Most cut a layer into chunks, each a program of a few NumPy calls (program.py) in scratch memory (scratch.py), for the
calling thread and its helpers (workers.py); memory stays with its core (cores.py).  Nothing outlives a call but that
memory, helpers that wait for the next one, and what depends on sizes alone.

Every way gives what the definition says, or notices that it cannot, and `taps` computes again: where a result is not
finite, because ways add products with zeros, of which the definition knows nothing.  Tiles refuse numbers of very
different size, too (numbers.py): then the best way without them is tried first.
"""

from __future__ import annotations

import numpy as np

from deconvlib.fast.forward import rotated, strided
from deconvlib.fast.plans import Plan, once, plan
from deconvlib.geometry import Geometry
from deconvlib.methods import accumulate, method

__all__ = ["Plan", "fast", "forward", "plan", "transpose"]


@accumulate
def transpose(inputs: np.ndarray, kernel: np.ndarray, geometry: Geometry, groups: int = 1) -> np.ndarray:
    """The transposed convolution, once, by the way that costs least with the preparation of its kernel.

    inputs [batch, *space, in], kernel [*k, out / groups, in]; returns [batch, *output_size, out].
    """
    dtype = np.result_type(inputs, kernel)
    out: np.ndarray = np.empty((len(inputs), *geometry.output_size, kernel.shape[-2] * groups), dtype)
    if out.size:
        once(inputs.astype(dtype, copy=False), kernel.astype(dtype, copy=False), geometry, groups, out)
    return out


@accumulate
def forward(inputs: np.ndarray, kernel: np.ndarray, geometry: Geometry, groups: int = 1) -> np.ndarray:
    """The forward convolution of the geometry, once.

    inputs [batch, *output_size, out], kernel [*k, out / groups, in]; returns [batch, *input_size, in].
    """
    kernel = kernel.astype(np.result_type(inputs, kernel), copy=False)
    if set(geometry.stride) == {1}:
        return transpose(inputs, *rotated(kernel, geometry, groups), groups)
    return strided(inputs, kernel, geometry, groups)


@method
def fast(inputs: np.ndarray, kernel: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Whatever way costs least for these arrays."""
    return transpose(inputs, kernel, geometry)
