"""The figures of the matrix C: row by row there, and back."""

from __future__ import annotations

import numpy as np

import deconvlib as dl
from docs_tools.drawings.shared import INPUT, KERNEL, partial_sums, sum_of_products
from docs_tools.figures import arrow, cell, frame, grid, growing, label, line, passes, stays, titled

__all__ = ["both_ways", "matrix_back", "matrix_c"]


def the_matrix() -> np.ndarray:
    """C of the first example."""
    return dl.conv_matrix(KERNEL[..., None, None], dl.Geometry.of((2, 2), 3))


SIZE, LEFT, TOP = 20, 38, 166  # of the matrix, below the two images
CELL = 28  # of the images
MIDDLE = 22 + 2 * CELL


def drawn_row(number: int) -> str:
    """A row of C, with a line after each row of the image."""
    row, y = the_matrix()[number], TOP + number * SIZE
    parts = [grid([row], [np.where(row == 0, "zero", "kernel")], LEFT, y, SIZE)]
    for image_row in range(1, 4):
        x = LEFT + 4 * SIZE * image_row
        parts.append(line(x, y - 2, x, y + SIZE + 2))
    return "".join(parts)


def marked_row(number: int, role: str, large_left: float, small_left: float) -> str:
    """The step of one row: frames around it, its window on the large image, and its sample of the small one."""
    y, x = divmod(number, 2)
    k = len(KERNEL)
    return passes(
        number,
        frame(large_left + x * CELL, 22 + y * CELL, k * CELL, k * CELL, role),
        frame(LEFT, TOP + number * SIZE, 16 * SIZE, SIZE, role),
        frame(small_left + x * CELL, MIDDLE - CELL + y * CELL, CELL, CELL, role),
        still=number == 1,
    )


def matrix_c():
    """The convolution as a matrix C, of shape 4 by 16

    Above, the 4 by 4 image, its samples named by row and column, and the 2 by 2 output. Below, a grid of four rows and
    sixteen columns: each row is one position of the 3 by 3 kernel on the image, each column one sample of the image. A
    row holds the nine kernel entries 1 to 9 in three runs of three, with zeros between them; each later row holds the
    same runs, moved to the right. In four steps a window stands at one position on the image, the output sample that
    belongs to it is marked, and its row is written into the matrix.
    """
    rows, columns = the_matrix().shape
    image, places = (np.array([[f"{y}{x}" for x in range(n)] for y in range(n)]) for n in (4, 2))
    outputs = np.char.add("x", places)
    x_left, y_left = LEFT, LEFT + 224
    body = [grid(np.full((rows, columns), np.nan), "zero", LEFT, TOP, SIZE)]
    for number, name in enumerate(outputs.ravel()):
        body.append(stays(number, drawn_row(number)))
        body.append(label(LEFT - 6, TOP + SIZE * (number + 0.5), name, "output", "end"))
        body.append(marked_row(number, "kernel", x_left, y_left))
    for column, name in enumerate(image.ravel()):
        body.append(label(LEFT + SIZE * (column + 0.5), TOP - 10, name, "input", size=11))
    return (
        LEFT + columns * SIZE + 4,
        TOP + rows * SIZE + 8,
        titled("image y, 4 × 4", "input", image, x_left, 22, CELL, 12),
        arrow(x_left + 4 * CELL + 16, MIDDLE, y_left - 16, MIDDLE),
        label((x_left + 4 * CELL + y_left) / 2, MIDDLE - 12, "kernel", "kernel"),
        titled("x, 2 × 2", "output", outputs, y_left, MIDDLE - CELL, CELL, 12),
        *body,
    )


def matrix_back():
    """The way back: each number times its row of C, folded and added

    Below, the matrix C of four rows and sixteen columns, each row with the number that multiplies it: 1, 2, 3, 4.
    Above, these numbers as a 2 by 2 input, and the 4 by 4 output. In four steps a row is multiplied by its number,
    folded back into four rows of four, and added: it lands on a 3 by 3 window of the output. The sums in the output are
    1 4 7 6; 7 23 33 24; 19 53 63 42; 21 52 59 36.
    """
    rows, columns = the_matrix().shape
    y_left, z_left = LEFT + 20, LEFT + 190
    body = [drawn_row(number) for number in range(rows)]
    body.append(label(LEFT + columns * SIZE / 2, TOP - 12, "C, each row times its number", "kernel"))
    for number, factor in enumerate(INPUT.ravel()):
        body.append(label(LEFT - 6, TOP + SIZE * (number + 0.5), f"{factor} ×", "input", "end"))
        body.append(marked_row(number, "input", z_left, y_left))
    states = [(sums, np.where(count > 0, "output", "zero")) for sums, count in partial_sums(dl.Geometry.of((2, 2), 3))]
    return (
        LEFT + columns * SIZE + 4,
        TOP + rows * SIZE + 8,
        titled("input, 2 × 2", "input", INPUT, y_left, MIDDLE - CELL, CELL, 12),
        arrow(y_left + 2 * CELL + 16, MIDDLE, z_left - 16, MIDDLE),
        label(z_left + 2 * CELL, 10, "output, 4 × 4", "output"),
        growing(states, z_left, 22, CELL),
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
        words = f"{sum_of_products(tap[row], few)} = {total}"
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
        words = f"{sum_of_products(tap[:, column], many)} = {total}"
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
