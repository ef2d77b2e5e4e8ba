"""The figures with one input sample a row: what it sends along its row, and what a column receives."""

from __future__ import annotations

import numpy as np

import deconvlib as dl
from docs_tools.drawings.shared import transposed
from docs_tools.figures import arrow, cell, frame, grid, growing, label, moves, passes, stays

__all__ = ["backward", "dilation", "field", "flip"]

GAP = 8  # between two rows


def sender(sample: int, left: float, top: float, size: float, name: str = "x") -> str:
    """An input sample at the beginning of its row, and an arrow to its stamp."""
    y = top + sample * (size + GAP)
    return cell(2, y, size, "input", f"{name}{sample}") + arrow(size + 6, y + size / 2, left - 6, y + size / 2)


def stamp(axis: dl.Axis, taps: str, sample: int, left: float, top: float, size: float) -> str:
    """The taps' names where they land in the full output."""
    y = top + sample * (size + GAP)
    places = [axis.stride * sample + axis.dilation * tap for tap in range(len(taps))]
    return "".join(cell(left + size * place, y, size, "kernel", tap) for place, tap in zip(places, taps))


def ladder(axis: dl.Axis, taps: str, left: float, top: float, size: float, name: str = "x") -> list[str]:
    """Each input sample's stamp on a row of its own."""
    rows = range(axis.input_size)
    return [sender(n, left, top, size, name) + stamp(axis, taps, n, left, top, size) for n in rows]


def falling(axis: dl.Axis, taps: str, left: float, top: float, size: float, name: str = "x") -> list[str]:
    """The same, and step by step one stamp after the other falls to its row."""
    body = [sender(n, left, top, size, name) for n in range(axis.input_size)]
    return body + [stays(n, moves(n, 0, -20, stamp(axis, taps, n, left, top, size))) for n in range(axis.input_size)]


def counts_after_each(axis: dl.Axis) -> list[np.ndarray]:
    """How many stamps reach each sample of the full output: before the first stamp, and after each."""
    ones, full = np.ones(axis.kernel_size, int), dl.Geometry.of((axis.input_size,), axis.kernel_size, axis.stride)
    return [transposed((np.arange(axis.input_size) < n).astype(int), ones, full) for n in range(axis.input_size + 1)]


def received(axis: dl.Axis, taps: str, place: int) -> list[tuple[int, str]]:
    """(input sample, tap's name) of all that reaches an output sample, read off a column of C."""
    matrix = dl.conv_matrix(np.arange(1, len(taps) + 1)[:, None, None], dl.Geometry((axis,)))
    return [(n, taps[matrix[n, place] - 1]) for n in np.flatnonzero(matrix[:, place])]


def as_sum(axis: dl.Axis, taps: str, place: int) -> str:
    return f"y{place} = " + " + ".join(f"{tap}·x{n}" for n, tap in received(axis, taps, place))


def flip():
    """Stamps go out as a b c, and are read back as c b a

    Three input samples stamp the taps a, b, c at stride 1: row by row the stamps fall, each one sample further. Then a
    frame moves over the columns, one for each output sample. Output sample 2 gets c from the first input, b from the
    second and a from the third. Lifted out of its column, c b a is a window over the padded input 0 0 x0 x1 x2 0 0, and
    it moves by one sample from column to column. Read downwards, the kernel is turned around.
    """
    axis, taps = dl.Axis(3, 3), "abc"
    size, left, top = 36, 100, 6
    row = size + GAP
    out_top = top + axis.input_size * row + 6
    window_top = out_top + size + 40
    input_top = window_top + size + 2
    border = axis.kernel_size - 1
    bottom = input_top + size + 22

    body = falling(axis, taps, left, top, size)
    for n in range(axis.input_size):
        body.append(passes(n, label(left + 2.5 * size, bottom, f"x{n} sends a b c", "ink says", size=14)))
    body.append(label(2, out_top + size / 2, "output", "output", "start"))
    body.append(grid([[np.nan] * axis.full_size], "zero", left, out_top, size))
    padded = [0] * border + [f"x{n}" for n in range(axis.input_size)] + [0] * border
    roles = ["zero" if sample == 0 else "input" for sample in padded]
    body.append(label(left + 2.5 * size, window_top - 14, "the same as a window over the padded input", "kernel"))
    body.append(grid([padded], [roles], left - border * size, input_top, size))

    for place in range(axis.full_size):
        step = axis.input_size + place
        lifted = []
        for tap, name in enumerate(taps):
            sample = place - tap
            x = left + sample * size
            if 0 <= sample < axis.input_size:
                from_y = top + sample * row - window_top
                lifted.append(moves(step, tap * size, from_y, cell(x, window_top, size, "kernel", name)))
            else:
                lifted.append(cell(x, window_top, size, "zero", name))
        body.append(stays(step, cell(left + place * size, out_top, size, "output", f"y{place}")))
        body.append(
            passes(
                step,
                frame(left + place * size - 1, top - 3, size + 2, out_top + size + 4 - top, "ink"),
                *lifted,
                frame(left + (place - border) * size - 1, window_top - 2, 3 * size + 2, 2 * size + 6, "kernel"),
                label(left + 2.5 * size, bottom, as_sum(axis, taps, place), "ink says", size=14),
                still=place == border,
            )
        )
    return left + (axis.full_size + border) * size + 4, bottom + 14, *body


