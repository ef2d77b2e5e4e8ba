"""The figures in which one step is shown in two or three places at once: in the input, in the kernel, in the output."""

from __future__ import annotations

import numpy as np

import deconvlib as dl
from docs_tools.drawings.shared import INPUT, KERNEL, transposed
from docs_tools.figures import arrow, cell, frame, grid, label, line, steps

__all__ = ["at_a_glance", "matrix_back", "matrix_c", "subpixel"]


def at_a_glance():
    """A transposed convolution in {word(INPUT.size)} steps

    A {by(INPUT)} input of {word(INPUT.size)} numbers, {listed(INPUT)}, a {by(KERNEL)} kernel, {KERNEL.min()} to
    {KERNEL.max()}, and a {by(total)} output. Step by step each input sample is multiplied by the kernel, and the
    product is added to the output, {word(stride)} samples from the one before. After the last step the output's rows
    are {"; ".join(listed(row, " ") for row in total)}.

    {Word(INPUT.size)} input numbers; each is multiplied by the kernel and added to the output, {word(stride)} samples
    from the one before. Each input number is multiplied by the kernel. The product is added to the output,
    {word(stride)} samples from the one before. That is all.
    """
    stride, size, top = 2, 26, 24
    geometry = dl.Geometry.of(INPUT.shape, KERNEL.shape, stride)
    total = transposed(INPUT, KERNEL, geometry)
    (rows, columns), k = total.shape, len(KERNEL)
    middle, right = 2 * size + 26, (2 + k) * size + 74
    centre = top + rows * size / 2
    frames, so_far = [], np.zeros_like(INPUT)
    for y, x in np.ndindex(*INPUT.shape):
        so_far[y, x] = INPUT[y, x]
        sums = transposed(so_far, KERNEL, geometry)
        reached = transposed(so_far > 0, np.ones_like(KERNEL), geometry)
        body = [cell(right + size * n, top + size * m, size, "output", sums[m, n]) for m, n in np.argwhere(reached)]
        body.append(frame(2 + x * size, centre - size + y * size, size, size, "input"))
        body.append(frame(right + stride * x * size, top + stride * y * size, k * size, k * size, "input"))
        body.append(label(middle + k * size / 2, centre + k * size / 2 + 20, f"{INPUT[y, x]} × kernel", "input"))
        frames.append("".join(body))
    return (
        locals(),
        right + columns * size + 2,
        top + rows * size + 4,
        grid(INPUT, "input", 2, centre - size, size),
        label(2 + size, centre - size - 12, "input", "input"),
        label(2 * size + 14, centre, "×", size=18),
        grid(KERNEL, "kernel", middle, centre - k * size / 2, size),
        label(middle + k * size / 2, centre - k * size / 2 - 12, "kernel", "kernel"),
        arrow(middle + k * size + 8, centre, right - 8, centre),
        grid(np.zeros_like(total), "zero", right, top, size),
        label(right + columns * size / 2, 12, "output", "output"),
        steps(frames, still=len(frames) - 1),
    )


def _matrix(left: float, top: float, size: float) -> tuple[np.ndarray, str]:
    """C of the first example, with a line after each row of the image."""
    matrix = dl.conv_matrix(KERNEL[..., None, None], dl.Geometry.of((2, 2), 3))
    parts = [grid(matrix, np.where(matrix == 0, "zero", "kernel"), left, top, size)]
    for group in range(1, 4):
        x = left + 4 * size * group
        parts.append(line(x, top - 2, x, top + len(matrix) * size + 2))
    return matrix, "".join(parts)


