"""The figures with one input sample a row: what it sends along its row, and what a column receives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import deconvlib as dl
from docs_tools.drawings.shared import transposed
from docs_tools.figures import Board, Figure

__all__ = ["backward", "dilation", "field", "flip", "full_output"]

GAP = 8  # between two rows


@dataclass
class Ladder:
    """Each input sample at the beginning of its row, and its stamp, the taps' names, where they land."""

    figure: Figure
    axis: dl.Axis
    taps: str
    left: float
    top: float
    size: float
    name: str = "x"

    def __post_init__(self):
        for sample in range(self.axis.input_size):
            y = self.row(sample).centre
            self.figure.cell(2, y - self.size / 2, self.size, "input", f"{self.name}{sample}")
            self.figure.arrow(self.size + 6, y, self.left - 6, y)

    def row(self, sample: int) -> Board:
        y = self.top + sample * (self.size + GAP)
        return Board(self.figure, self.left, y, self.size, 1, self.axis.full_size)

    def below(self, gap: float) -> Board:
        """Room for the full output."""
        y = self.row(self.axis.input_size).y + gap
        return Board(self.figure, self.left, y, self.size, 1, self.axis.full_size)

    def stamp(self, sample: int) -> None:
        for tap, name in enumerate(self.taps):
            self.row(sample).cell(0, self.axis.stride * sample + self.axis.dilation * tap, "kernel", name)

    def stand(self) -> None:
        for sample in range(self.axis.input_size):
            self.stamp(sample)

    def fall(self) -> None:
        """Step by step one stamp after the other falls to its row."""
        for sample in range(self.axis.input_size):
            with self.figure.staying(sample), self.figure.moving(sample, 0, -20):
                self.stamp(sample)

    def received(self, place: int) -> list[tuple[int, str]]:
        """(input sample, tap's name) of all that reaches an output sample, read off a column of C."""
        matrix = dl.conv_matrix(np.arange(1, len(self.taps) + 1)[:, None, None], dl.Geometry((self.axis,)))
        return [(n, self.taps[matrix[n, place] - 1]) for n in np.flatnonzero(matrix[:, place])]

    def as_sum(self, place: int) -> str:
        return f"y{place} = " + " + ".join(f"{tap}·x{n}" for n, tap in self.received(place))

    def counts_after_each(self) -> list[np.ndarray]:
        """How many stamps reach each sample of the full output: before the first stamp, and after each."""
        count, ones = self.axis.input_size, np.ones(self.axis.kernel_size, int)
        full = dl.Geometry.of((count,), self.axis.kernel_size, self.axis.stride)
        return [transposed((np.arange(count) < n).astype(int), ones, full) for n in range(count + 1)]


def flip(figure: Figure):
    """Stamps go out as a b c, and are read back as c b a

    Three input samples stamp the taps a, b, c at stride 1: row by row the stamps fall, each one sample further. Then a
    frame moves over the columns, one for each output sample. Output sample 2 gets c from the first input, b from the
    second and a from the third. Lifted out of its column, c b a is a window over the padded input 0 0 x0 x1 x2 0 0, and
    it moves by one sample from column to column. Read downwards, the kernel is turned around.
    """
    axis, size = dl.Axis(3, 3), 36
    ladder = Ladder(figure, axis, "abc", 100, 6, size)
    border = axis.kernel_size - 1
    samples = [f"x{n}" for n in range(axis.input_size)]
    padded = [0] * border + samples + [0] * border
    roles = ["input" if sample in samples else "zero" for sample in padded]

    output = ladder.below(gap=6)
    window = Board(figure, ladder.left - border * size, output.bottom + 40, size, 1, len(padded))
    inputs = figure.board(window.x, window.bottom + 2, size, padded, roles)
    ladder.fall()
    output.fill([np.nan] * axis.full_size, "zero")
    output.named("output", "output")
    window.above("the same as a window over the padded input", "kernel", gap=14)
    for n, name in enumerate(samples):
        with figure.passing(n):
            inputs.below(f"{name} sends a b c", "ink says", gap=22, size=14)
    for place in range(axis.full_size):
        step = axis.input_size + place
        with figure.staying(step):
            output.cell(0, place, "output", f"y{place}")
        with figure.passing(step, still=place == border):
            figure.frame(output.at(0, place)[0] - 1, ladder.top - 3, size + 2, output.bottom + 4 - ladder.top, "ink")
            for tap, name in enumerate(ladder.taps):
                sample = place - tap
                if 0 <= sample < axis.input_size:
                    with figure.moving(step, tap * size, ladder.row(sample).y - window.y):
                        window.cell(0, border + sample, "kernel", name)
                else:
                    window.cell(0, border + sample, "zero", name)
            figure.frame(window.at(0, place)[0] - 1, window.y - 2, 3 * size + 2, 2 * size + 6, "kernel")
            inputs.below(ladder.as_sum(place), "ink says", gap=22, size=14)
    return inputs.right + 4, inputs.bottom + 36


