"""The example of most figures, and the ways to compute it."""

from collections.abc import Iterator

import numpy as np

import deconvlib as dl

INPUT = np.array([[1, 2], [3, 4]])
KERNEL = np.arange(1, 10).reshape(3, 3)  # neither symmetric nor constant: a missing flip would show


def transposed(inputs: np.ndarray, kernel: np.ndarray, geometry: dl.Geometry) -> np.ndarray:
    """One sample, one channel: arrays [*space] and [*k] in, [*space] out."""
    return dl.METHODS["scatter"](inputs[None, ..., None], kernel[..., None, None], geometry)[0, ..., 0]


def sum_of_products(weights: np.ndarray, values: np.ndarray) -> str:
    """As it is written: 9·1 + 8·2.  What a zero is multiplied by is left out."""
    return " + ".join(f"{w}·{v}" for w, v in zip(np.ravel(weights), np.ravel(values)) if v)


def partial_sums(geometry: dl.Geometry) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The output of INPUT and KERNEL before the first stamp and after each, and how many stamps reach."""
    so_far = np.zeros_like(INPUT)
    count = np.zeros(geometry.output_size, int)
    yield count, count
    for sample in np.ndindex(*INPUT.shape):
        so_far[sample] = INPUT[sample]
        count = transposed(so_far > 0, np.ones_like(KERNEL), geometry)
        yield transposed(so_far, KERNEL, geometry), count
