"""The ways to compute it, side by side."""

from __future__ import annotations

import numpy as np

import deconvlib as dl
from deconvlib.arrays import insert_zeros, pad_or_crop
from docs_tools.drawings.shared import INPUT, KERNEL, transposed
from docs_tools.figures import arrow, frame, grid, label, tag

__all__ = ["three_ways"]


def three_ways():
    """One operation, three ways

    Three rows, each from the same 2 by 2 input to the same 5 by 5 output, with a 3 by 3 kernel and stride 2. First: the
    kernel is stamped four times, two samples apart; the first and the last stamp are framed, and where stamps overlap
    the cells are purple. Second: the input is multiplied by the transpose of the
    convolution's matrix C, 4 by 25, in which the kernel's entries lie in bands. Third: the input with zeros between its
    samples and around them, 7 by 7, with a 3 by 3 window on it.
    """
    geometry = dl.Geometry.of((2, 2), 3, stride=2)
    matrix = dl.conv_matrix(KERNEL[..., None, None], geometry)
    stretched = pad_or_crop(insert_zeros(INPUT[None, ..., None], (2, 2)), ((2, 2), (2, 2)))[0, ..., 0]
    out = transposed(INPUT, KERNEL, geometry)

    side = 17
    reached = np.where(dl.overlap(geometry) > 1, "overlap", "kernel")
    stamped = grid(np.full(out.shape, np.nan), reached, 0, 0, side)
    for begin in (0, 2 * side):  # of the first stamp and the last: all four would be a lattice
        stamped += frame(begin + 1, begin + 1, 3 * side - 2, 3 * side - 2, "input")
    bands = grid(np.full(matrix.shape, np.nan), np.where(matrix == 0, "zero", "kernel"), 0, 0, 7)
    window = grid(stretched, np.where(stretched == 0, "zero", "input"), 0, 0, side)
    window += frame(side, side, 3 * side, 3 * side, "kernel")
    rows = (
        ("1 · stamp the kernel, two samples apart", stamped, 5 * side, 5 * side),
        ("2 · multiply by the transposed matrix of the convolution", bands, 25 * 7, 4 * 7),
        ("3 · stretch with zeros, pad, and convolve", window, 7 * side, 7 * side),
    )

    width, size, top, body = 350, 20, 28, []
    left, right = 2, width - 2 - size * len(out)
    centre = (left + 2 * size + right) / 2
    for words, middle, breadth, height in rows:
        y = top + max(height, size * len(out)) / 2
        body += [
            label(width / 2, top - 16, words, size=13),
            grid(INPUT, "input", left, y - size, size),
            arrow(left + 2 * size + 4, y, centre - breadth / 2 - 4, y),
            tag("g", middle, transform=f"translate({centre - breadth / 2:g} {y - height / 2:g})"),
            arrow(centre + breadth / 2 + 4, y, right - 4, y),
            grid(out, "output", right, y - size * len(out) / 2, size),
        ]
        top += max(height, size * len(out)) + 42
    return width, top - 36, *body
