"""The figures of sizes: what the stamps reach, what a crop cuts, and which sizes belong together."""

from __future__ import annotations

import numpy as np

import deconvlib as dl
from deconvlib.frameworks import keras, pytorch
from docs_tools.drawings.ladder import GAP, counts_after_each, falling
from docs_tools.drawings.shared import transposed
from docs_tools.figures import arrow, cell, grid, growing, label, line, stays, tag

__all__ = ["full_output", "hourglass", "output_padding", "ruler", "shared_size", "shifted"]


def cropped(axis: dl.Axis) -> np.ndarray:
    """The role of each sample of the full output."""
    samples = np.arange(axis.full_size)
    inside = (samples >= axis.crop[0]) & (samples < axis.full_size - axis.crop[1])
    return np.where(inside, "output", "crop")


def full_output():
    """Three stamps make the full output; the crop cuts its ends

    One axis: three input samples, each with a stamp of the three taps a, b, c, two samples further than the last. Stamp
    by stamp they reach the seven samples of the full output below them. Then a crop of one at the beginning and one at
    the end leaves five.
    """
    axis = dl.Axis(3, 3, stride=2, crop=(1, 1))
    size, left, top = 34, 96, 4
    y = top + axis.input_size * (size + GAP) + 12
    numbers = [np.arange(axis.full_size)]
    states = [(numbers, [np.where(count > 0, "output", "zero")]) for count in counts_after_each(axis)]
    states.append((numbers, [cropped(axis)]))
    below, last = y + size + 20, axis.input_size
    return (
        left + size * axis.full_size + 2,
        y + size + 40,
        *falling(axis, "abc", left, top, size),
        growing(states, left, y, size),
        label(2, y + size / 2, f"full: {axis.full_size}", "muted", "start"),
        stays(
            last,
            label(left, below, f"crop {axis.crop[0]}", "crop", "start"),
            label(left + size * axis.full_size / 2, below, f"output: {axis.output_size}", "output", size=13),
            label(left + size * axis.full_size, below, f"crop {axis.crop[1]}", "crop", "end"),
        ),
    )


def output_padding():
    """output_padding shortens the crop at the end

    The same full output of seven samples three times. With padding 1 and output_padding 0 one sample is cut from each
    end: five are left. With output_padding 1 nothing is cut at the end: six are left, the last of them a real value.
    With output_padding 2 the output is longer than the full one, and only then a zero is added.
    """
    size, left, row, body = 30, 96, 46, []
    taps = inputs = np.array([1, 2, 3])
    full = transposed(inputs, taps, dl.Geometry.of((3,), 3, stride=2))
    for extra in (0, 1, 2):
        axis = dl.Axis(3, 3, stride=2, crop=(1, 1 - extra))
        y = 6 + extra * row
        added = max(0, -axis.crop[1])
        values = [*full, *[0] * added]
        roles = [*cropped(axis), *["zero"] * added]
        body.append(grid([values], [roles], left, y, size))
        body.append(label(2, y + size / 2, f"a = {extra}:  o = {axis.output_size}", "ink", "start", 13))
    return left + size * 8 + 2, 6 + 3 * row + 14, *body, label(left, 6 + 3 * row, "cut", "crop", "start")


def shared_size():
    """Seven samples and eight samples both give three

    Two rows: an input of seven samples and one of eight, with brackets below them for a kernel of 3 with stride 2: a
    window of three samples at the positions 0, 2 and 4. Both have three positions. The last sample of eight is struck
    through: no window reads it.
    """
    size, left, kernel_size, stride, body = 34, 60, 3, 2, []
    for row, samples in enumerate((7, 8)):
        y = 6 + row * 98
        windows = (samples - kernel_size) // stride + 1
        read = stride * (windows - 1) + kernel_size
        body.append(grid([range(samples)], [["input"] * read + ["crop"] * (samples - read)], left, y, size))
        for n in range(windows):
            level = y + size + 7 + 7 * n
            begin = left + stride * n * size + 2
            end = left + (stride * n + kernel_size) * size - 2
            body.append(line(begin, level, end, level, "kernel"))
            body.append(line(begin, level, begin, level - 4, "kernel") + line(end, level, end, level - 4, "kernel"))
        body.append(label(2, y + size / 2, f"{samples} samples", "input", "start", 11))
        body.append(label(left + size * read / 2, y + size + 34, f"{windows} positions", "output"))
    return left + 8 * size + 4, 196, *body


def shifted():
    """Two crops of the same full output: equal sizes, one sample apart

    The full output of four input samples with kernel 3 and stride 2 has nine samples. Keras with "same" cuts one at the
    end and keeps 0 to 7. PyTorch with padding 1 and output_padding 1 cuts one at the beginning and keeps 1 to 8. Both
    have eight samples, and every sample has moved by one.
    """
    size, left, body = 27, 98, []
    rows = {
        "Keras, same": keras.geometry((4,), 3, 2, "same"),
        "PyTorch, 1 and 1": pytorch.geometry((4,), 3, 2, padding=1, output_padding=1),
    }
    for row, (name, geometry) in enumerate(rows.items()):
        (axis,) = geometry.axes
        y = 8 + row * (size + 34)
        body.append(grid([range(axis.full_size)], [cropped(axis)], left, y, size))
        body.append(label(2, y + size / 2, name, "ink", "start", 11))
        for place in (0, axis.output_size - 1):
            x = left + size * (axis.crop[0] + place + 0.5)
            body.append(label(x, y + size + 10, f"y{place}", "output"))
    return left + size * 9 + 2, 2 * (size + 34) + 2, *body


