"""The figures of the matrix C: row by row there, and back."""

from __future__ import annotations

import numpy as np

import deconvlib as dl
from docs_tools.drawings.shared import INPUT, KERNEL, partial_sums
from docs_tools.figures import arrow, cell, frame, grid, growing, label, line, passes, stays

__all__ = ["both_ways", "matrix_back", "matrix_c"]


def the_matrix() -> np.ndarray:
    """C of the first example."""
    return dl.conv_matrix(KERNEL[..., None, None], dl.Geometry.of((2, 2), 3))


def drawn_row(row: np.ndarray, left: float, y: float, size: float) -> str:
    """A row of C, with a line after each row of the image."""
    parts = [grid([row], [np.where(row == 0, "zero", "kernel")], left, y, size)]
    for image_row in range(1, 4):
        x = left + 4 * size * image_row
        parts.append(line(x, y - 2, x, y + size + 2))
    return "".join(parts)


def matrix_c():
    """The convolution as a matrix C, of shape 4 by 16

    Above, the 4 by 4 image, its samples named by row and column, and the 2 by 2 output. Below, a grid of four rows and
    sixteen columns: each row is one position of the 3 by 3 kernel on the image, each column one sample of the image. A
    row holds the nine kernel entries 1 to 9 in three runs of three, with zeros between them; each later row holds the
    same runs, moved to the right. In four steps a window stands at one position on the image, the output sample that
    belongs to it is marked, and its row is written into the matrix.
    """
    size, left, top = 20, 38, 166
    matrix = the_matrix()
    rows, columns = matrix.shape
    image, places = (np.array([[f"{y}{x}" for x in range(n)] for y in range(n)]) for n in (4, 2))
    x_left, y_left, cell_size, k = left, left + 224, 28, len(KERNEL)
    middle = 22 + 2 * cell_size
    body = [grid(np.full(matrix.shape, np.nan), "zero", left, top, size)]
    for step, (y, x) in enumerate(np.ndindex(*places.shape)):
        body.append(stays(step, drawn_row(matrix[step], left, top + step * size, size)))
        body.append(label(left - 6, top + size * (step + 0.5), f"x{y}{x}", "output", "end"))
        body.append(
            passes(
                step,
                frame(x_left + x * cell_size, 22 + y * cell_size, k * cell_size, k * cell_size, "kernel"),
                frame(left, top + step * size, columns * size, size, "kernel"),
                frame(y_left + x * cell_size, middle - cell_size + y * cell_size, cell_size, cell_size, "kernel"),
                still=step == 1,
            )
        )
    for column, name in enumerate(image.ravel()):
        body.append(label(left + size * (column + 0.5), top - 10, name, "input", size=11))
    return (
        left + columns * size + 4,
        top + rows * size + 8,
        label(x_left + 2 * cell_size, 10, "image y, 4 × 4", "input"),
        grid(image, "input", x_left, 22, cell_size),
        arrow(x_left + 4 * cell_size + 16, middle, y_left - 16, middle),
        label((x_left + 4 * cell_size + y_left) / 2, middle - 12, "kernel", "kernel"),
        label(y_left + cell_size, middle - cell_size - 12, "x, 2 × 2", "output"),
        grid(np.char.add("x", places), "output", y_left, middle - cell_size, cell_size),
        *body,
    )


