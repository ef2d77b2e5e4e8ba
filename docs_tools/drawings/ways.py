"""The ways to compute it, side by side."""

from __future__ import annotations

import numpy as np

import deconvlib as dl
from deconvlib.arrays import insert_zeros, pad_or_crop
from docs_tools.drawings.shared import INPUT, KERNEL, transposed
from docs_tools.figures import arrow, frame, grid, label

__all__ = ["three_ways"]


def equation(width: float, y: float, size: float, middle: str, middle_size: tuple, geometry, captions) -> str:
    """Input -> mechanism -> output, centred on y."""
    (rows, columns), (height, breadth) = geometry.input_size, middle_size
    out = transposed(INPUT, KERNEL, geometry)
    left, right = 2, width - 2 - size * out.shape[1]
    centre = (left + columns * size + right) / 2
    return "".join(
        (
            grid(INPUT, "input", left, y - size * rows / 2, size),
            arrow(left + columns * size + 4, y, centre - breadth / 2 - 4, y),
            f'<g transform="translate({centre - breadth / 2:g} {y - height / 2:g})">{middle}</g>',
            arrow(centre + breadth / 2 + 4, y, right - 4, y),
            grid(out, "output", right, y - size * len(out) / 2, size),
            label(width / 2, y - max(height, size * len(out)) / 2 - 14, captions, size=13),
        )
    )


def three_ways():
    """One operation, three ways

    Three rows, each from a 2 by 2 input to its output. First, at stride 1: the input is multiplied by the transpose of
    the convolution's matrix C, 4 by 16, in which the kernel's entries lie in bands; the output is 4 by 4. Second: the
    input in the middle of a 6 by 6 grid of zeros, with a 3 by 3 window on it; the same 4 by 4 output. Third, at stride
    2: the input with zeros between its samples and around them, 7 by 7, with the 3 by 3 window; the output is 5 by 5.
    """
    one, two = dl.Geometry.of((2, 2), 3), dl.Geometry.of((2, 2), 3, stride=2)
    matrix = dl.conv_matrix(KERNEL[..., None, None], one)
    bands = np.where(matrix == 0, "zero", "kernel")
    small = grid(np.full(matrix.shape, None), bands, 0, 0, 9)
    around = pad_or_crop(INPUT[None, ..., None], ((2, 2), (2, 2)))[0, ..., 0]
    between = pad_or_crop(insert_zeros(INPUT[None, ..., None], (2, 2)), ((2, 2), (2, 2)))[0, ..., 0]
    windowed = [
        grid(padded, np.where(padded == 0, "zero", "input"), 0, 0, 17) + frame(17, 17, 51, 51, "kernel")
        for padded in (around, between)
    ]
    width = 350
    return (
        width,
        422,
        equation(width, 72, 20, small, (36, 144), one, "1 · multiply by the transposed matrix of the convolution"),
        equation(width, 208, 20, windowed[0], (102, 102), one, "2 · pad with zeros, then convolve"),
        equation(width, 358, 20, windowed[1], (119, 119), two, "3 · stretch with zeros, pad, then convolve"),
    )
