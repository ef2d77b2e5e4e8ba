"""The figures of the first steps and of the home page."""

from __future__ import annotations

import numpy as np

import deconvlib as dl
from deconvlib.arrays import correlate, insert_zeros, pad_or_crop
from docs_tools.drawings.shared import INPUT, KERNEL, transposed
from docs_tools.figures import arrow, frame, grid, label, steps

FIGURE, STRIDED, ODD = "The guide's Figure 4.7", "Relationship 12", "Relationship 14"  # of Dumoulin & Visin
__all__ = ["fractional_grid", "odd_grid", "padded_grid", "stamps", "three_ways"]


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
    """One operation, {word(1 + len(windowed))} ways

    {Word(1 + len(windowed))} rows, each from a {by(INPUT)} input to its output. First, at stride {one.stride[0]}: the
    input is multiplied by the transpose of the convolution's matrix C, {by(matrix)}, in which the kernel's entries lie
    in bands; the output is {by(one.output_size)}. Second: the input in the middle of a {by(around)} grid of zeros, with
    a {by(KERNEL)} window on it; the same {by(one.output_size)} output. Third, at stride {two.stride[0]}: the input with
    zeros between its samples and around them, {by(between)}, with the {by(KERNEL)} window; the output is
    {by(two.output_size)}.

    {Word(1 + len(windowed))} rows, each from a small input to its output: by the matrix, by padding, by stretching.
    {Word(1 + len(windowed))} rows, {word(1 + len(windowed))} ways. Stamps and phases have pictures of their own. The
    first row is the transposed convolution, the third the fractionally strided one. The same operation,
    {word(1 + len(windowed))} ways: by the matrix and by padding at stride {one.stride[0]}, by stretching at stride
    {two.stride[0]}.
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
        locals(),
        width,
        422,
        equation(width, 72, 20, small, (36, 144), one, "1 · multiply by the transposed matrix of the convolution"),
        equation(width, 208, 20, windowed[0], (102, 102), one, "2 · pad with zeros, then convolve"),
        equation(width, 358, 20, windowed[1], (119, 119), two, "3 · stretch with zeros, pad, then convolve"),
    )


def window_at(padded, step: int, k: int, m: int):
    """The samples under the k by k window in its place number `step` of m by m."""
    row, column = divmod(step, m)
    return padded[row : row + k, column : column + k]


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
        window = window_at(padded, row * m + column, k, m)
        terms = [f"{w}·{v}" for w, v in zip(rotated.ravel(), window.ravel()) if v]
        words = f"{' + '.join(terms)} = {out[row, column]}"
        frames.append(
            frame(2 + column * size, top + row * size, k * size, k * size, "kernel")
            + frame(right + column * size, out_top + row * size, size, size, "overlap")
            + label(width / 2, height - 12, words, size=13)
        )
    terms = [f"{w}·{v}" for w, v in zip(rotated.ravel(), window_at(padded, still, k, m).ravel()) if v]
    largest = f"{' + '.join(terms)} = {out.ravel()[still]}"
    return (
        locals(),
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
    """A padded input, a rotated kernel, a {by(out)} output

    The {by(inputs)} input {listed(inputs)} stands in the middle of a {by(padded)} grid of zeros. A {by(rotated)} window
    moves over it, one step at a time. In each place the {word(rotated.size)} samples in the window are multiplied by
    the {word(rotated.size)} entries of the rotated kernel, {rotated.max()} to {rotated.min()} and summed; the sum is
    one of the {out.size} samples of the {by(out)} output. Where all {word(inputs.size)} inputs lie in the window's
    upper left the sum is {largest}.

    A {words(inputs)} input in the middle of a {words(padded)} grid of zeros, a {words(rotated)} window that moves over
    it, and the {words(out)} output. The window moves over the padded input. Each of its positions touches at least one
    input sample, and gives one output. Its {word(len(set(rotated.ravel())))} entries are all different here; why it
    stands on its head comes next.
    """
    padded = pad_or_crop(INPUT[None, ..., None], ((2, 2), (2, 2)))[0, ..., 0]
    return windowed(padded, dl.Geometry.of((2, 2), 3), 23, still=10)


def fractional_grid():
    """A stretched and padded input, a rotated kernel, a {by(out)} output

    Kernel {k}, stride {geometry.stride[0]}. The {by(inputs)} input {listed(inputs)} with a row and a column of zeros
    between its samples, and {word(k - 1)} rows and columns of zeros around: a {by(padded)} grid. A {by(rotated)} window
    moves over it, one step at a time, {word(geometry.stride[0])} steps from one input sample to the next. In each place
    the samples in the window are multiplied by the rotated kernel {rotated.max()} to {rotated.min()} and summed; the
    sum is one of the {out.size} samples of the {by(out)} output. In the middle the window has the {word(inputs.size)}
    inputs in its corners: {largest}.

    A {words(inputs)} input, stretched by zeros between its samples and padded around them to a {words(padded)} grid, a
    {words(rotated)} window that moves over it, and the {words(out)} output. The window moves by one cell.
    {Word(geometry.stride[0])} steps take it from one input sample to the next. {STRIDED} at work: a {words(inputs)}
    input, kernel {k}, stride {geometry.stride[0]}. {Word(geometry.stride[0] - 1)} zero between the samples,
    {word(k - 1)} rows of zeros around them.
    """
    stretched = pad_or_crop(insert_zeros(INPUT[None, ..., None], (2, 2)), ((2, 2), (2, 2)))[0, ..., 0]
    return windowed(stretched, dl.Geometry.of((2, 2), 3, stride=2), 19.5, still=12)


def odd_grid():
    """The odd case: one more row and column of zeros at the end

    {FIGURE}, kernel {k}, stride {geometry.stride[0]}, padding {geometry.crop[0][0]}: {word(len(inputs))} by
    {word(len(inputs))} samples {inputs.min()} to {inputs.max()} with zeros between them, one row and column of zeros
    before, {word(k - geometry.crop[0][1] - 1)} after: an {by(padded)} grid. A {by(rotated)} window moves over it, one
    step at a time; the sums under it are the {out.size} samples of the {by(out)} output. The last row and column, which
    the extra zeros make, are not zero: the corner is {largest}.

    An {words(padded)} grid with one row of zeros before and {word(k - geometry.crop[0][1] - 1)} after, and its output.
    {ODD}: kernel {k}, stride {geometry.stride[0]}, padding {geometry.crop[0][0]}, and a {words(out)} output, of which a
    convolution would read all. The extra zeros at the end make the last row and column. The case of the figure, drawn
    from its arrays.
    """
    inputs = np.array([[3, 1, 2], [2, 3, 1], [1, 2, 3]])  # no sum has more digits than a cell has room for
    stretched = pad_or_crop(insert_zeros(inputs[None, ..., None], (2, 2)), ((1, 2), (1, 2)))[0, ..., 0]
    return windowed(stretched, dl.Geometry.of((3, 3), 3, stride=2, crop=(1, 0)), 17.5, still=35, inputs=inputs)


def stamps():
    """{Word(INPUT.size)} stamps, and their sum

    Each of the {word(INPUT.size)} input samples {listed(INPUT)} paints a copy of the {by(KERNEL)} kernel, multiplied by
    its value, on a {by(total)} canvas; the copies lie {word(geometry.stride[0])} samples apart. The sum of the
    {word(INPUT.size)} canvases is the output. Purple marks samples where stamps overlap: {word(count[0, 2])} stamps on
    the edges' middle, {word(count[2, 2])} in the centre, where
    {" + ".join(f"{w}·{v}" for w, v in zip(corners, INPUT.ravel()))} = {total[2, 2]}.

    {Word(INPUT.size)} input samples each paint a scaled kernel on a canvas, and the {word(INPUT.size)} canvases add up
    to the output. Each input sample paints its own copy of the kernel. The output is the sum of the {word(INPUT.size)}.
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
    total, corners = transposed(INPUT, KERNEL, geometry), KERNEL[::-2, ::-2].ravel()
    return (
        locals(),
        left + 5 * size + 2,
        22 + 2 * (5 * size + gap) + 14,
        *pages,
        label(left + 2.5 * size, sum_top - 26, "output:", "output"),
        label(left + 2.5 * size, sum_top - 11, "the sum", "output"),
        grid(total, np.where(count > 1, "overlap", "output"), left, sum_top, size, np.where(count > 1, count / 5, 1)),
        label(left + 2.5 * size, sum_top + 5 * size + 12, "purple: overlap", "overlap"),
        steps(frames, still=0),
    )
