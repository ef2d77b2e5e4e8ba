"""The figure of the bilinear kernel: triangles that add up to one."""

from __future__ import annotations

import numpy as np

import deconvlib as dl
from docs_tools.drawings.shared import transposed
from docs_tools.figures import label, line, stays, tag

__all__ = ["triangles"]


def triangles():
    """Bilinear stamps are triangles, and add up to one

    Five input samples, all one, two output samples apart. Above, each one's stamp: a triangle, which the kernel reads
    at four places as one quarter, three quarters, three quarters, one quarter. Below, the output, a bar for each sample
    on which the stamps pile up one after the other: wherever two triangles meet, one quarter and three quarters make
    one. At each end two bars stay at one quarter and three quarters, for a neighbour is missing.
    """
    stride, count = 2, 5
    taps = np.array([1, 3, 3, 1]) / 4
    axis = dl.Axis(count, len(taps), stride)
    step, left, high = 28, 24, 64
    base, floor = 10 + high, 10 + 2 * high + 44
    wide = left + step * axis.full_size

    def middle(sample: float) -> float:
        return left + step * (sample + 0.5)

    body = [
        line(left, base, wide, base),
        label(left - 6, base - high, "1", "muted", "end"),
        label(left - 6, base, "0", "muted", "end"),
        line(left, floor, wide, floor),
        tag("g", line(left, floor - high, wide, floor - high), opacity=0.5),
        label(left - 6, floor - high, "1", "muted", "end"),
        label(left - 6, floor, "0", "muted", "end"),
    ]
    piled, above = np.zeros(axis.full_size), []
    for stamp in range(count):
        stamped = transposed((np.arange(count) == stamp).astype(float), taps, dl.Geometry((axis,)))
        top = middle(stride * stamp + (len(taps) - 1) / 2)
        outline = f"M{top - stride * step:g} {base}L{top:g} {base - high}L{top + stride * step:g} {base}Z"
        strength = 0.9 if stamp % 2 else 0.4  # so that neighbours can be told apart
        body.append(stays(stamp, tag("path", d=outline, class_="kernel", fill_opacity=strength / 2)))
        drawn = []  # over all of the triangles, or some of the dots would lie behind the next one
        for sample in np.flatnonzero(stamped):
            x, value = middle(sample), stamped[sample]
            drawn.append(tag("circle", cx=x, cy=base - high * value, r=3.5, class_="ink"))
            bar = floor - high * (piled[sample] + value)
            drawn.append(
                tag("rect", x=x - 10, y=bar, width=20, height=high * value, class_="kernel", fill_opacity=strength)
            )
        piled += stamped
        above.append(stays(stamp, *drawn))
    body += above
    for sample, total in enumerate(piled):
        last = min(sample // stride, count - 1)  # the last stamp that reaches it
        body.append(stays(last, label(middle(sample), floor + 12, f"{total:g}".lstrip("0"), size=11)))
    body.append(label(left, base + 16, "the stamps, and the four taps of each", "kernel", "start"))
    body.append(label(left, floor + 30, "their sum in each output sample", "ink", "start"))
    return wide + 4, floor + 40, *body
