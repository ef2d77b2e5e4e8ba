"""The figures in which each input sample stamps the kernel on the output."""

from __future__ import annotations

import numpy as np

import deconvlib as dl
from docs_tools.drawings.shared import INPUT, KERNEL, partial_sums
from docs_tools.figures import arrow, frame, grid, growing, label, passes, stays, titled

__all__ = ["at_a_glance", "stamps"]


def at_a_glance():
    """A transposed convolution in four steps

    A 2 by 2 input of four numbers, 1, 2, 3, 4, a 3 by 3 kernel, 1 to 9, and a 5 by 5 output. Step by step each input
    sample is multiplied by the kernel, and the product is added to the output, two samples from the one before. After
    the last step the output's rows are 1 2 5 4 6; 4 5 14 10 12; 10 14 36 24 30; 12 15 34 20 24; 21 24 55 32 36.
    """
    stride, size, top = 2, 26, 24
    geometry = dl.Geometry.of(INPUT.shape, KERNEL.shape, stride)
    (rows, columns), k = geometry.output_size, len(KERNEL)
    middle, right = 2 * size + 26, (2 + k) * size + 74
    centre = top + rows * size / 2
    body = []
    for step, (y, x) in enumerate(np.ndindex(*INPUT.shape)):
        body.append(
            passes(
                step,
                frame(2 + x * size, centre - size + y * size, size, size, "input"),
                frame(right + stride * x * size, top + stride * y * size, k * size, k * size, "input"),
                label(middle + k * size / 2, centre + k * size / 2 + 20, f"{INPUT[y, x]} × kernel", "input says"),
                still=step == 3,
            )
        )
    states = [(sums, np.where(count > 0, "output", "zero")) for sums, count in partial_sums(geometry)]
    return (
        right + columns * size + 2,
        top + rows * size + 4,
        titled("input", "input", INPUT, 2, centre - size, size, 12),
        label(2 * size + 14, centre, "×", size=18),
        titled("kernel", "kernel", KERNEL, middle, centre - k * size / 2, size, 12),
        arrow(middle + k * size + 8, centre, right - 8, centre),
        growing(states, right, top, size),
        label(right + columns * size / 2, 12, "output", "output"),
        *body,
    )


def stamps():
    """Four stamps, and their sum

    Each of the four input samples 1, 2, 3, 4 paints a copy of the 3 by 3 kernel, multiplied by its value, on a 5 by 5
    canvas; the copies lie two samples apart. In four steps one canvas after the other is painted, and added to the
    output. Purple marks samples where stamps overlap: two stamps in the middle of the edges, four in the centre, where
    9·1 + 7·2 + 3·3 + 1·4 = 36.
    """
    geometry = dl.Geometry.of((2, 2), 3, stride=2)
    size, gap = 20, 12
    left, sum_top = 2 * (5 * size + gap) + 18, 5 * size / 2 + gap / 2 + 22
    blank = np.full((5, 5), np.nan)
    body, frames = [], []
    for step, sample in enumerate(np.ndindex(2, 2)):
        x, y = 2 + sample[1] * (5 * size + gap), 22 + sample[0] * (5 * size + gap + 14)
        right, down = 2 * size * sample[1], 2 * size * sample[0]
        body.append(label(x + 2.5 * size, y - 10, f"{INPUT[sample]} × kernel", "input"))
        body.append(grid(blank, "zero", x, y, size))
        body.append(stays(step, grid(INPUT[sample] * KERNEL, "kernel", x + right, y + down, size)))
        frames.append(
            passes(
                step,
                frame(x + right, y + down, 3 * size, 3 * size, "input"),
                frame(left + right, sum_top + down, 3 * size, 3 * size, "input"),
            )
        )
    states = [
        (sums, np.select([count > 1, count == 1], ["overlap", "output"], "zero"), np.where(count > 1, count / 5, 1))
        for sums, count in partial_sums(geometry)
    ]
    return (
        left + 5 * size + 2,
        22 + 2 * (5 * size + gap) + 14,
        *body,
        label(left + 2.5 * size, sum_top - 26, "output:", "output"),
        label(left + 2.5 * size, sum_top - 11, "the sum", "output"),
        growing(states, left, sum_top, size),
        label(left + 2.5 * size, sum_top + 5 * size + 12, "purple: overlap", "overlap"),
        *frames,
    )
