"""The figures of the matrix C: row by row there, and back."""

from __future__ import annotations

import numpy as np

import deconvlib as dl
from docs_tools.drawings.shared import INPUT, KERNEL, partial_sums
from docs_tools.figures import arrow, frame, grid, growing, label, line, passes

__all__ = ["matrix_back", "matrix_c"]


def _matrix(left: float, top: float, size: float) -> tuple[np.ndarray, str]:
    """C of the first example, with a line after each row of the image."""
    matrix = dl.conv_matrix(KERNEL[..., None, None], dl.Geometry.of((2, 2), 3))
    parts = [grid(matrix, np.where(matrix == 0, "zero", "kernel"), left, top, size)]
    for group in range(1, 4):
        x = left + 4 * size * group
        parts.append(line(x, top - 2, x, top + len(matrix) * size + 2))
    return matrix, "".join(parts)


def matrix_c():
    """The convolution as a matrix C, of shape 4 by 16

    Above, the 4 by 4 image, its samples named by row and column, and the 2 by 2 output. Below, a grid of four rows and
    sixteen columns: each row is one position of the 3 by 3 kernel on the image, each column one sample of the image. A
    row holds the nine kernel entries 1 to 9 in three runs of three, with zeros between them; each later row holds the
    same runs, moved to the right. In four steps a window stands at one position on the image, and the row of the matrix
    and the output sample that belong to it are marked.
    """
    size, left, top = 20, 38, 166
    matrix, drawn = _matrix(left, top, size)
    rows, columns = matrix.shape
    image, places = (np.array([[f"{y}{x}" for x in range(n)] for y in range(n)]) for n in (4, 2))
    x_left, y_left, cell_size, k = left, left + 224, 28, len(KERNEL)
    middle = 22 + 2 * cell_size
    body = [drawn]
    for step, (y, x) in enumerate(np.ndindex(*places.shape)):
        body.append(label(left - 6, top + size * (step + 0.5), f"y{y}{x}", "output", "end"))
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
        label(x_left + 2 * cell_size, 10, "image x, 4 × 4", "input"),
        grid(image, "input", x_left, 22, cell_size),
        arrow(x_left + 4 * cell_size + 16, middle, y_left - 16, middle),
        label((x_left + 4 * cell_size + y_left) / 2, middle - 12, "kernel", "kernel"),
        label(y_left + cell_size, middle - cell_size - 12, "y, 2 × 2", "output"),
        grid(np.char.add("y", places), "output", y_left, middle - cell_size, cell_size),
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
    matrix, drawn = _matrix(left, top, size)
    rows, columns = matrix.shape
    geometry = dl.Geometry.of((2, 2), 3)
    y_left, z_left, cell_size, k = left + 20, left + 190, 28, len(KERNEL)
    middle = 22 + 2 * cell_size
    body = [drawn]
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
