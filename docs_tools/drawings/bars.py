"""The figures in which a height or a length is a number: combs, triangles, sizes of layers, costs, speed."""

from __future__ import annotations

import math

import numpy as np

import deconvlib as dl
from docs_tools.drawings.shared import transposed
from docs_tools.figures import Figure
from docs_tools.tables.speed import results

__all__ = ["constant", "cost", "hourglass", "layers", "speed", "triangles"]


def upsample(values: np.ndarray, taps) -> np.ndarray:
    """One transposed convolution with stride 2, on one axis."""
    kernel = np.reshape(taps, (-1, 1, 1))
    return dl.conv_transpose(values[None, :, None], kernel, strides=2)[0, :, 0]


def comb(figure: Figure, values: np.ndarray, words: str, top: float, role: str, step: float) -> None:
    """A bar for each sample, as high as its value, and the value below it where there is room."""
    high = 48
    floor = top + 20 + high
    figure.label(4, top + 8, words, "ink", "start")
    figure.line(4, floor, 4 + step * len(values), floor)
    for sample, value in enumerate(values):
        x, height = 4 + step * sample, high * value / values.max()
        figure.bar(x + 1, floor - height, step - 2, height, role)
        if step > 14:
            figure.label(x + step / 2, floor + 10, value, "muted", size=11)


def constant(figure: Figure):
    """What becomes of a constant: even overlap is not enough

    Three rows of bars, the outputs of an input of six ones at stride 2. Kernel 1 1 1: two bars and one alternate, for
    the overlap is uneven. Kernel 5 1 2 3: the overlap is even, two taps everywhere, and still seven and four alternate.
    Kernel 1 3 3 1: away from the ends every bar is four.
    """
    for row, taps in enumerate(((1, 1, 1), (5, 1, 2, 3), (1, 3, 3, 1))):
        words = f"kernel {' '.join(map(str, taps))}: the phases' taps add to {sum(taps[::2])} and {sum(taps[1::2])}"
        comb(figure, upsample(np.ones(6, int), taps), words, 2 + row * 96, "output", 23)
    return 340, 286


def layers(figure: Figure):
    """Each further layer multiplies the pattern

    Three rows of bars: how many ways lead to each output sample, for kernel 3 and stride 2. After one layer one and two
    alternate. After two the counts go from one to three, after three from one to five, and the pattern has finer teeth
    with each layer.
    """
    counts = np.ones(4, int)
    for row, words in enumerate(("one layer", "two layers", "three layers")):
        counts = upsample(counts, (1, 1, 1))
        words = f"{words}: from {counts.min()} to {counts.max()}"
        comb(figure, counts, words, 2 + row * 96, "overlap", 332 / len(counts))
    return 340, 268