def field(figure: Figure):
    """Which inputs an output sample sees, with kernel 4 and stride 2

    Four stamps of four taps, a to d, each two samples further. A frame moves over the columns, one for each output
    sample. Away from the ends it holds two taps of four: samples 4 and 5 are reached by the same two inputs, x1 and x2,
    the first by the taps c and a, the second by d and b. From column to column the taps change; the inputs change at
    every second one.
    """
    axis, size = dl.Axis(4, 4, stride=2), 26
    ladder = Ladder(figure, axis, "abcd", 84, 4, size)
    ladder.stand()
    output = ladder.below(gap=8)
    output.fill(np.arange(axis.full_size), "output")
    output.named("output", "output")
    for place in range(axis.full_size):
        with figure.passing(place, still=place == 4):
            x = output.at(0, place)[0]
            figure.frame(x, ladder.top - 2, size, output.bottom + 4 - ladder.top, "ink")
            for sample, _ in ladder.received(place):
                figure.frame(2, ladder.row(sample).y, size, size, "ink")
            output.below(ladder.as_sum(place), "ink says", gap=20, size=14)
    return output.right + 4, output.bottom + 32


def backward(figure: Figure):
    """The gradient goes back by stamps

    Three gradients g0, g1, g2 arrive, one at each output of a convolution with kernel a, b, c and stride 2. One after
    the other is stamped on the three samples that its output was read from, two further each time. Samples 2 and 4 were
    read twice: there, c times one gradient and a times the next add up.
    """
    ladder = Ladder(figure, dl.Axis(3, 3, stride=2), "abc", 96, 4, 34, "g")
    ladder.fall()
    gradient = ladder.below(gap=12)
    gradient.named("gradient", "output")
    states = []
    for count in ladder.counts_after_each():
        roles = np.select([count > 1, count == 1], ["overlap", "output"], "zero")
        states.append((np.arange(len(count)), roles, np.where(count > 1, 0.5, 1)))
    gradient.growing(states)
    for step, words in ((1, "c·g0 + a·g1"), (2, "c·g1 + a·g2")):
        with figure.staying(step):
            x = gradient.at(0, 2 * step + 0.5)[0]
            figure.label(x, gradient.bottom + 14, words, "overlap")
    return gradient.right + 2, gradient.bottom + 26


def full_output(figure: Figure):
    """Three stamps make the full output; the crop cuts its ends

    One axis: three input samples, each with a stamp of the three taps a, b, c, two samples further than the last. Stamp
    by stamp they reach the seven samples of the full output below them. Then a crop of one at the beginning and one at
    the end leaves five.
    """
    axis = dl.Axis(3, 3, stride=2, crop=(1, 1))
    ladder = Ladder(figure, axis, "abc", 96, 4, 34)
    ladder.fall()
    full = ladder.below(gap=12)
    full.named(f"full: {axis.full_size}", "muted")
    numbers = np.arange(axis.full_size)
    states = [(numbers, np.where(count > 0, "output", "zero")) for count in ladder.counts_after_each()]
    full.growing([*states, (numbers, cropped(axis))])
    with figure.staying(axis.input_size):
        figure.label(full.x, full.bottom + 20, f"crop {axis.crop[0]}", "crop", "start")
        full.below(f"output: {axis.output_size}", "output", gap=20, size=13)
        figure.label(full.right, full.bottom + 20, f"crop {axis.crop[1]}", "crop", "end")
    return full.right + 2, full.bottom + 40


def dilation(figure: Figure):
    """Dilation spreads the taps of one stamp, stride spreads the stamps

    One axis, two input samples, three taps a, b, c. With stride 1 and dilation 2 the taps of each stamp are two samples
    apart and the stamps one: the full output has six samples, all reached. With stride 2 and dilation 2 the stamps are
    two apart as well: of the seven samples every second is reached by no tap and stays zero.
    """
    top = 24
    for stride in (1, 2):
        axis = dl.Axis(2, 3, stride=stride, dilation=2)
        figure.label(2, top - 12, f"stride {stride}, dilation 2, full size {axis.full_size}", anchor="start")
        ladder = Ladder(figure, axis, "abc", 92, top, 32)
        ladder.stand()
        reached = dl.overlap(dl.Geometry((axis,)))
        output = ladder.below(gap=6)
        roles = np.select([reached > 1, reached == 1], ["overlap", "output"], "zero")
        output.fill(reached, roles, strength=np.where(reached > 1, 0.5, 1))
        output.named("taps that reach", "muted", 11)
        top = output.bottom + 40
    return output.right + 2, top - 28


def cropped(axis: dl.Axis) -> np.ndarray:
    """The role of each sample of the full output."""
    samples = np.arange(axis.full_size)
    inside = (samples >= axis.crop[0]) & (samples < axis.full_size - axis.crop[1])
    return np.where(inside, "output", "crop")
