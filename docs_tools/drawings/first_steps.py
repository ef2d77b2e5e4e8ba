"""The figures of the first steps and of the home page."""

from __future__ import annotations

import numpy as np

import deconvlib as dl
from deconvlib.arrays import correlate, insert_zeros, pad_or_crop
from docs_tools.drawings.shared import INPUT, KERNEL, transposed
from docs_tools.figures import arrow, frame, grid, label, line, steps

__all__ = ["fractional_grid", "matrix_c", "odd_grid", "padded_grid", "stamps", "subpixel", "three_ways"]


def equation(width: float, y: float, size: float, middle: str, middle_size: tuple, geometry, captions) -> str:
    """Input -> mechanism -> output, centred on y."""
    (rows, columns), (height, breadth) = geometry.input_size, middle_size
    out = transposed(INPUT, KERNEL, geometry)
    left, right = 2, width - 2 - size * out.shape[1]
    centre = (left + columns * size + right) / 2
    return "".join(
        (
            grid(INPUT, "input", left, y - size * rows / 2, size),
            arrow(left + columns * size + 4, y, centre - breadth / 2 - 4, y),
            f'<g transform="translate({centre - breadth / 2:g} {y - height / 2:g})">{middle}</g>',
            arrow(centre + breadth / 2 + 4, y, right - 4, y),
            grid(out, "output", right, y - size * len(out) / 2, size),
            label(width / 2, y - max(height, size * len(out)) / 2 - 14, captions, size=13),
        )
    )


def three_ways():
    """One operation, three ways

    Three rows, each from a 2 by 2 input to its output. First: the input is multiplied by the transpose of the
    convolution's matrix C, 4 by 16, in which the kernel's entries lie in bands; the output is 4 by 4. Second: the input
    in the middle of a 6 by 6 grid of zeros, with a 3 by 3 window on it; the same 4 by 4 output. Third: the input with
    zeros between its samples and around them, 7 by 7, with the 3 by 3 window; the output is 5 by 5.
    """
    one, two = dl.Geometry.of((2, 2), 3), dl.Geometry.of((2, 2), 3, stride=2)
    matrix = dl.conv_matrix(KERNEL[..., None, None], one)
    bands = np.where(matrix == 0, "zero", "kernel")
    small = grid(np.full(matrix.shape, None), bands, 0, 0, 9)
    around = pad_or_crop(INPUT[None, ..., None], ((2, 2), (2, 2)))[0, ..., 0]
    between = pad_or_crop(insert_zeros(INPUT[None, ..., None], (2, 2)), ((2, 2), (2, 2)))[0, ..., 0]
    windowed = [
        grid(padded, np.where(padded == 0, "zero", "input"), 0, 0, 17) + frame(17, 17, 51, 51, "kernel")
        for padded in (around, between)
    ]
    width = 350
    return (
        width,
        422,
        equation(width, 72, 20, small, (36, 144), one, "1 · multiply by the transposed matrix of the convolution"),
        equation(width, 208, 20, windowed[0], (102, 102), one, "2 · pad with zeros, then convolve"),
        equation(width, 358, 20, windowed[1], (119, 119), two, "3 · stretch with zeros, pad, then convolve"),
    )


def matrix_c():
    """The convolution as a matrix C, of shape 4 by 16

    A grid of four rows and sixteen columns. Each row is one position of the 3 by 3 kernel on the 4 by 4 image, each
    column one sample of the image. A row holds the nine kernel entries 1 to 9 in three runs of three, with zeros
    between them; each later row holds the same runs, moved to the right.
    """
    geometry = dl.Geometry.of((2, 2), 3)
    matrix = dl.conv_matrix(KERNEL[..., None, None], geometry)
    size, left, top = 20, 38, 40
    rows, columns = matrix.shape
    body = [grid(matrix, np.where(matrix == 0, "zero", "kernel"), left, top, size)]
    for row, (y, x) in enumerate(np.ndindex(*geometry.input_size)):
        body.append(label(left - 6, top + size * (row + 0.5), f"y{y}{x}", "output", "end"))
    for column, (y, x) in enumerate(np.ndindex(*geometry.output_size)):
        body.append(label(left + size * (column + 0.5), top - 9, f"{y}{x}", "input", size=11))
    for group in range(1, 4):
        body.append(line(left + 4 * size * group, top - 16, left + 4 * size * group, top + rows * size + 2))
    body.append(label(left + columns * size / 2, 10, "the 16 samples of the image, row by row", "input"))
    body.append(label(left, top + rows * size + 16, "4 positions of the kernel", "output", "start"))
    return left + columns * size + 4, top + rows * size + 28, *body