def matrix_back():
    """The way back: each number times its row of C, folded and added

    Below, the matrix C of four rows and sixteen columns, each row with the number that multiplies it: 1, 2, 3, 4.
    Above, these numbers as a 2 by 2 input, and the 4 by 4 output. In four steps a row is multiplied by its number,
    folded back into four rows of four, and added: it lands on a 3 by 3 window of the output. The sums in the output are
    1 4 7 6; 7 23 33 24; 19 53 63 42; 21 52 59 36.
    """
    size, left, top = 20, 38, 166
    matrix = the_matrix()
    rows, columns = matrix.shape
    geometry = dl.Geometry.of((2, 2), 3)
    y_left, z_left, cell_size, k = left + 20, left + 190, 28, len(KERNEL)
    middle = 22 + 2 * cell_size
    body = [drawn_row(row, left, top + n * size, size) for n, row in enumerate(matrix)]
    body.append(label(left + columns * size / 2, top - 12, "C, each row times its number", "kernel"))
    for step, (y, x) in enumerate(np.ndindex(*INPUT.shape)):
        body.append(label(left - 6, top + size * (step + 0.5), f"{INPUT[y, x]} ×", "input", "end"))
        body.append(
            passes(
                step,
                frame(y_left + x * cell_size, middle - cell_size + y * cell_size, cell_size, cell_size, "input"),
                frame(left, top + step * size, columns * size, size, "input"),
                frame(z_left + x * cell_size, 22 + y * cell_size, k * cell_size, k * cell_size, "input"),
                still=step == 1,
            )
        )
    states = [(sums, np.where(count > 0, "output", "zero")) for sums, count in partial_sums(geometry)]
    return (
        left + columns * size + 4,
        top + rows * size + 8,
        label(y_left + cell_size, middle - cell_size - 12, "input, 2 × 2", "input"),
        grid(INPUT, "input", y_left, middle - cell_size, cell_size),
        arrow(y_left + 2 * cell_size + 16, middle, z_left - 16, middle),
        label(z_left + 2 * cell_size, 10, "output, 4 × 4", "output"),
        growing(states, z_left, 22, cell_size),
        *body,
    )


def both_ways():
    """One tap's matrix, read along its rows and down its columns

    Twice the same 3 by 2 matrix of one tap, three output channels by two input channels: 1 2, 3 4, 5 6. Left, the
    transposed convolution: two channels come in from above, 10 and 1; row by row they are multiplied and added, and
    three channels go out: 12, 34 and 56. Right, the convolution: three channels come in from the side, 1, 10 and 100;
    column by column they are multiplied and added, and two channels go out: 531 and 642.
    """
    tap = np.arange(1, 7).reshape(3, 2)  # (out, in)
    few, many = np.array([10, 1]), np.array([1, 10, 100])
    up = dl.conv_transpose(few[None, None], tap[None])[0, 0]
    down = dl.conv(many[None, None], tap[None])[0, 0]
    size, top, left, second = 36, 70, 26, 224
    bottom = top + 3 * size + 12
    height = bottom + size + 34
    body = []

    def panel(x: float, title: str, above, above_role: str, beside, beside_role: str, above_y: float) -> None:
        body.append(label(x + 74, 12, title, "ink", size=13))
        body.append(grid(tap, "kernel", x, top, size))
        body.append(grid([above], above_role, x, above_y, size))
        body.append(grid(np.transpose([beside]), beside_role, x + 2 * size + 40, top, size))

    blank = np.nan
    panel(left, "conv_transpose: along the rows", few, "input", [blank] * 3, "zero", top - size - 8)
    panel(second, "conv: down the columns", [blank] * 2, "zero", many, "input", bottom)
    for row, total in enumerate(up):
        x, y = left + 2 * size + 40, top + row * size
        words = " + ".join(f"{w}·{v}" for w, v in zip(tap[row], few)) + f" = {total}"
        body.append(stays(row, cell(x, y, size, "output", total)))
        body.append(
            passes(
                row,
                frame(left, y, 2 * size, size, "ink"),
                arrow(left + 2 * size + 8, y + size / 2, x - 6, y + size / 2),
                label(left + 74, height - 12, words, "ink says", size=13),
                still=row == len(up) - 1,
            )
        )
    for column, total in enumerate(down):
        step = len(up) + column
        x = second + column * size
        words = " + ".join(f"{w}·{v}" for w, v in zip(tap[:, column], many)) + f" = {total}"
        body.append(stays(step, cell(x, bottom, size, "output", total)))
        body.append(
            passes(
                step,
                frame(x, top, size, 3 * size, "ink"),
                label(second + 74, height - 12, words, "ink says", size=13),
                still=column == len(down) - 1,
            )
        )
    return second + 2 * size + 40 + size + 2, height, *body
