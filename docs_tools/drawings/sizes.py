"""The figures of sizes: what a crop cuts, which sizes belong together, and where the samples lie."""

from __future__ import annotations

import numpy as np

import deconvlib as dl
from deconvlib.frameworks import keras, pytorch
from docs_tools.drawings.ladder import cropped
from docs_tools.drawings.shared import transposed
from docs_tools.figures import Figure

__all__ = ["output_padding", "ruler", "shared_size", "shifted"]


def output_padding(figure: Figure):
    """output_padding shortens the crop at the end

    The same full output of seven samples three times. With padding 1 and output_padding 0 one sample is cut from each
    end: five are left. With output_padding 1 nothing is cut at the end: six are left, the last of them a real value.
    With output_padding 2 the output is longer than the full one, and only then a zero is added.
    """
    taps = inputs = np.array([1, 2, 3])
    full = transposed(inputs, taps, dl.Geometry.of((3,), 3, stride=2))
    for extra in (0, 1, 2):
        axis = dl.Axis(3, 3, stride=2, crop=(1, 1 - extra))
        added = max(0, -axis.crop[1])
        row = figure.board(96, 6 + extra * 46, 30, [*full, *[0] * added], [*cropped(axis), *["zero"] * added])
        row.named(f"a = {extra}:  o = {axis.output_size}", size=13)
    figure.label(row.x, row.bottom + 16, "cut", "crop", "start")
    return row.right + 2, row.bottom + 30


def shared_size(figure: Figure):
    """Seven samples and eight samples both give three

    Two rows: an input of seven samples and one of eight, with brackets below them for a kernel of 3 with stride 2: a
    window of three samples at the positions 0, 2 and 4. Both have three positions. The last sample of eight is struck
    through: no window reads it.
    """
    kernel_size, stride = 3, 2
    for samples, top in ((7, 6), (8, 104)):
        windows = (samples - kernel_size) // stride + 1
        read = stride * (windows - 1) + kernel_size
        row = figure.board(60, top, 34, range(samples), ["input"] * read + ["crop"] * (samples - read))
        row.named(f"{samples} samples", "input", 11)
        for n in range(windows):
            level = row.bottom + 7 + 7 * n
            begin, end = row.at(0, stride * n)[0] + 2, row.at(0, stride * n + kernel_size)[0] - 2
            figure.line(begin, level, end, level, "kernel")
            for x in (begin, end):
                figure.line(x, level, x, level - 4, "kernel")
        figure.label(row.at(0, read / 2)[0], row.bottom + 34, f"{windows} positions", "output")
    return row.right + 4, 196


def shifted(figure: Figure):
    """Two crops of the same full output: equal sizes, one sample apart

    The full output of four input samples with kernel 3 and stride 2 has nine samples. Keras with "same" cuts one at the
    end and keeps 0 to 7. PyTorch with padding 1 and output_padding 1 cuts one at the beginning and keeps 1 to 8. Both
    have eight samples, and every sample has moved by one.
    """
    rules = {
        "Keras, same": keras.geometry((4,), 3, 2, "same"),
        "PyTorch, 1 and 1": pytorch.geometry((4,), 3, 2, padding=1, output_padding=1),
    }
    top = 8
    for name, geometry in rules.items():
        (axis,) = geometry.axes
        row = figure.board(98, top, 27, range(axis.full_size), cropped(axis))
        row.named(name, size=11)
        for place in (0, axis.output_size - 1):
            figure.label(row.at(0, axis.crop[0] + place + 0.5)[0], row.bottom + 10, f"y{place}", "output")
        top = row.bottom + 34
    return row.right + 2, row.bottom + 28


def ruler(figure: Figure):
    """Half a step: where each output sample lies between the input samples

    A ruler from minus one half to two and a half. Above it the three input samples x0, x1, x2 at 0, 1 and 2. Below it
    the seven output samples y0 to y6 of kernel a b c and stride 2, at every half: the middle tap b of each stamp stands
    right below its input sample.
    """
    axis = dl.Axis(3, 3, stride=2)
    size, step, top = 30, 50, 26
    ruler_y, out_top, taps_top = top + size + 30, top + size + 46, top + 2 * size + 50
    middle_tap = axis.kernel_size // 2
    places = [6 + size / 2 + n * step for n in range(axis.full_size)]
    figure.label(6, 10, "position in the input", "muted", "start")
    figure.line(places[0] - 10, ruler_y, places[-1] + 10, ruler_y)
    for n, x in enumerate(places):
        position = (n - middle_tap) / axis.stride
        tick = 8 if position == int(position) else 4
        figure.line(x, ruler_y - tick, x, ruler_y + tick)
        figure.label(x, ruler_y - 17, f"{position:g}", "muted", size=11)
        figure.cell(x - size / 2, out_top, size, "output", f"y{n}")
    for sample in range(axis.input_size):
        figure.cell(places[axis.stride * sample + middle_tap] - size / 2, top, size, "input", f"x{sample}")
        for tap, name in enumerate("abc"):
            figure.cell(places[axis.stride * sample + tap] - 10, taps_top + 22 * sample, 20, "kernel", name)
    return places[-1] + size / 2 + 4, taps_top + 3 * 22 + 2