def matrix_c():
    """The convolution as a matrix C, of shape {by(matrix)}

    Above, the {by(image)} image, its samples named by row and column, and the {by(places)} output. Below, a grid of
    {word(rows)} rows and {word(columns)} columns: each row is one position of the {by(KERNEL)} kernel on the image,
    each column one sample of the image. A row holds the {word(KERNEL.size)} kernel entries {KERNEL.min()} to
    {KERNEL.max()} in {word(len(KERNEL))} runs of {word(len(KERNEL[0]))}, with zeros between them; each later row holds
    the same runs, moved to the right. In {word(rows)} steps a window stands at one position on the image, and the row
    of the matrix and the output sample that belong to it are marked.

    The matrix C: {word(rows)} rows, one for each position of the kernel, and {word(columns)} columns, one for each
    input sample. Each row is the kernel at one of its positions, flattened. The picture has the entries {KERNEL.min()}
    to {KERNEL.max()}, so that you can see where each one goes.
    """
    size, left, top = 20, 38, 166
    matrix, drawn = _matrix(left, top, size)
    rows, columns = matrix.shape
    image, places = (np.array([[f"{y}{x}" for x in range(n)] for y in range(n)]) for n in (4, 2))
    x_left, y_left, cell_size, k = left, left + 224, 28, len(KERNEL)
    middle = 22 + 2 * cell_size
    body, frames = [drawn], []
    for row, (y, x) in enumerate(np.ndindex(*places.shape)):
        body.append(label(left - 6, top + size * (row + 0.5), f"y{y}{x}", "output", "end"))
        frames.append(
            frame(x_left + x * cell_size, 22 + y * cell_size, k * cell_size, k * cell_size, "kernel")
            + frame(left, top + row * size, columns * size, size, "kernel")
            + frame(y_left + x * cell_size, middle - cell_size + y * cell_size, cell_size, cell_size, "kernel")
        )
    for column, name in enumerate(image.ravel()):
        body.append(label(left + size * (column + 0.5), top - 10, name, "input", size=11))
    return (
        locals(),
        left + columns * size + 4,
        top + rows * size + 8,
        label(x_left + 2 * cell_size, 10, "image x, 4 × 4", "input"),
        grid(image, "input", x_left, 22, cell_size),
        arrow(x_left + 4 * cell_size + 16, middle, y_left - 16, middle),
        label((x_left + 4 * cell_size + y_left) / 2, middle - 12, "kernel", "kernel"),
        label(y_left + cell_size, middle - cell_size - 12, "y, 2 × 2", "output"),
        grid(np.char.add("y", places), "output", y_left, middle - cell_size, cell_size),
        *body,
        steps(frames, still=1),
    )


def matrix_back():
    """The way back: each number times its row of C, folded and added

    Below, the matrix C of {word(rows)} rows and {word(columns)} columns, each row with the number that multiplies it:
    {listed(INPUT)}. Above, these numbers as a {by(INPUT)} input, and the {by(total)} output. In {word(rows)} steps a
    row is multiplied by its number, folded back into {word(len(total))} rows of {word(len(total))}, and added: it lands
    on a {by(KERNEL)} window of the output. The sums in the output are
    {"; ".join(listed(row, " ") for row in total)}.

    {Word(rows)} rows of C, each beside its number; the row, times the number, folds back into a window of the output.
    Each number is multiplied by its row of C. Folded back, the row is a window of the output, and what lands there adds
    up.
    """
    size, left, top = 20, 38, 166
    matrix, drawn = _matrix(left, top, size)
    rows, columns = matrix.shape
    total = transposed(INPUT, KERNEL, dl.Geometry.of((2, 2), 3))
    y_left, z_left, cell_size, k = left + 20, left + 190, 28, len(KERNEL)
    middle = 22 + 2 * cell_size
    body, frames = [drawn], []
    body.append(label(left + columns * size / 2, top - 12, "C, each row times its number", "kernel"))
    for row, (y, x) in enumerate(np.ndindex(*INPUT.shape)):
        body.append(label(left - 6, top + size * (row + 0.5), f"{INPUT[y, x]} ×", "input", "end"))
        frames.append(
            frame(y_left + x * cell_size, middle - cell_size + y * cell_size, cell_size, cell_size, "input")
            + frame(left, top + row * size, columns * size, size, "input")
            + frame(z_left + x * cell_size, 22 + y * cell_size, k * cell_size, k * cell_size, "input")
        )
    return (
        locals(),
        left + columns * size + 4,
        top + rows * size + 8,
        label(y_left + cell_size, middle - cell_size - 12, "input, 2 × 2", "input"),
        grid(INPUT, "input", y_left, middle - cell_size, cell_size),
        arrow(y_left + 2 * cell_size + 16, middle, z_left - 16, middle),
        label(z_left + 2 * cell_size, 10, "output, 4 × 4", "output"),
        grid(total, "output", z_left, 22, cell_size),
        *body,
        steps(frames, still=1),
    )


