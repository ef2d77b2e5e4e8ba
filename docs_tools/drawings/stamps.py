"""The figures in which each input sample stamps the kernel on the output, and the other ways to the same output."""

from __future__ import annotations

import numpy as np

import deconvlib as dl
from deconvlib.arrays import insert_zeros, pad_or_crop
from docs_tools.drawings.shared import INPUT, KERNEL, partial_sums, transposed
from docs_tools.figures import Board, Figure

__all__ = ["at_a_glance", "legend", "overlap", "stamps", "three_ways"]

K = len(KERNEL)
STRIDE = 2
GEOMETRY = dl.Geometry.of(INPUT.shape, KERNEL.shape, STRIDE)
STEPS = list(enumerate(np.ndindex(*INPUT.shape)))


def at_a_glance(figure: Figure):
    """A transposed convolution in four steps

    A 2 by 2 input of four numbers, 1, 2, 3, 4, a 3 by 3 kernel, 1 to 9, and a 5 by 5 output. Step by step each input
    sample is multiplied by the kernel, and the product is added to the output, two samples from the one before. After
    the last step the output's rows are 1 2 5 4 6; 4 5 14 10 12; 10 14 36 24 30; 12 15 34 20 24; 21 24 55 32 36.
    """
    size, top = 26, 24
    centre = top + 2.5 * size
    inputs = figure.board(2, centre - size, size, INPUT, "input")
    kernel = figure.board(inputs.right + 24, centre - 1.5 * size, size, KERNEL, "kernel")
    output = Board(figure, kernel.right + 48, top, size, *GEOMETRY.output_size)
    inputs.above("input", "input")
    kernel.above("kernel", "kernel")
    output.above("output", "output")
    figure.label(inputs.right + 12, centre, "×", size=18)
    kernel.arrow_to(output)
    output.growing([(sums, np.where(count > 0, "output", "zero")) for sums, count in partial_sums(GEOMETRY)])
    for step, (y, x) in STEPS:
        with figure.passing(step, still=step == 3):
            inputs.frame("input", y, x)
            output.frame("input", STRIDE * y, STRIDE * x, K, K)
            kernel.below(f"{INPUT[y, x]} × kernel", "input says", gap=20)
    return output.right + 2, output.bottom + 4


def stamps(figure: Figure):
    """Four stamps, and their sum

    Each of the four input samples 1, 2, 3, 4 paints a copy of the 3 by 3 kernel, multiplied by its value, on a 5 by 5
    canvas; the copies lie two samples apart. In four steps one canvas after the other is painted, and added to the
    output. Purple marks samples where stamps overlap: two stamps in the middle of the edges, four in the centre, where
    9·1 + 7·2 + 3·3 + 1·4 = 36.
    """
    size, gap = 20, 12
    output = Board(figure, 2 * (5 * size + gap) + 18, 2.5 * size + gap / 2 + 22, size, *GEOMETRY.output_size)
    output.above("output:", "output", gap=26)
    output.above("the sum", "output", gap=11)
    output.below("purple: overlap", "overlap")
    output.growing(
        [
            (sums, np.select([count > 1, count == 1], ["overlap", "output"], "zero"), np.where(count > 1, count / 5, 1))
            for sums, count in partial_sums(GEOMETRY)
        ]
    )
    for step, (y, x) in STEPS:
        canvas = figure.board(2 + x * (5 * size + gap), 22 + y * (5 * size + gap + 14), size, GEOMETRY.output_size)
        canvas.above(f"{INPUT[y, x]} × kernel", "input", gap=10)
        with figure.staying(step):
            canvas.fill(INPUT[y, x] * KERNEL, "kernel", STRIDE * y, STRIDE * x)
        with figure.passing(step):
            for board in (canvas, output):
                board.frame("input", STRIDE * y, STRIDE * x, K, K)
    return output.right + 2, 22 + 2 * (5 * size + gap) + 14


