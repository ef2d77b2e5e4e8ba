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
    """{Word(axis.input_size)} stamps make the full output; the crop cuts its ends

    One axis: {word(axis.input_size)} input samples, each with a stamp of the {word(axis.kernel_size)} taps a, b, c,
    {word(axis.stride)} samples further than the last. Below them the full output of {word(axis.full_size)} samples. A
    crop of {word(axis.crop[0])} at the beginning and {word(axis.crop[1])} at the end leaves {word(axis.output_size)}.

    Without a script the numbers stand still: {word(axis.input_size)} input samples, {word(axis.kernel_size)} taps,
    {word(axis.stride)} samples from stamp to stamp, {word(axis.crop[0])} cut from each end. The stamps reach the full
    output. The crop cuts its ends. What the stamps reach, less what is cut, is what you get.
    """
    axis = dl.Axis(3, 3, stride=2, crop=(1, 1))
    size, left = 34, 96
    y = 4 + axis.input_size * (size + 8) + 12
    kept = np.arange(axis.full_size)
    inside = (kept >= axis.crop[0]) & (kept < axis.full_size - axis.crop[1])
    return (
        locals(),
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

    {Word(axis.input_size)} gradients g0, g1, g2 arrive, one at each output of a convolution with kernel a, b, c and
    stride {axis.stride}. Each is stamped on the {word(axis.kernel_size)} samples that its output was read from,
    {word(axis.stride)} further each time. Samples {np.flatnonzero(twice)[0]} and {np.flatnonzero(twice)[1]} were read
    twice: there, c times one gradient and a times the next add up.

    Each output sample's weight is stamped back on the samples that it was read from. Each output hands its gradient
    back to the samples that it was computed from, times the kernel. Where they meet, they add up.
    """
    axis = dl.Axis(3, 3, stride=2)
    size, left = 34, 96
    y = 4 + axis.input_size * (size + 8) + 12
    twice = dl.overlap(dl.Geometry((axis,))) > 1
    return (
        locals(),
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

    The same full output of {word(len(full))} samples {word(row + 1)} times. With padding {axis.crop[0]} and
    output_padding {a[0]} one sample is cut from each end: {word(left_over[0])} are left. With output_padding {a[1]}
    nothing is cut at the end: {word(left_over[1])} are left, the last of them a real value. With output_padding {a[2]}
    the output is longer than the full one, and only then a zero is added.

    The same full output of {word(len(full))} samples, each time with a larger output_padding. Padding {axis.crop[0]}
    and output_padding a. The sample that is revealed first is a real value. Only beyond the full output are zeros
    added.
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
        locals(),
        left + size * 8 + 2,
        6 + 3 * (size + 16) + 14,
        *body,
        label(left, 6 + 3 * (size + 16), "cut", "crop", "start"),
    )


def shared_size():
    """{Word(inputs[0])} samples and {word(inputs[1])} samples both give {word(windows)}

    {Word(row + 1)} rows: an input of {word(inputs[0])} samples and one of {word(inputs[1])}, with brackets below them
    for a kernel of {k} with stride {stride}: a window of {word(k)} samples at the positions {at[0]}, {at[1]} and
    {at[2]}. Both have {word(windows)} positions. The last sample of {word(inputs[1])} is struck through: no window
    reads it.

    {Word(inputs[0])} samples and {word(inputs[1])} samples both give {word(windows)} positions of the kernel. A kernel
    of {k} with stride {stride}. The {ordinal(inputs[1])} sample is never read.
    """
    size, body, inputs, k, stride = 34, [], (7, 8), 3, 2
    for row, samples in enumerate(inputs):
        y = 6 + row * 98
        windows = (samples - k) // stride + 1
        at = range(0, stride * windows, stride)
        read = stride * (windows - 1) + k
        body.append(grid([range(samples)], [["input"] * read + ["crop"] * (samples - read)], 60, y, size))
        for n in range(windows):
            first, level = 60 + 2 * n * size, y + size + 7 + 7 * n
            body.append(line(first + 2, level, first + 3 * size - 2, level, "kernel"))
            body += [line(first + edge, level, first + edge, level - 4, "kernel") for edge in (2, 3 * size - 2)]
        body.append(label(2, y + size / 2, f"{samples} samples", "input", "start", 11))
        body.append(label(60 + size * read / 2, y + size + 34, f"{windows} positions", "output"))
    return locals(), 60 + 8 * size + 4, 196, *body


def shifted():
    """{Word(row + 1)} crops of the same full output: equal sizes, one sample apart

    The full output of {word(axis.input_size)} input samples with kernel {axis.kernel_size} and stride {axis.stride} has
    {word(axis.full_size)} samples. Keras with "same" cuts one at the end and keeps {ends[0]} to {ends[1]}. PyTorch with
    padding {axis.crop[0]} and output_padding {axis.crop[0] - axis.crop[1]} cuts one at the beginning and keeps
    {ends[2]} to {ends[3]}. Both have {word(axis.output_size)} samples, and every sample has moved by one.

    {Word(row + 1)} crops of the same full output, one at the end and one at the beginning. Kernel {axis.kernel_size},
    stride {axis.stride}. Both calls give {word(axis.output_size)} samples from {word(axis.input_size)} input samples.
    Each of {later}'s samples is {word(begins[later] - begins[earlier])} further than that of {earlier}.
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
    later, earlier = (choose(begins, key=begins.get) for choose in (max, min))
    return locals(), left + size * 9 + 2, 2 * (size + 34) + 2, *body


def flip():
    """Stamps go out as a b c, and are read back as c b a

    {Word(axis.input_size)} input samples stamp the taps a, b, c at stride {axis.stride}, each one sample further. The
    frame marks output sample {axis.kernel_size - 1}: it gets c from the first input, b from the second and a from the
    third. Read downwards, the kernel is turned around.

    {Word(axis.input_size)} input samples stamp {" ".join(taps)} below each other; a frame down one column reads
    {" ".join(read)}. Painted row by row, the kernel is {" ".join(taps)}. Read down a column, it is {" ".join(read)}.
    """
    axis, taps, marked = dl.Axis(3, 3), "abc", 2
    read = [taps[marked - sample] for sample in range(axis.input_size)]
    size, left = 36, 100
    y = 8 + axis.input_size * (size + 8) + 14
    return (
        locals(),
        left + size * axis.full_size + 4,
        y + size + 36,
        *added_up(axis, taps, left, y, size),
        frame(left + marked * size - 1, 4, size + 2, y + size, "overlap"),
        label(left + 2.5 * size, y + size + 18, "y2 = c·x0 + b·x1 + a·x2", size=14),
    )


def field():
    """Which inputs an output sample sees, with kernel {axis.kernel_size} and stride {axis.stride}

    {Word(axis.input_size)} stamps of {word(axis.kernel_size)} taps, a to d, each {word(axis.stride)} samples further.
    Frames down {word(len(marked))} columns mark output samples {marked[0]} and {marked[1]}. Each holds
    {word(len(seen))} taps of {word(axis.kernel_size)}. Both are reached by the same {word(len(seen))} inputs,
    x{seen[0]} and x{seen[1]}: the first by the taps c and a, the second by d and b.

    {Word(axis.input_size)} stamps of {word(axis.kernel_size)} taps below each other, {word(axis.stride)} samples
    further each time, and frames down {word(len(marked))} columns that hold {word(len(seen))} taps each. In a frame lie
    the taps that reach one output sample: {word(len(seen))} taps of {word(axis.kernel_size)}. The neighbour sees the
    same inputs through the other taps.
    """
    axis, marked = dl.Axis(4, 4, stride=2), (4, 5)
    size, left = 26, 84
    y = 8 + axis.input_size * (size + 8) + 10
    matrix = dl.conv_matrix(np.arange(1, 5)[:, None, None], dl.Geometry((axis,)))
    body, seen = [], np.flatnonzero(matrix[:, marked[0]])
    assert np.array_equal(seen, np.flatnonzero(matrix[:, marked[1]]))
    for row, sample in enumerate(marked):
        terms = " + ".join(f"{'abcd'[matrix[j, sample] - 1]}·x{j}" for j in seen)
        body.append(frame(left + sample * size, 4, size, y + size, "overlap"))
        body.append(label(left + axis.full_size * size / 2, y + size + 18 + 20 * row, f"y{sample} = {terms}", size=14))
    return (
        locals(),
        left + size * axis.full_size + 4,
        y + size + 50,
        *added_up(axis, "abcd", left, y, size),
        *body,
    )


def dilation():
    """Dilation spreads the taps of one stamp, stride spreads the stamps

    One axis, {word(axis.input_size)} input samples, {word(axis.kernel_size)} taps a, b, c. With stride {min(sizes)} and
    dilation {axis.dilation} the taps of each stamp are {word(axis.dilation)} samples apart and the stamps one: the full
    output has {word(sizes[1])} samples, all reached. With stride {axis.stride} and dilation {axis.dilation} the stamps
    are {word(axis.stride)} apart as well: of the {word(sizes[2])} samples every second is reached by no tap and stays
    zero.

    {Word(axis.input_size)} input samples stamp taps that are {word(axis.dilation)} samples apart, at stride
    {min(sizes)} and at stride {max(sizes)}. At stride {min(sizes)} the stamps fill each other's gaps. At stride
    {max(sizes)} they meet on every {ordinal(axis.stride)} sample, and the rest stays empty.
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
    return locals(), left + size * 7 + 2, top - 28, *body
