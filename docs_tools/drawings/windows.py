"""The figures in which a window moves over a padded input: with stride 1, stretched, and the odd case."""

from __future__ import annotations

import numpy as np

import deconvlib as dl
from deconvlib.arrays import correlate, insert_zeros, pad_or_crop
from docs_tools.drawings.shared import INPUT, KERNEL, sum_of_products, transposed
from docs_tools.figures import arrow, cell, frame, growing, label, moves, passes, stays, titled

__all__ = ["cropped_grid", "fractional_grid", "odd_grid", "padded_grid"]

ROTATED = KERNEL[::-1, ::-1]


def windowed(inputs: np.ndarray, geometry: dl.Geometry, size: float, still: int) -> tuple:
    """The padded input comes to be; then the rotated kernel moves over it, and sum by sum the output fills.

    `still` is the window that the complete figure shows.
    """
    axis = geometry.axes[0]
    border = tuple(axis.kernel_size - 1 - cut for cut in axis.crop)
    stretched = insert_zeros(inputs[None, ..., None], (axis.stride, axis.stride))
    padded = pad_or_crop(stretched, (border, border))
    out = correlate(padded, ROTATED[..., None, None], (1, 1), (1, 1))[0, ..., 0]
    assert np.array_equal(out, transposed(inputs, KERNEL, geometry))
    n, k, m = padded.shape[1], len(ROTATED), len(out)

    gap, top = 26, 24
    middle, right = n * size + gap, (n + k) * size + 2 * gap
    width, height = right + m * size + 2, top + n * size + 34
    kernel_top, out_top = top + (n - k) * size / 2, top + (n - m) * size / 2

    built = _padded_input(inputs, axis.stride, border, size, top)
    body = [drawn for drawn, _ in built]
    body += [
        passes(step, label(width / 2, height - 12, words, "ink says", size=13)) for step, (_, words) in enumerate(built)
    ]
    first = len(built)
    for step, (row, column) in enumerate(np.ndindex(m, m)):
        window = padded[0, row : row + k, column : column + k, 0]
        words = f"{sum_of_products(ROTATED, window)} = {out[row, column]}"
        body.append(
            passes(
                first + step,
                frame(2 + column * size, top + row * size, k * size, k * size, "kernel"),
                frame(right + column * size, out_top + row * size, size, size, "ink"),
                label(width / 2, height - 12, words, "ink says", size=13),
                still=step == still,
            )
        )
    states = []
    for done in range(m * m + 1):
        filled = np.arange(m * m).reshape(m, m) < done
        states.append((np.where(filled, out, np.nan), np.where(filled, "output", "zero")))
    return (
        width,
        height,
        label(2 + n * size / 2, 10, f"padded input, {n} × {n}", "input"),
        titled("rotated kernel", "kernel", ROTATED, middle, kernel_top, size),
        label(right + m * size / 2, out_top - 14, f"output, {m} × {m}", "output"),
        growing(states, right, out_top, size, first),
        label(middle - gap / 2, top + n * size / 2, "∗", size=18),
        label(right - gap / 2, top + n * size / 2, "=", size=18),
        *body,
    )


