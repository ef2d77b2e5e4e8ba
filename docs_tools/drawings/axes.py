"""The figures of one axis: stamps on a ladder, sizes and crops."""

from __future__ import annotations

import numpy as np

import deconvlib as dl
from deconvlib.frameworks import keras, pytorch
from docs_tools.drawings.shared import transposed
from docs_tools.figures import arrow, cell, frame, grid, label, line

__all__ = ["backward", "dilation", "field", "flip", "full_output", "output_padding", "shared_size", "shifted"]


def ladder(axis: dl.Axis, names: str, left: float, top: float, size: float, inputs: str = "x") -> list[str]:
    """Each input sample's stamp on a row of its own: the taps' names where they land in the full output."""
    body = []
    for sample in range(axis.input_size):
        y = top + sample * (size + 8)
        body.append(cell(2, y, size, "input", f"{inputs}{sample}"))
        body.append(arrow(size + 6, y + size / 2, left - 6, y + size / 2))
        for tap, name in enumerate(names):
            place = axis.stride * sample + axis.dilation * tap
            body.append(cell(left + size * place, y, size, "kernel", name))
    return body


def added_up(axis: dl.Axis, taps: str, left: float, y: float, size: float) -> list[str]:
    """A ladder from the top of the picture, and at y the output with its samples numbered."""
    return [
        *ladder(axis, taps, left, 8, size),
        grid([np.arange(axis.full_size)], "output", left, y, size),
        label(2, y + size / 2, "output", "output", "start"),
    ]


def full_output():
    """Three stamps make the full output; the crop cuts its ends

    One axis: three input samples, each with a stamp of the three taps a, b, c, two samples further than the last. Below
    them the full output of seven samples. A crop of one at the beginning and one at the end leaves five.
    """
    axis = dl.Axis(3, 3, stride=2, crop=(1, 1))
    size, left = 34, 96
    y = 4 + axis.input_size * (size + 8) + 12
    kept = np.arange(axis.full_size)
    inside = (kept >= axis.crop[0]) & (kept < axis.full_size - axis.crop[1])
    return (
        left + size * axis.full_size + 2,
        y + size + 40,
        *ladder(axis, "abc", left, 4, size),
        grid([np.where(inside, kept, np.nan)], [np.where(inside, "output", "crop")], left, y, size),
        label(2, y + size / 2, f"full: {axis.full_size}", "muted", "start"),
        label(left, y + size + 20, f"crop {axis.crop[0]}", "crop", "start"),
        label(left + size * axis.full_size / 2, y + size + 20, f"output: {axis.output_size}", "output", size=13),
        label(left + size * axis.full_size, y + size + 20, f"crop {axis.crop[1]}", "crop", "end"),
    )


def backward():
    """The gradient goes back by stamps

    Three gradients g0, g1, g2 arrive, one at each output of a convolution with kernel a, b, c and stride 2. Each is
    stamped on the three samples that its output was read from, two further each time. Samples 2 and 4 were read twice:
    there, c times one gradient and a times the next add up.
    """
    axis = dl.Axis(3, 3, stride=2)
    size, left = 34, 96
    y = 4 + axis.input_size * (size + 8) + 12
    twice = dl.overlap(dl.Geometry((axis,))) > 1
    return (
        left + size * axis.full_size + 2,
        y + size + 26,
        *ladder(axis, "abc", left, 4, size, "g"),
        grid(
            [np.arange(axis.full_size)], [np.where(twice, "overlap", "output")], left, y, size, np.where(twice, 0.5, 1)
        ),
        label(2, y + size / 2, "gradient", "output", "start"),
        label(left + 2.5 * size, y + size + 14, "c·g0 + a·g1", "overlap"),
        label(left + 4.5 * size, y + size + 14, "c·g1 + a·g2", "overlap"),
    )


def output_padding():
    """output_padding shortens the crop at the end

    The same full output of seven samples three times. With padding 1 and output_padding 0 one sample is cut from each
    end: five are left. With output_padding 1 nothing is cut at the end: six are left, the last of them a real value.
    With output_padding 2 the output is longer than the full one, and only then a zero is added.
    """
    size, left, body, a, left_over = 30, 96, [], (0, 1, 2), []
    kernel, inputs = np.array([1, 2, 3]), np.array([1, 2, 3])
    for row, extra in enumerate(a):
        axis = dl.Axis(3, 3, stride=2, crop=(1, 1 - extra))
        left_over.append(axis.output_size)
        full = transposed(inputs, kernel, dl.Geometry((dl.Axis(3, 3, stride=2),)))
        y = 6 + row * (size + 16)
        shown = [*full, *[0] * max(0, -axis.crop[1])]
        cut = max(0, axis.crop[1])
        roles = ["crop"] * axis.crop[0] + ["output"] * (len(full) - axis.crop[0] - cut) + ["crop"] * cut
        roles += ["zero"] * (len(shown) - len(full))
        body += [grid([shown], [roles], left, y, size), label(2, y + size / 2, f"a = {extra}, o = {axis.output_size}")]
        body[-1] = label(2, y + size / 2, f"a = {extra}:  o = {axis.output_size}", "ink", "start", 13)
    return (
        left + size * 8 + 2,
        6 + 3 * (size + 16) + 14,
        *body,
        label(left, 6 + 3 * (size + 16), "cut", "crop", "start"),
    )