def triangles(figure: Figure):
    """Bilinear stamps are triangles, and add up to one

    Five input samples, all one, two output samples apart. Above, each one's stamp: a triangle, which the kernel reads
    at four places as one quarter, three quarters, three quarters, one quarter. Below, the output, a bar for each sample
    on which the stamps pile up one after the other: wherever two triangles meet, one quarter and three quarters make
    one. At each end two bars stay at one quarter and three quarters, for a neighbour is missing.
    """
    stride, count, taps = 2, 5, np.array([1, 3, 3, 1]) / 4
    axis = dl.Axis(count, len(taps), stride)
    step, left, high = 28, 24, 64
    base, floor = 10 + high, 10 + 2 * high + 44
    right = left + step * axis.full_size
    middles = left + step * (np.arange(axis.full_size) + 0.5)
    stamps = [transposed(one, taps, dl.Geometry((axis,))) for one in np.eye(count)]
    strengths = [0.9 if n % 2 else 0.4 for n in range(count)]  # so that neighbours can be told apart

    for zero in (base, floor):
        figure.line(left, zero, right, zero)
        figure.label(left - 6, zero - high, "1", "muted", "end")
        figure.label(left - 6, zero, "0", "muted", "end")
    with figure.group(opacity=0.5):
        figure.line(left, floor - high, right, floor - high)
    for n, strength in enumerate(strengths):
        top = middles[stride * n] + step * (len(taps) - 1) / 2
        outline = f"M{top - stride * step:g} {base}L{top:g} {base - high}L{top + stride * step:g} {base}Z"
        with figure.staying(n):
            figure.add("path", d=outline, class_="kernel", fill_opacity=strength / 2)
    piled = np.zeros(axis.full_size)
    for n, (stamp, strength) in enumerate(zip(stamps, strengths)):
        with figure.staying(n):  # over all of the triangles, or some of the dots would lie behind the next one
            for x, value, below in zip(middles, stamp, piled):
                if value:
                    figure.add("circle", cx=x, cy=base - high * value, r=3.5, class_="ink")
                    top = floor - high * (below + value)
                    figure.bar(x - 10, top, 20, high * value, "kernel", strength)
        piled += stamp
    for sample, total in enumerate(piled):
        with figure.staying(min(sample // stride, count - 1)):  # the last stamp that reaches it
            figure.label(middles[sample], floor + 12, f"{total:g}".lstrip("0"), size=11)
    figure.label(left, base + 16, "the stamps, and the four taps of each", "kernel", "start")
    figure.label(left, floor + 30, "their sum in each output sample", "ink", "start")
    return right + 4, floor + 40


def hourglass(figure: Figure):
    """An encoder's sizes, and its decoder's

    Seven bars, as high as the sizes. Three convolutions with kernel 3, stride 2 and padding 1 make 14, 7 and 4 samples
    of 28. Three transposed convolutions with the same arguments lead back to 7, 14 and 28, with an output_padding of 0,
    1 and 1. Below, where they would lead with an output_padding of 0 everywhere: 7, 13 and 25.
    """
    kernel_size, stride, padding = 3, 2, 1
    down = [28]
    while len(down) < 4:
        down.append((down[-1] + 2 * padding - kernel_size) // stride + 1)
    up = down[-2::-1]
    without = [down[-1]]
    while len(without) < 4:
        without.append(dl.Axis(without[-1], kernel_size, stride, crop=(padding, padding)).output_size)
    wide, step, scale, top = 22, 54, 3.4, 26
    bottom = top + scale * down[0]
    below = bottom + 62

    def arrow_from(column: int, y: float, role: str) -> None:
        x = 2 + column * step + wide
        figure.arrow(x + 4, y, x + step - wide - 4, y, role)

    for column, samples in enumerate([*down, *up]):
        role = "input" if column < len(down) else "output"
        y = bottom - scale * samples
        figure.bar(2 + column * step, y, wide, scale * samples, role, rx=2)
        figure.label(2 + column * step + wide / 2, y - 10, samples, role, size=13)
        if column:
            arrow_from(column - 1, bottom - 8, role)
    for column, (before, after) in enumerate(zip([down[-1], *up], up), len(down) - 1):
        extra = dl.output_sizes(before, kernel_size, stride, padding)[after]
        figure.label(2 + column * step + (step + wide) / 2, bottom - 20, f"a = {extra}", "output", size=11)
        arrow_from(column, below, "crop")
    for column, samples in enumerate(without, len(down) - 1):
        figure.label(2 + column * step + wide / 2, below, samples, "crop", size=13)
    right = 2 + 6 * step + wide
    figure.label(2, below - 20, "with output_padding 0 everywhere", "crop", "start")
    figure.label(2, bottom + 16, "convolutions", "input", "start")
    figure.label(right, bottom + 16, "transposed convolutions", "output", "end")
    return right + 4, below + 14


def cost(figure: Figure):
    """Products of each method, and how many of them are with a zero

    Four bars for six samples a side, kernel 4 and stride 2. Every bar begins with the same 576 products that are
    needed. The matrix goes on to 7056, fractional stride to 3136, sub-pixel to 784, and stamps stop at 576: the rest is
    multiplied by zeros.
    """
    axis = dl.Axis(6, 4, stride=2)
    needed = (axis.input_size * axis.kernel_size) ** 2
    border = 2 * (axis.kernel_size // axis.stride - 1)
    phases = axis.stride * (axis.input_size + border // 2) * (axis.kernel_size // axis.stride)
    counts = {
        "matrix": (axis.input_size * axis.full_size) ** 2,
        "fractional stride": (axis.full_size * axis.kernel_size) ** 2,
        "sub-pixel": phases**2,
        "stamps": needed,
    }
    left, scale = 104, 190 / max(counts.values())
    for n, (name, count) in enumerate(counts.items()):
        y = 6 + 30 * n
        figure.label(2, y + 10, name, "ink", "start")
        figure.bar(left, y, scale * count, 20, "zero")
        figure.bar(left, y, scale * needed, 20, "kernel")
        figure.label(left + scale * count + 6, y + 10, f"{count:,}", "ink", "start")
    figure.label(left, 136, "needed", "kernel", "start")
    figure.label(left + 56, 136, "multiplied by zeros (dashed)", "muted", "start")
    return 350, 148


def speed(figure: Figure):
    """Our speed against the fastest framework on each layer

    One row a layer, on a logarithmic scale from a tenth to ten. The bar goes from the strong line, as fast as the
    fastest framework, to the median ratio of the prepared plan: filled and to the right where deconvlib is faster,
    hollow and to the left where it is slower. The thin line is its interquartile range. The tick is the ratio to
    TensorFlow.
    """
    left, width, row, top = 92, 324, 20, 30
    measured = results()["layers"]
    bottom = top + row * len(measured)

    def place(ratio: float) -> float:
        return left + width * (math.log10(min(max(ratio, 0.1), 10)) + 1) / 2

    for ratio in (0.1, 0.2, 0.5, 1, 2, 5, 10):
        x = place(ratio)
        with figure.group(opacity=1 if ratio == 1 else 0.25):
            figure.line(x, top - 4, x, bottom, "ink" if ratio == 1 else "muted")
        figure.label(x, top - 10, f"{ratio:g}", "muted")
    for index, (name, layer) in enumerate(measured.items()):
        y = top + row * (index + 0.5)
        low, middle, high = layer["summary"]["recycled_to_best"]
        begin, end = sorted((place(1), place(middle)))
        tensorflow = place(layer["summary"]["recycled_to_tensorflow"][1])
        faster = middle >= 1
        figure.label(left - 8, y, name, "ink", "end")
        figure.bar(begin, y - 5, max(1, end - begin), 10, "muted", int(faster))
        figure.line(place(low), y, place(high), y, "ink")
        figure.line(tensorflow, y - 7, tensorflow, y + 7, "ink")
        figure.label(left + width + 8, y, f"{middle:.2f}", "ink" if faster else "muted", "start")
    figure.label(left + width / 2, bottom + 18, "times as fast as the fastest framework; tick: TF", "muted")
    return left + width + 44, bottom + 26