def field():
    """Which inputs an output sample sees, with kernel 4 and stride 2

    Four stamps of four taps, a to d, each two samples further. A frame moves over the columns, one for each output
    sample. Away from the ends it holds two taps of four: samples 4 and 5 are reached by the same two inputs, x1 and x2,
    the first by the taps c and a, the second by d and b. From column to column the taps change; the inputs change at
    every second one.
    """
    axis, taps = dl.Axis(4, 4, stride=2), "abcd"
    size, left, top = 26, 84, 4
    out_top = top + axis.input_size * (size + GAP) + 8
    body = ladder(axis, taps, left, top, size)
    body.append(grid([np.arange(axis.full_size)], "output", left, out_top, size))
    body.append(label(2, out_top + size / 2, "output", "output", "start"))
    middle, bottom = left + axis.full_size * size / 2, out_top + size + 20
    for place in range(axis.full_size):
        marks = [frame(left + place * size, top - 2, size, out_top + size + 4 - top, "ink")]
        for sample, _ in received(axis, taps, place):
            marks.append(frame(2, top + sample * (size + GAP), size, size, "ink"))
        words = label(middle, bottom, as_sum(axis, taps, place), "ink says", size=14)
        body.append(passes(place, *marks, words, still=place == 4))
    return left + size * axis.full_size + 4, bottom + 12, *body


def backward():
    """The gradient goes back by stamps

    Three gradients g0, g1, g2 arrive, one at each output of a convolution with kernel a, b, c and stride 2. One after
    the other is stamped on the three samples that its output was read from, two further each time. Samples 2 and 4 were
    read twice: there, c times one gradient and a times the next add up.
    """
    axis = dl.Axis(3, 3, stride=2)
    size, left, top = 34, 96, 4
    y = top + axis.input_size * (size + GAP) + 12
    states = []
    for count in counts_after_each(axis):
        roles = np.select([count > 1, count == 1], ["overlap", "output"], "zero")
        states.append(([np.arange(axis.full_size)], [roles], [np.where(count > 1, 0.5, 1)]))
    return (
        left + size * axis.full_size + 2,
        y + size + 26,
        *falling(axis, "abc", left, top, size, "g"),
        growing(states, left, y, size),
        label(2, y + size / 2, "gradient", "output", "start"),
        stays(1, label(left + 2.5 * size, y + size + 14, "c·g0 + a·g1", "overlap")),
        stays(2, label(left + 4.5 * size, y + size + 14, "c·g1 + a·g2", "overlap")),
    )


def dilation():
    """Dilation spreads the taps of one stamp, stride spreads the stamps

    One axis, two input samples, three taps a, b, c. With stride 1 and dilation 2 the taps of each stamp are two samples
    apart and the stamps one: the full output has six samples, all reached. With stride 2 and dilation 2 the stamps are
    two apart as well: of the seven samples every second is reached by no tap and stays zero.
    """
    size, left, body, top = 32, 92, [], 24
    for stride in (1, 2):
        axis = dl.Axis(2, 3, stride=stride, dilation=2)
        reached = transposed(np.ones(2, int), np.ones(3, int), dl.Geometry((axis,)))
        body.append(label(2, top - 12, f"stride {stride}, dilation 2, full size {axis.full_size}", "ink", "start"))
        body += ladder(axis, "abc", left, top, size)
        roles = np.where(reached == 0, "zero", np.where(reached > 1, "overlap", "output"))
        y = top + 2 * (size + GAP) + 6
        strength = np.where(reached > 1, 0.5, 1)
        body.append(grid([reached], [roles], left, y, size, strength))
        body.append(label(2, y + size / 2, "taps that reach", "muted", "start", 11))
        top = y + size + 40
    return left + size * 7 + 2, top - 28, *body