def windowed(padded, geometry, size: float, still: int, inputs=INPUT):
    """A convolution step by step: the padded input, the rotated kernel, the output, and each sum in numbers."""
    rotated = KERNEL[::-1, ::-1]
    out = correlate(padded[None, ..., None], rotated[..., None, None], (1, 1), (1, 1))[0, ..., 0]
    assert np.array_equal(out, transposed(inputs, KERNEL, geometry))
    n, k, m = len(padded), len(rotated), len(out)
    gap, top = 26, 24
    middle, right = n * size + gap, (n + k) * size + 2 * gap
    width, height = right + m * size + 2, top + n * size + 34
    kernel_top, out_top = top + (n - k) * size / 2, top + (n - m) * size / 2
    frames = []
    for row, column in np.ndindex(m, m):
        window = padded[row : row + k, column : column + k]
        terms = [f"{w}·{v}" for w, v in zip(rotated.ravel(), window.ravel()) if v]
        words = f"{' + '.join(terms)} = {out[row, column]}"
        frames.append(
            frame(2 + column * size, top + row * size, k * size, k * size, "kernel")
            + frame(right + column * size, out_top + row * size, size, size, "overlap")
            + label(width / 2, height - 12, words, size=13)
        )
    return (
        width,
        height,
        grid(padded, np.where(padded == 0, "zero", "input"), 2, top, size),
        grid(rotated, "kernel", middle, kernel_top, size),
        grid(out, "output", right, out_top, size),
        label(2 + n * size / 2, 10, f"padded input, {n} × {n}", "input"),
        label(middle + k * size / 2, kernel_top - 14, "kernel,", "kernel"),
        label(middle + k * size / 2, kernel_top + k * size + 13, "rotated", "kernel"),
        label(right + m * size / 2, out_top - 14, f"output, {m} × {m}", "output"),
        label(middle - gap / 2, top + n * size / 2, "∗", size=18),
        label(right - gap / 2, top + n * size / 2, "=", size=18),
        steps(frames, still),
    )


def padded_grid():
    """A padded input, a rotated kernel, a 4 by 4 output

    The 2 by 2 input 1, 2, 3, 4 stands in the middle of a 6 by 6 grid of zeros. A 3 by 3 window moves over it, one step
    at a time. In each place the nine samples in the window are multiplied by the rotated kernel 9 to 1 and summed; the
    sum is one of the 16 samples of the 4 by 4 output. Where all four inputs lie in the window's upper left the sum is
    9·1 + 8·2 + 6·3 + 5·4 = 63.
    """
    padded = pad_or_crop(INPUT[None, ..., None], ((2, 2), (2, 2)))[0, ..., 0]
    return windowed(padded, dl.Geometry.of((2, 2), 3), 23, still=10)


def fractional_grid():
    """A stretched and padded input, a rotated kernel, a 5 by 5 output

    The 2 by 2 input 1, 2, 3, 4 with a row and a column of zeros between its samples, and two rows and columns of zeros
    around: a 7 by 7 grid. A 3 by 3 window moves over it, one step at a time. In each place the samples in the window
    are multiplied by the rotated kernel 9 to 1 and summed; the sum is one of the 25 samples of the 5 by 5 output. In
    the middle the window has the four inputs in its corners: 9·1 + 7·2 + 3·3 + 1·4 = 36.
    """
    stretched = pad_or_crop(insert_zeros(INPUT[None, ..., None], (2, 2)), ((2, 2), (2, 2)))[0, ..., 0]
    return windowed(stretched, dl.Geometry.of((2, 2), 3, stride=2), 19.5, still=12)


def odd_grid():
    """The odd case: one more row and column of zeros at the end

    The guide's Figure 4.7: three by three samples 1 to 9 with zeros between them, one row and column of zeros before,
    two after: an 8 by 8 grid. A 3 by 3 window moves over it, one step at a time; the sums under it are the 36 samples
    of the 6 by 6 output. The last row and column, which the extra zeros make, are not zero: the corner is 9·9 = 81.
    """
    inputs = np.arange(1, 10).reshape(3, 3)
    stretched = pad_or_crop(insert_zeros(inputs[None, ..., None], (2, 2)), ((1, 2), (1, 2)))[0, ..., 0]
    return windowed(stretched, dl.Geometry.of((3, 3), 3, stride=2, crop=(1, 0)), 17.5, still=35, inputs=inputs)