def _padded_input(inputs: np.ndarray, stride: int, border: tuple[int, int], size: float, top: float) -> list[tuple]:
    """Step by step: the input as it is, pulled apart, with zeros in between, with zeros around.

    (drawing, words) for each step.
    """
    count = len(inputs)
    length = stride * (count - 1) + 1
    samples, between, around = [], [], []
    for row, column in np.ndindex(length + sum(border), length + sum(border)):
        place = 2 + column * size, top + row * size, size
        y, x = row - border[0], column - border[0]
        if not (0 <= y < length and 0 <= x < length):
            around.append(cell(*place, "zero", 0))
        elif y % stride or x % stride:
            between.append(cell(*place, "zero", 0))
        else:
            # until it is pulled apart, the input stands together in the middle of its place
            together = [(stride - 1) * ((count - 1) / 2 - at // stride) * size for at in (x, y)]
            drawn = cell(*place, "input", inputs[y // stride, x // stride])
            samples.append(drawn if stride == 1 else moves(1, *together, drawn))
    built = [("".join(samples), "the input")]
    if stride > 1:
        built.append(("", f"pulled apart: stride {stride}"))
        built.append((stays(2, *between), "zeros drop in between"))
    sides = f"{border[0]} on each side" if border[0] == border[1] else f"{border[0]} before, {border[1]} after"
    built.append((stays(len(built), *around), f"zeros around: {sides}"))
    return built


def padded_grid():
    """A padded input, a rotated kernel, a 4 by 4 output

    The 2 by 2 input 1, 2, 3, 4 gets two rows and columns of zeros on each side: a 6 by 6 grid. A 3 by 3 window moves
    over it, one step at a time. In each place the nine samples in the window are multiplied by the nine entries of the
    rotated kernel, 9 to 1, and summed, and the sum is put into the 4 by 4 output, until its 16 samples are there. Where
    all four inputs lie in the window's upper left the sum is 9·1 + 8·2 + 6·3 + 5·4 = 63.
    """
    return windowed(INPUT, dl.Geometry.of((2, 2), 3), 23, still=10)


def fractional_grid():
    """A stretched and padded input, a rotated kernel, a 5 by 5 output

    Kernel 3, stride 2. The 2 by 2 input 1, 2, 3, 4 is pulled apart. A row and a column of zeros drop in between its
    samples, and two rows and columns of zeros are put on each side: a 7 by 7 grid. A 3 by 3 window moves over it, one
    step at a time, two steps from one input sample to the next. In each place the samples in the window are multiplied
    by the rotated kernel, 9 to 1, and summed, and the sum is put into the 5 by 5 output, until its 25 samples are
    there. In the middle the window has the four inputs in its corners: 9·1 + 7·2 + 3·3 + 1·4 = 36.
    """
    return windowed(INPUT, dl.Geometry.of((2, 2), 3, stride=2), 19.5, still=12)


def odd_grid():
    """The odd case: one more row and column of zeros at the end

    The guide's Figure 4.7, kernel 3, stride 2, padding 1: three by three samples 1 to 3 with zeros between them, one
    row and column of zeros before, two after: an 8 by 8 grid. A 3 by 3 window moves over it, one step at a time; the
    sums under it fill the 6 by 6 output. The last row and column, which the extra zeros make, are not zero: the corner
    is 9·3 = 27.
    """
    inputs = np.array([[3, 1, 2], [2, 3, 1], [1, 2, 3]])  # no sum has more digits than a cell has room for
    return windowed(inputs, dl.Geometry.of((3, 3), 3, stride=2, crop=(1, 0)), 17.5, still=35)


def cropped_grid():
    """A cut sample of the output needs one zero less

    Left the 2 by 2 input with zeros around it, right its output with kernel 3. In three steps: nothing is cut, with two
    zeros on each side and a 4 by 4 output; one row and column are cut at the beginning of the output, and the zeros
    before the input are one less; one is cut at the end as well, and the zeros after the input are one less. A 2 by 2
    output is left, and one zero on each side.
    """
    size, top, k = 26, 48, len(KERNEL)
    full = dl.Geometry.of(INPUT.shape, k)
    out = transposed(INPUT, KERNEL, full)
    padded = pad_or_crop(INPUT[None, ..., None], ((k - 1, k - 1), (k - 1, k - 1)))[0, ..., 0]
    n, m = len(padded), len(out)
    right = n * size + 64
    out_top = top + (n - m) * size / 2

    def states(values: np.ndarray, kept: np.ndarray, crops: list[tuple[int, int]]) -> list[tuple]:
        drawn = []
        for begin, end in crops:
            inside = np.zeros(values.shape, bool)
            inside[begin : len(values) - end, begin : len(values) - end] = True
            drawn.append((values, np.where(inside, kept, "crop")))
        return drawn

    crops = [(0, 0), (1, 0), (1, 1)]
    body = []
    for step, (begin, end) in enumerate(crops):
        cut = f"crop: {begin} before, {end} after"
        zeros = f"zeros: {k - 1 - begin} before, {k - 1 - end} after"
        still = step == len(crops) - 1
        body.append(passes(step, label(right + m * size / 2, 30, cut, "crop", size=11), still=still))
        body.append(passes(step, label(2 + n * size / 2, 30, zeros, "muted says", size=11), still=still))
    return (
        right + m * size + 20,
        top + n * size + 4,
        label(2 + n * size / 2, 12, "padded input", "input"),
        label(right + m * size / 2, 12, "output", "output"),
        growing(states(padded, np.where(padded == 0, "zero", "input"), crops), 2, top, size, first=1),
        arrow(n * size + 12, top + n * size / 2, right - 12, top + n * size / 2),
        growing(states(out, np.full(out.shape, "output"), crops), right, out_top, size, first=1),
        *body,
    )
