"""The figures in which a window moves over a padded input, stretched or not; and the phases of the kernel."""

from __future__ import annotations

import numpy as np

import deconvlib as dl
from deconvlib.arrays import correlate, insert_zeros, pad_or_crop
from docs_tools.drawings.shared import INPUT, KERNEL, sum_of_products, transposed
from docs_tools.figures import Board, Figure

__all__ = ["cropped_grid", "fractional_grid", "odd_grid", "padded_grid", "subpixel"]

ROTATED = KERNEL[::-1, ::-1]
K = len(KERNEL)


def windowed(figure: Figure, inputs: np.ndarray, geometry: dl.Geometry, size: float, still: int):
    """The padded input comes to be; then the rotated kernel moves over it, and sum by sum the output fills.

    `still` is the window that the complete figure shows.
    """
    axis = geometry.axes[0]
    border = tuple(axis.kernel_size - 1 - cut for cut in axis.crop)
    stretched = insert_zeros(inputs[None, ..., None], (axis.stride, axis.stride))
    padded = pad_or_crop(stretched, (border, border))
    out = correlate(padded, ROTATED[..., None, None], (1, 1), (1, 1))[0, ..., 0]
    assert np.array_equal(out, transposed(inputs, KERNEL, geometry))
    padded = padded[0, ..., 0]

    gap = 26
    board = Board(figure, 2, 24, size, *padded.shape)
    kernel = figure.board(board.right + gap - 2, board.centre - K * size / 2, size, ROTATED, "kernel")
    output = Board(figure, kernel.right + gap, board.centre - len(out) * size / 2, size, *out.shape)
    width, words_y = output.right + 2, board.bottom + 22
    board.above(f"padded input, {len(padded)} × {len(padded)}", "input", gap=14)
    kernel.above("rotated kernel", "kernel", gap=14)
    output.above(f"output, {len(out)} × {len(out)}", "output", gap=14)
    figure.label(kernel.x - gap / 2, board.centre, "∗", size=18)
    figure.label(output.x - gap / 2, board.centre, "=", size=18)

    told = padded_input(board, inputs, axis.stride, border)
    for step, words in enumerate(told):
        with figure.passing(step):
            figure.label(width / 2, words_y, words, "ink says", size=13)
    states = []
    for done in range(out.size + 1):
        filled = np.arange(out.size).reshape(out.shape) < done
        states.append((np.where(filled, out, np.nan), np.where(filled, "output", "zero")))
    output.growing(states, first=len(told))
    for step, (row, column) in enumerate(np.ndindex(*out.shape)):
        with figure.passing(len(told) + step, still=step == still):
            board.frame("kernel", row, column, K, K)
            output.frame("ink", row, column)
            words = sum_of_products(ROTATED, padded[row : row + K, column : column + K])
            figure.label(width / 2, words_y, f"{words} = {out[row, column]}", "ink says", size=13)
    return width, words_y + 12


def padded_input(board: Board, inputs: np.ndarray, stride: int, border: tuple[int, int]) -> list[str]:
    """Step by step: the input as it is, pulled apart, with zeros in between, with zeros around; words for each step."""
    count, begin = len(inputs), border[0]
    end = begin + stride * (count - 1) + 1
    places = list(np.ndindex(board.rows, board.columns))
    inside = {place for place in places if begin <= min(place) and max(place) < end}
    samples = {(begin + stride * y, begin + stride * x): (y, x) for y, x in np.ndindex(count, count)}
    told = ["the input"]
    for place, (y, x) in samples.items():
        if stride == 1:
            board.cell(*place, "input", inputs[y, x])
            continue
        # until it is pulled apart, the input stands together in the middle of its place
        together = [(stride - 1) * ((count - 1) / 2 - at) * board.size for at in (x, y)]
        with board.figure.moving(1, *together):
            board.cell(*place, "input", inputs[y, x])
    if stride > 1:
        told += [f"pulled apart: stride {stride}", "zeros drop in between"]
        with board.figure.staying(2):
            for place in sorted(inside - samples.keys()):
                board.cell(*place, "zero", 0)
    with board.figure.staying(len(told)):
        for place in sorted(set(places) - inside):
            board.cell(*place, "zero", 0)
    sides = f"{border[0]} on each side" if border[0] == border[1] else f"{border[0]} before, {border[1]} after"
    return [*told, f"zeros around: {sides}"]


def padded_grid(figure: Figure):
    """A padded input, a rotated kernel, a 4 by 4 output

    The 2 by 2 input 1, 2, 3, 4 gets two rows and columns of zeros on each side: a 6 by 6 grid. A 3 by 3 window moves
    over it, one step at a time. In each place the nine samples in the window are multiplied by the nine entries of the
    rotated kernel, 9 to 1, and summed, and the sum is put into the 4 by 4 output, until its 16 samples are there. Where
    all four inputs lie in the window's upper left the sum is 9·1 + 8·2 + 6·3 + 5·4 = 63.
    """
    return windowed(figure, INPUT, dl.Geometry.of((2, 2), 3), 23, still=10)


