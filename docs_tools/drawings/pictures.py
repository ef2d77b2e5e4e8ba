"""The figures that show a real picture: the cameraman of scikit-image (CC0, by Lav Varshney)."""

from __future__ import annotations

import numpy as np
from skimage.data import camera

import deconvlib as dl
from docs_tools.drawings.shared import transposed
from docs_tools.figures import label, picture

__all__ = ["checkerboard_picture"]


def photograph(size: int) -> np.ndarray:
    """The head of the cameraman, size by size samples from 0 to 1."""
    crop = camera()[40:232, 140:332] / 255
    step = len(crop) // size
    return crop[: step * size, : step * size].reshape(size, step, size, step).mean((1, 3))


def row(pictures: dict[str, np.ndarray], size: float = 168) -> tuple:
    """Pictures side by side, two in a row, each with its name above."""
    body = []
    for n, (name, values) in enumerate(pictures.items()):
        x, y = 2 + n % 2 * (size + 12), 22 + n // 2 * (size + 28)
        body += [label(x + size / 2, y - 10, name), picture(values, x, y, size)]
    return 2 * size + 16, (len(pictures) + 1) // 2 * (size + 28), *body


def checkerboard_picture():
    """The same picture, enlarged twofold by averaging kernels of size 3 and of size 4

    Two photographs of a man behind a camera. Left, enlarged by a transposed convolution with kernel 3 and stride 2: a
    grid of light and dark samples covers the picture. Right, with kernel 4 and stride 2: no grid, a soft picture.
    """
    small = photograph(48)
    pictures = {}
    for k in (3, 4):
        geometry = dl.Geometry.of(small.shape, k, stride=2, crop=(1, k - 3))
        pictures[f"kernel {k}, stride 2"] = transposed(small, np.full((k, k), 4 / k**2), geometry)
    return row(pictures)