def subpixel():
    """The kernel's taps in {word(letters.size)} phases, A to D, and the output interleaved from them

    A {by(KERNEL)} kernel with stride {stride} falls apart by the parity of row and column. Phase A has the
    {word(np.sum(of_taps == "A"))} corner taps, {listed(KERNEL[of_taps == "A"], " ")}, phase B the
    {word(np.sum(of_taps == "B"))} taps {listed(KERNEL[of_taps == "B"], " ")}, phase C the
    {word(np.sum(of_taps == "C"))} taps {listed(KERNEL[of_taps == "C"], " ")}, phase D the middle tap
    {listed(KERNEL[of_taps == "D"])}. Each phase is a small convolution of its own, at stride {unit}, of the input
    {listed(INPUT, " ")}, and makes every
    second sample of the {by(total)} output: A makes {listed(total[of_output == "A"], " ")}. In {word(letters.size)}
    steps the taps of one phase are marked, and the samples that it makes.

    The taps of a kernel fall into {word(letters.size)} phases, and each phase makes every {ordinal(stride)} sample of
    the output. Every {ordinal(stride)} tap, in both directions, is a little kernel. Below it stands what it makes of
    the input {listed(INPUT, " ")}: every {ordinal(stride)} sample of the output.
    """
    stride, unit = 2, 1
    total = transposed(INPUT, KERNEL, dl.Geometry.of((2, 2), 3, stride=stride))
    letters = np.array([["A", "B"], ["C", "D"]])
    of_taps, of_output = (
        np.array([[letters[y % 2, x % 2] for x in range(n)] for y in range(n)]) for n in (len(KERNEL), len(total))
    )
    size, small, right = 28, 22, 204
    top, below = 24, 24 + 5 * 28 + 34
    body = [
        label(2 + 1.5 * size, top + size - 12, "kernel", "kernel"),
        grid(KERNEL, "kernel", 2, top + size, size),
        arrow(2 + 3 * size + 14, top + 2.5 * size, right - 14, top + 2.5 * size),
        label(right + 2.5 * size, 12, "output", "output"),
        grid(total, "output", right, top, size),
    ]
    frames, x = [], 8.0
    for letter in letters.ravel():
        rows, columns = np.argwhere(letters == letter)[0]
        taps, made = KERNEL[rows::stride, columns::stride], total[rows::stride, columns::stride]
        width = max(taps.shape[1], made.shape[1]) * small
        body.append(label(x + width / 2, below - 14, f"phase {letter}", "ink"))
        body.append(grid(taps, "kernel", x + (width - taps.shape[1] * small) / 2, below, small))
        body.append(grid(made, "output", x + (width - made.shape[1] * small) / 2, below + 2.5 * small, small))
        marks = [
            frame(2 + size * n, top + size + size * m, size, size, "overlap") for m, n in np.argwhere(of_taps == letter)
        ]
        marks += [
            frame(right + size * n, top + size * m, size, size, "overlap") for m, n in np.argwhere(of_output == letter)
        ]
        marks.append(frame(x - 5, below - 24, width + 10, 5.5 * small + 30, "overlap"))
        frames.append("".join(marks))
        x += width + 24
    return locals(), max(x - 18, right + 5 * size + 2), below + 5.5 * small + 12, *body, steps(frames, still=0)