def fractional_grid(figure: Figure):
    """A stretched and padded input, a rotated kernel, a 5 by 5 output

    Kernel 3, stride 2. The 2 by 2 input 1, 2, 3, 4 is pulled apart. A row and a column of zeros drop in between its
    samples, and two rows and columns of zeros are put on each side: a 7 by 7 grid. A 3 by 3 window moves over it, one
    step at a time, two steps from one input sample to the next. In each place the samples in the window are multiplied
    by the rotated kernel, 9 to 1, and summed, and the sum is put into the 5 by 5 output, until its 25 samples are
    there. In the middle the window has the four inputs in its corners: 9·1 + 7·2 + 3·3 + 1·4 = 36.
    """
    return windowed(figure, INPUT, dl.Geometry.of((2, 2), 3, stride=2), 19.5, still=12)


def odd_grid(figure: Figure):
    """The odd case: one more row and column of zeros at the end

    The guide's Figure 4.7, kernel 3, stride 2, padding 1: three by three samples 1 to 3 with zeros between them, one
    row and column of zeros before, two after: an 8 by 8 grid. A 3 by 3 window moves over it, one step at a time; the
    sums under it fill the 6 by 6 output. The last row and column, which the extra zeros make, are not zero: the corner
    is 9·3 = 27.
    """
    inputs = np.array([[3, 1, 2], [2, 3, 1], [1, 2, 3]])  # no sum has more digits than a cell has room for
    return windowed(figure, inputs, dl.Geometry.of((3, 3), 3, stride=2, crop=(1, 0)), 17.5, still=35)


def cropped_grid(figure: Figure):
    """A cut sample of the output needs one zero less

    Left the 2 by 2 input with zeros around it, right its output with kernel 3. In three steps: nothing is cut, with two
    zeros on each side and a 4 by 4 output; one row and column are cut at the beginning of the output, and the zeros
    before the input are one less; one is cut at the end as well, and the zeros after the input are one less. A 2 by 2
    output is left, and one zero on each side.
    """
    size = 26
    out = transposed(INPUT, KERNEL, dl.Geometry.of(INPUT.shape, K))
    padded = pad_or_crop(INPUT[None, ..., None], ((K - 1, K - 1), (K - 1, K - 1)))[0, ..., 0]
    left = Board(figure, 2, 48, size, *padded.shape)
    right = Board(figure, left.right + 62, left.centre - len(out) * size / 2, size, *out.shape)
    left.above("padded input", "input", gap=36)
    figure.label(right.middle, left.y - 36, "output", "output")
    left.arrow_to(right, 12)
    crops = [(0, 0), (1, 0), (1, 1)]
    for board, values, roles in (
        (left, padded, np.where(padded == 0, "zero", "input")),
        (right, out, np.full(out.shape, "output")),
    ):
        states = []
        for begin, end in crops:
            kept = np.full(values.shape, "crop", roles.dtype)
            inside = (slice(begin, len(values) - end),) * 2
            kept[inside] = roles[inside]
            states.append((values, kept))
        board.growing(states, first=1)
    for step, (begin, end) in enumerate(crops):
        with figure.passing(step, still=step == len(crops) - 1):
            figure.label(right.middle, 30, f"crop: {begin} before, {end} after", "crop", size=11)
            zeros = f"zeros: {K - 1 - begin} before, {K - 1 - end} after"
            figure.label(left.middle, 30, zeros, "muted says", size=11)
    return right.right + 20, left.bottom + 4


def subpixel(figure: Figure):
    """The kernel's taps in four phases, A to D, and the output interleaved from them

    A 3 by 3 kernel with stride 2 falls apart by the parity of row and column. Phase A has the four corner taps, 1 3 7
    9, phase B the two taps 2 8, phase C the two taps 4 6, phase D the middle tap 5. Each phase is a small convolution
    of its own, at stride 1, of the input 1 2 3 4, and makes every second sample of the 5 by 5 output: A makes 1 5 6 10
    36 30 21 55 36. In four steps the taps of one phase are marked, and the samples that it makes.
    """
    stride, size, small = 2, 28, 22
    total = transposed(INPUT, KERNEL, dl.Geometry.of((2, 2), K, stride=stride))
    output = figure.board(204, 24, size, total.shape)
    kernel = figure.board(2, output.y + size, size, KERNEL, "kernel")
    output.above("output", "output")
    kernel.above("kernel", "kernel")
    kernel.arrow_to(output, 14)
    x, below = 8.0, output.bottom + 34
    for step, (letter, (row, column)) in enumerate(zip("ABCD", np.ndindex(stride, stride))):
        taps, made = KERNEL[row::stride, column::stride], total[row::stride, column::stride]
        width = max(taps.shape[1], made.shape[1]) * small
        figure.label(x + width / 2, below - 14, f"phase {letter}")
        figure.board(x + (width - taps.shape[1] * small) / 2, below, small, taps, "kernel")
        with figure.staying(step):
            figure.board(x + (width - made.shape[1] * small) / 2, below + 2.5 * small, small, made, "output")
            for m, n in np.ndindex(*made.shape):
                output.cell(row + stride * m, column + stride * n, "output", made[m, n])
        with figure.passing(step, still=step == 0):
            figure.frame(x - 5, below - 24, width + 10, 5.5 * small + 30, "ink")
            for board, part in ((kernel, taps), (output, made)):
                for m, n in np.ndindex(*part.shape):
                    board.frame("ink", row + stride * m, column + stride * n)
        x += width + 24
    return max(x - 18, output.right + 2), below + 5.5 * small + 12