def stamps():
    """Four stamps, and their sum

    Each of the four input samples 1, 2, 3, 4 paints a copy of the 3 by 3 kernel, multiplied by its value, on a 5 by 5
    canvas; the copies lie two samples apart. The sum of the four canvases is the output. Purple marks samples where
    stamps overlap: two stamps on the edges' middle, four in the centre, where 9·1 + 7·2 + 3·3 + 1·4 = 36.
    """
    geometry = dl.Geometry.of((2, 2), 3, stride=2)
    size, gap = 20, 12
    pages, frames = [], []
    count = transposed(np.ones((2, 2), int), np.ones((3, 3), int), geometry)
    left, sum_top = 2 * (5 * size + gap) + 18, 5 * size / 2 + gap / 2 + 22
    for sample in np.ndindex(2, 2):
        one = np.zeros((2, 2), int)
        one[sample] = INPUT[sample]
        stamp = transposed(one, KERNEL, geometry)
        x, y = 2 + sample[1] * (5 * size + gap), 22 + sample[0] * (5 * size + gap + 14)
        pages.append(grid(stamp, np.where(stamp == 0, "zero", "kernel"), x, y, size))
        pages.append(label(x + 2.5 * size, y - 10, f"{INPUT[sample]} × kernel", "input"))
        corner = [2 * size * axis for axis in sample]
        frames.append(
            frame(x + corner[1], y + corner[0], 3 * size, 3 * size, "input")
            + frame(left + corner[1], sum_top + corner[0], 3 * size, 3 * size, "input")
        )
    total = transposed(INPUT, KERNEL, geometry)
    return (
        left + 5 * size + 2,
        22 + 2 * (5 * size + gap) + 14,
        *pages,
        label(left + 2.5 * size, sum_top - 26, "output:", "output"),
        label(left + 2.5 * size, sum_top - 11, "the sum", "output"),
        grid(total, np.where(count > 1, "overlap", "output"), left, sum_top, size, np.where(count > 1, count / 5, 1)),
        label(left + 2.5 * size, sum_top + 5 * size + 12, "purple: overlap", "overlap"),
        steps(frames, still=0),
    )


def subpixel():
    """The kernel's taps in four phases, A to D, and the output interleaved from them

    A 3 by 3 kernel with stride 2 falls apart by the parity of row and column. Phase A has the four corner taps, 1 3 7
    9, phase B the two taps 2 8, phase C the two taps 4 6, phase D the middle tap 5. Each phase is a small convolution
    of its own. In the 5 by 5 output the letters alternate: A B A B A in even rows, C D C D C in odd rows.
    """
    geometry = dl.Geometry.of((2, 2), 3, stride=2)
    letters = np.array([["A", "B"], ["C", "D"]])
    of_taps = np.array([[letters[y % 2, x % 2] for x in range(3)] for y in range(3)])
    of_output = np.array([[letters[y % 2, x % 2] for x in range(5)] for y in range(5)])
    size, top = 22, 64
    total, right = transposed(INPUT, KERNEL, geometry), 240
    body = [
        label(2 + 1.5 * size, top - 14, "kernel", "kernel"),
        grid(KERNEL, "kernel", 2, top, size),
        grid(of_taps, "kernel", 2, top + 3 * size + 26, size),
        label(2 + 1.5 * size, top + 3 * size + 12, "its phases", "kernel"),
        label(right + 2.5 * size, 12, "output", "output"),
        grid(total, "output", right, 24, size),
        label(right + 2.5 * size, 24 + 5 * size + 12, "from the phases", "output"),
        grid(of_output, "output", right, 24 + 5 * size + 24, size),
    ]
    y = 14.0
    for rows, columns in np.ndindex(2, 2):
        taps = KERNEL[rows::2, columns::2]
        letter = letters[rows, columns]
        body.append(label(116, y + size * len(taps) / 2, letter, size=15))
        body.append(grid(taps, "kernel", 130, y, size))
        body.append(arrow(84, top + 3 * size, 102, y + size * len(taps) / 2))
        body.append(arrow(182, y + size * len(taps) / 2, 230, 24 + 5 * size + 12))
        y += size * len(taps) + 26
    return right + 5 * size + 2, 24 + 10 * size + 28, *body
