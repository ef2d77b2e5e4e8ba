"""The transposed convolution, fast, in NumPy alone.

    transpose   once, with the kernel as it comes
    plan        with the kernel prepared, for many calls
    forward     the other direction (forward.py)

Several ways compute it; `cost.py` counts what each would do, and the cheapest runs:

    tiles.py        phases, each a dense stride-1 correlation, in Winograd's tiles (winograd.py)
    direct.py       one product for all taps, and then their sums, block by block, in bands of rows (bands.py)
    elementwise.py  no product, where each input channel meets weights of its own; in bands as well
    dense.py        one product, for tiny layers

All but the last cut a layer into chunks (program.py) for the workers (threads.py).
"""

from __future__ import annotations

import functools

import numpy as np

from deconvlib.fast.cost import Layer
from deconvlib.fast.forward import rotated, strided
from deconvlib.fast.plans import Plan, choose, plan, prepare
from deconvlib.fast.threads import available
from deconvlib.geometry import Geometry
from deconvlib.methods import accumulate, method

__all__ = ["Plan", "fast", "forward", "plan", "transpose"]


@accumulate
def transpose(inputs: np.ndarray, kernel: np.ndarray, geometry: Geometry, groups: int = 1) -> np.ndarray:
    """The transposed convolution, once, by the way that costs least with the preparation of its kernel.

    inputs [batch, *space, in], kernel [*k, out / groups, in]; returns [batch, *output_size, out].
    """
    dtype = np.result_type(inputs, kernel)
    inputs, kernel = inputs.astype(dtype, copy=False), kernel.astype(dtype, copy=False)
    name, threads, shape = _once(geometry, inputs.shape, kernel.shape[-2] * groups, groups, dtype, available())
    out = np.empty(shape, dtype)
    if out.size:
        prepare(name, kernel, geometry, groups, once=True)(inputs, out, threads)
    return out


@accumulate
def forward(inputs: np.ndarray, kernel: np.ndarray, geometry: Geometry, groups: int = 1) -> np.ndarray:
    """The forward convolution of the geometry, once.

    inputs [batch, *output_size, out], kernel [*k, out / groups, in]; returns [batch, *input_size, in].
    """
    dtype = np.result_type(inputs, kernel)
    kernel = kernel.astype(dtype, copy=False)
    if set(geometry.stride) == {1}:
        return transpose(inputs, *rotated(kernel, geometry, groups), groups)
    return strided(inputs, kernel, geometry, groups)


@functools.lru_cache(1024)
def _once(geometry, shape, outputs, groups, dtype, threads):
    """The way, its threads, and the shape of the output."""
    exact = dtype not in (np.float32, np.float64)
    layer = Layer(geometry, max(shape[0], 1), shape[-1], outputs, groups, dtype.itemsize, exact, once=True)
    return *choose(layer, threads), (shape[0], *geometry.output_size, outputs)


@method
def fast(inputs, kernel, geometry):
    """Whatever way costs least for these arrays."""
    return transpose(inputs, kernel, geometry)
