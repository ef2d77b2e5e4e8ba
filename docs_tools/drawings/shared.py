"""The example of most figures, and the way to compute it."""

import numpy as np

import deconvlib as dl

INPUT = np.array([[1, 2], [3, 4]])
KERNEL = np.arange(1, 10).reshape(3, 3)  # neither symmetric nor constant: a missing flip would show


def transposed(inputs: np.ndarray, kernel: np.ndarray, geometry: dl.Geometry) -> np.ndarray:
    """One sample, one channel: arrays [*space] and [*k] in, [*space] out."""
    return dl.METHODS["scatter"](inputs[None, ..., None], kernel[..., None, None], geometry)[0, ..., 0]
