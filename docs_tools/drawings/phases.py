"""The figure of the phases."""

from __future__ import annotations

import numpy as np

import deconvlib as dl
from docs_tools.drawings.shared import INPUT, KERNEL, transposed
from docs_tools.figures import arrow, cell, frame, grid, label, passes, stays, titled

__all__ = ["subpixel"]


def subpixel():
    """The kernel's taps in four phases, A to D, and the output interleaved from them

    A 3 by 3 kernel with stride 2 falls apart by the parity of row and column. Phase A has the four corner taps, 1 3 7
    9, phase B the two taps 2 8, phase C the two taps 4 6, phase D the middle tap 5. Each phase is a small convolution
    of its own, at stride 1, of the input 1 2 3 4, and makes every second sample of the 5 by 5 output: A makes 1 5 6 10
    36 30 21 55 36. In four steps the taps of one phase are marked, and the samples that it makes.
    """
    stride, k = 2, len(KERNEL)
    total = transposed(INPUT, KERNEL, dl.Geometry.of((2, 2), k, stride=stride))
    size, small, right = 28, 22, 204
    top = 24
    below = top + len(total) * size + 34
    body = [
        titled("kernel", "kernel", KERNEL, 2, top + size, size, 12),
        arrow(2 + k * size + 14, top + len(total) * size / 2, right - 14, top + len(total) * size / 2),
        label(right + len(total) * size / 2, 12, "output", "output"),
        grid(np.full(total.shape, np.nan), "zero", right, top, size),
    ]
    x = 8.0
    for step, (letter, (row, column)) in enumerate(zip("ABCD", np.ndindex(stride, stride))):
        taps, made = KERNEL[row::stride, column::stride], total[row::stride, column::stride]
        width = max(taps.shape[1], made.shape[1]) * small
        body.append(label(x + width / 2, below - 14, f"phase {letter}", "ink"))
        body.append(grid(taps, "kernel", x + (width - taps.shape[1] * small) / 2, below, small))
        body.append(
            stays(step, grid(made, "output", x + (width - made.shape[1] * small) / 2, below + 2.5 * small, small))
        )
        marks = [frame(x - 5, below - 24, width + 10, 5.5 * small + 30, "ink")]
        for m, n in np.ndindex(*KERNEL.shape):
            if (m % stride, n % stride) == (row, column):
                marks.append(frame(2 + size * n, top + size + size * m, size, size, "ink"))
        for m, n in np.ndindex(*total.shape):
            if (m % stride, n % stride) == (row, column):
                body.append(stays(step, cell(right + size * n, top + size * m, size, "output", total[m, n])))
                marks.append(frame(right + size * n, top + size * m, size, size, "ink"))
        body.append(passes(step, *marks, still=step == 0))
        x += width + 24
    return max(x - 18, right + len(total) * size + 2), below + 5.5 * small + 12, *body
