"""The transposed convolution, fast, in NumPy alone."""

from __future__ import annotations

import numpy as np

from deconvlib.fast.stamp import stamp
from deconvlib.geometry import Geometry
from deconvlib.methods import method

__all__ = ["fast", "transpose"]


def transpose(inputs: np.ndarray, kernel: np.ndarray, geometry: Geometry, groups: int = 1) -> np.ndarray:
    """The transposed convolution, once, by the way that costs least.

    inputs [batch, *space, in], kernel [*k, out / groups, in]; returns [batch, *output_size, out].
    """
    return stamp(inputs, kernel, geometry, groups)


@method
def fast(inputs, kernel, geometry):
    """Whatever way costs least for these arrays."""
    return transpose(inputs, kernel, geometry)