def three_ways(figure: Figure):
    """One operation, three ways

    Three rows, each from the same 2 by 2 input to the same 5 by 5 output, with a 3 by 3 kernel and stride 2. First: the
    kernel is stamped four times, two samples apart; the first and the last stamp are framed, and where stamps overlap
    the cells are purple. Second: the input is multiplied by the transpose of the
    convolution's matrix C, 4 by 25, in which the kernel's entries lie in bands. Third: the input with zeros between its
    samples and around them, 7 by 7, with a 3 by 3 window on it.
    """
    size, width, top = 20, 350, 28
    matrix = dl.conv_matrix(KERNEL[..., None, None], GEOMETRY)
    stretched = pad_or_crop(insert_zeros(INPUT[None, ..., None], (STRIDE, STRIDE)), ((2, 2), (2, 2)))[0, ..., 0]
    reached = np.where(dl.overlap(GEOMETRY) > 1, "overlap", "kernel")
    bands = np.where(matrix == 0, "zero", "kernel")
    ways = [
        ("1 · stamp the kernel, two samples apart", 17, reached.shape, reached),
        ("2 · multiply by the transposed matrix of the convolution", 7, bands.shape, bands),
        ("3 · stretch with zeros, pad, and convolve", 17, stretched, np.where(stretched == 0, "zero", "input")),
    ]
    boards = []
    for words, side, values, roles in ways:
        rows, columns = roles.shape
        height = max(rows * side, 5 * size)
        centre = top + height / 2
        inputs = figure.board(2, centre - size, size, INPUT, "input")
        output = figure.board(
            width - 2 - 5 * size, centre - 2.5 * size, size, transposed(INPUT, KERNEL, GEOMETRY), "output"
        )
        middle = (inputs.right + output.x) / 2
        boards.append(figure.board(middle - columns * side / 2, centre - rows * side / 2, side, values, roles))
        figure.label(width / 2, top - 16, words, size=13)
        inputs.arrow_to(boards[-1], 4)
        boards[-1].arrow_to(output, 4)
        top += height + 42
    stamped, _, padded = boards
    stamped.frame("input", 0, 0, K, K, margin=-1)  # the first stamp and the last: all four would be a lattice
    stamped.frame("input", STRIDE, STRIDE, K, K, margin=-1)
    padded.frame("kernel", 1, 1, K, K)
    return width, top - 36


def overlap(figure: Figure):
    """How many stamps reach each output sample, for kernels 3 and 4 at stride 2

    Two grids of counts, which grow stamp by stamp: nine input samples, three by three, each add one to the samples that
    their stamp reaches. Left, kernel 3 and stride 2: at last ones, twos and fours alternate in a checkerboard. Right,
    kernel 4 and stride 2: away from the border every sample is reached four times.
    """
    boards, x = {}, 2
    for k in (3, 4):
        geometry = dl.Geometry.of((3, 3), k, STRIDE)
        boards[k] = Board(figure, x, 26, 24, *geometry.output_size)
        boards[k].above(f"kernel {k}, stride {STRIDE}", "overlap", gap=14, size=14)
        states = []
        for stamps in range(10):
            stamped = (np.arange(9) < stamps).astype(int).reshape(3, 3)
            counts = transposed(stamped, np.ones((k, k), int), geometry)
            reached = counts > 0
            states.append(
                (
                    np.where(reached, counts, np.nan),
                    np.where(reached, "overlap", "zero"),
                    np.where(reached, counts / 4.5, 1),
                )
            )
        boards[k].growing(states)
        x = boards[k].right + 16
    for step, (row, column) in enumerate(np.ndindex(3, 3)):
        with figure.passing(step):
            for k, board in boards.items():
                board.frame("input", STRIDE * row, STRIDE * column, k, k)
    return x - 12, boards[4].bottom + 4


def legend(figure: Figure):
    """The colours and frames of the figures, and what each means

    Six cells with their names. Input is blue, the kernel orange, output green, inserted zeros and padding are dashed
    and grey, what a crop cuts is red, dashed and struck through, and what several stamps share is purple. Below them
    three frames: orange is the window of the kernel, blue the stamp of an input sample, and a strong frame in the
    colour of the text is what this step is about.
    """
    size = 30
    cells = [
        ("input", "7", "input"),
        ("kernel", "a", "kernel"),
        ("output", "7", "output"),
        ("zero", "0", "zero put in"),
        ("crop", "7", "cropped"),
        ("overlap", "2", "overlap"),
    ]
    frames = [("kernel", "window"), ("input", "stamp"), ("ink", "this step")]
    for n, (role, *shown, meaning) in enumerate([*cells, *frames]):
        x, y = 2 + n % 3 * 120, 4 + n // 3 * 42
        if shown:
            figure.cell(x, y, size, role, *shown, 0.5 if role == "overlap" else None)
        else:
            figure.frame(x + 1, y + 1, size - 2, size - 2, role)
        figure.label(x + size + 7, y + size / 2, meaning, "muted" if role == "zero" else role, "start")
    return 350, 126