def hourglass():
    """An encoder's sizes, and its decoder's

    Seven bars, as high as the sizes. Three convolutions with kernel 3, stride 2 and padding 1 make 14, 7 and 4 samples
    of 28. Three transposed convolutions with the same arguments lead back to 7, 14 and 28, with an output_padding of 0,
    1 and 1. Below, where they would lead with an output_padding of 0 everywhere: 7, 13 and 25.
    """
    kernel_size, stride, padding = 3, 2, 1
    sizes = [28]
    while len(sizes) < 4:
        sizes.append((sizes[-1] + 2 * padding - kernel_size) // stride + 1)
    wide, step, scale, top = 22, 54, 3.4, 26
    bottom = top + scale * sizes[0]
    body = []

    def bar(column: int, samples: int, role: str) -> None:
        y = bottom - scale * samples
        body.append(tag("rect", x=2 + column * step, y=y, width=wide, height=scale * samples, rx=2, class_=role))
        body.append(label(2 + column * step + wide / 2, y - 10, samples, role, size=13))

    def between(column: int, y: float, words: str, role: str) -> None:
        x = 2 + column * step + wide
        body.append(arrow(x + 4, y, x + step - wide - 4, y, role))
        body.append(label(x + (step - wide) / 2, y - 12, words, role, size=11))

    for column, samples in enumerate(sizes):
        bar(column, samples, "input")
    smallest, back = sizes[-1], sizes[-2::-1]
    without = smallest
    words_y = bottom + 42
    body.append(label(2, words_y, "with output_padding 0 everywhere", "crop", "start"))
    body.append(label(2 + 3 * step + wide / 2, words_y + 20, smallest, "crop", size=13))
    for column, samples in enumerate(back, len(sizes)):
        extra = dl.output_sizes(sizes[2 * len(sizes) - 1 - column], kernel_size, stride, padding)[samples]
        bar(column, samples, "output")
        between(column - 1, bottom - 8, f"a = {extra}", "output")
        without = dl.Axis(without, kernel_size, stride, crop=(padding, padding)).output_size
        body.append(label(2 + column * step + wide / 2, words_y + 20, without, "crop", size=13))
        x = 2 + (column - 1) * step + wide
        body.append(arrow(x + 4, words_y + 20, x + step - wide - 4, words_y + 20, "crop"))
    for column in range(len(sizes) - 1):
        x = 2 + column * step + wide
        body.append(arrow(x + 4, bottom - 8, x + step - wide - 4, bottom - 8, "input"))
    body.append(label(2, bottom + 16, "convolutions", "input", "start"))
    body.append(label(2 + 6 * step + wide, bottom + 16, "transposed convolutions", "output", "end"))
    return 2 + 6 * step + wide + 4, words_y + 34, *body


def ruler():
    """Half a step: where each output sample lies between the input samples

    A ruler from minus one half to two and a half. Above it the three input samples x0, x1, x2 at 0, 1 and 2. Below it
    the seven output samples y0 to y6 of kernel a b c and stride 2, at every half: the middle tap b of each stamp stands
    right below its input sample.
    """
    axis = dl.Axis(3, 3, stride=2)
    size, step, left, top = 30, 50, 6, 26
    ruler_y, out_top, taps_top = top + size + 30, top + size + 46, top + 2 * size + 50
    middle_tap = axis.kernel_size // 2
    places = [left + size / 2 + n * step for n in range(axis.full_size)]
    body = [line(places[0] - 10, ruler_y, places[-1] + 10, ruler_y)]
    for n, x in enumerate(places):
        position = (n - middle_tap) / axis.stride
        tick = 8 if position == int(position) else 4
        body.append(line(x, ruler_y - tick, x, ruler_y + tick))
        body.append(label(x, ruler_y - 17, f"{position:g}", "muted", size=11))
        body.append(cell(x - size / 2, out_top, size, "output", f"y{n}"))
    for sample in range(axis.input_size):
        x = places[axis.stride * sample + middle_tap]
        body.append(cell(x - size / 2, top, size, "input", f"x{sample}"))
    for sample in range(axis.input_size):
        y = taps_top + sample * 22
        for tap, name in enumerate("abc"):
            x = places[axis.stride * sample + tap]
            body.append(cell(x - 10, y, 20, "kernel", name))
    body.append(label(left, 10, "position in the input", "muted", "start"))
    return places[-1] + size / 2 + 4, taps_top + 3 * 22 + 2, *body
