"""The figures of one axis of a checkerboard: bars that should be level, and are not."""

from __future__ import annotations

import numpy as np

import deconvlib as dl
from docs_tools.figures import label, line, tag

__all__ = ["constant", "layers"]

WIDTH, HIGH = 340, 48


def upsample(values: np.ndarray, taps) -> np.ndarray:
    """One transposed convolution with stride 2, on one axis."""
    kernel = np.reshape(taps, (-1, 1, 1))
    return dl.conv_transpose(values[None, :, None], kernel, strides=2)[0, :, 0]


def comb(values: np.ndarray, words: str, top: float, role: str, step: float) -> list[str]:
    """A bar for each sample, as high as its value, and the value below it where there is room."""
    floor = top + 20 + HIGH
    body = [label(4, top + 8, words, "ink", "start"), line(4, floor, 4 + step * len(values), floor)]
    for sample, value in enumerate(values):
        x, height = 4 + step * sample, HIGH * value / values.max()
        body.append(tag("rect", x=x + 1, y=floor - height, width=step - 2, height=height, class_=role))
        if step > 14:
            body.append(label(x + step / 2, floor + 10, value, "muted", size=11))
    return body


def constant():
    """What becomes of a constant: even overlap is not enough

    Three rows of bars, the outputs of an input of six ones at stride 2. Kernel 1 1 1: two bars and one alternate, for
    the overlap is uneven. Kernel 5 1 2 3: the overlap is even, two taps everywhere, and still seven and four alternate.
    Kernel 1 3 3 1: away from the ends every bar is four.
    """
    ones, body = np.ones(6, int), []
    for row, taps in enumerate(((1, 1, 1), (5, 1, 2, 3), (1, 3, 3, 1))):
        words = f"kernel {' '.join(map(str, taps))}: the phases' taps add to {sum(taps[::2])} and {sum(taps[1::2])}"
        body += comb(upsample(ones, taps), words, 2 + row * 96, "output", 23)
    return WIDTH, 3 * 96 - 2, *body


def layers():
    """Each further layer multiplies the pattern

    Three rows of bars: how many ways lead to each output sample, for kernel 3 and stride 2. After one layer one and two
    alternate. After two the counts go from one to three, after three from one to five, and the pattern has finer teeth
    with each layer.
    """
    counts, body = np.ones(4, int), []
    for row, words in enumerate(("one layer", "two layers", "three layers")):
        counts = upsample(counts, (1, 1, 1))
        words = f"{words}: from {counts.min()} to {counts.max()}"
        body += comb(counts, words, 2 + row * 96, "overlap", 332 / len(counts))
    return WIDTH, 3 * 96 - 20, *body