def shared_size():
    """Seven samples and eight samples both give three

    Two rows: an input of seven samples and one of eight, with brackets below them for a kernel of 3 with stride 2: a
    window of three samples at the positions 0, 2 and 4. Both have three positions. The last sample of eight is struck
    through: no window reads it.
    """
    size, body, inputs, k, stride = 34, [], (7, 8), 3, 2
    for row, samples in enumerate(inputs):
        y = 6 + row * 98
        windows = (samples - k) // stride + 1
        read = stride * (windows - 1) + k
        body.append(grid([range(samples)], [["input"] * read + ["crop"] * (samples - read)], 60, y, size))
        for n in range(windows):
            first, level = 60 + 2 * n * size, y + size + 7 + 7 * n
            body.append(line(first + 2, level, first + 3 * size - 2, level, "kernel"))
            body += [line(first + edge, level, first + edge, level - 4, "kernel") for edge in (2, 3 * size - 2)]
        body.append(label(2, y + size / 2, f"{samples} samples", "input", "start", 11))
        body.append(label(60 + size * read / 2, y + size + 34, f"{windows} positions", "output"))
    return 60 + 8 * size + 4, 196, *body


def shifted():
    """Two crops of the same full output: equal sizes, one sample apart

    The full output of four input samples with kernel 3 and stride 2 has nine samples. Keras with "same" cuts one at the
    end and keeps 0 to 7. PyTorch with padding 1 and output_padding 1 cuts one at the beginning and keeps 1 to 8. Both
    have eight samples, and every sample has moved by one.
    """
    size, left, body, ends, begins = 27, 98, [], [], {}
    for row, (name, geometry) in enumerate(
        {
            "Keras, same": keras.geometry((4,), 3, 2, "same"),
            "PyTorch, 1 and 1": pytorch.geometry((4,), 3, 2, padding=1, output_padding=1),
        }.items()
    ):
        (axis,) = geometry.axes
        y, samples = 8 + row * (size + 34), np.arange(axis.full_size)
        kept = (samples >= axis.crop[0]) & (samples < axis.full_size - axis.crop[1])
        ends += samples[kept][[0, -1]].tolist()
        begins[name.split(",")[0]] = axis.crop[0]
        body.append(grid([samples], [np.where(kept, "output", "crop")], left, y, size))
        body.append(label(2, y + size / 2, name, "ink", "start", 11))
        for place in (0, axis.output_size - 1):
            x = left + size * (axis.crop[0] + place + 0.5)
            body.append(label(x, y + size + 10, f"y{place}", "output", size=12))
    return left + size * 9 + 2, 2 * (size + 34) + 2, *body


def flip():
    """Stamps go out as a b c, and are read back as c b a

    Three input samples stamp the taps a, b, c at stride 1, each one sample further. The frame marks output sample 2: it
    gets c from the first input, b from the second and a from the third. Read downwards, the kernel is turned around.
    """
    axis, taps, marked = dl.Axis(3, 3), "abc", 2
    size, left = 36, 100
    y = 8 + axis.input_size * (size + 8) + 14
    return (
        left + size * axis.full_size + 4,
        y + size + 36,
        *added_up(axis, taps, left, y, size),
        frame(left + marked * size - 1, 4, size + 2, y + size, "ink"),
        label(left + 2.5 * size, y + size + 18, "y2 = c·x0 + b·x1 + a·x2", size=14),
    )


def field():
    """Which inputs an output sample sees, with kernel 4 and stride 2

    Four stamps of four taps, a to d, each two samples further. Frames down two columns mark output samples 4 and 5.
    Each holds two taps of four. Both are reached by the same two inputs, x1 and x2: the first by the taps c and a, the
    second by d and b.
    """
    axis, marked = dl.Axis(4, 4, stride=2), (4, 5)
    size, left = 26, 84
    y = 8 + axis.input_size * (size + 8) + 10
    matrix = dl.conv_matrix(np.arange(1, 5)[:, None, None], dl.Geometry((axis,)))
    body, seen = [], np.flatnonzero(matrix[:, marked[0]])
    assert np.array_equal(seen, np.flatnonzero(matrix[:, marked[1]]))
    for row, sample in enumerate(marked):
        terms = " + ".join(f"{'abcd'[matrix[j, sample] - 1]}·x{j}" for j in seen)
        body.append(frame(left + sample * size, 4, size, y + size, "ink"))
        body.append(label(left + axis.full_size * size / 2, y + size + 18 + 20 * row, f"y{sample} = {terms}", size=14))
    return (
        left + size * axis.full_size + 4,
        y + size + 50,
        *added_up(axis, "abcd", left, y, size),
        *body,
    )


def dilation():
    """Dilation spreads the taps of one stamp, stride spreads the stamps

    One axis, two input samples, three taps a, b, c. With stride 1 and dilation 2 the taps of each stamp are two samples
    apart and the stamps one: the full output has six samples, all reached. With stride 2 and dilation 2 the stamps are
    two apart as well: of the seven samples every second is reached by no tap and stays zero.
    """
    size, left, body, top, sizes = 32, 92, [], 24, {}
    for stride in (1, 2):
        axis = dl.Axis(2, 3, stride=stride, dilation=2)
        sizes[stride] = axis.full_size
        reached = transposed(np.ones(2, int), np.ones(3, int), dl.Geometry((axis,)))
        body.append(label(2, top - 12, f"stride {stride}, dilation 2, full size {axis.full_size}", "ink", "start"))
        body += ladder(axis, "abc", left, top, size)
        roles = np.where(reached == 0, "zero", np.where(reached > 1, "overlap", "output"))
        y = top + 2 * (size + 8) + 6
        strength = np.where(reached > 1, 0.5, 1)
        body.append(grid([reached], [roles], left, y, size, strength))
        body.append(label(2, y + size / 2, "taps that reach", "muted", "start", 11))
        top = y + size + 40
    return left + size * 7 + 2, top - 28, *body
