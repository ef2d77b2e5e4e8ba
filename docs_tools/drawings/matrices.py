"""The figures of the matrix C: row by row there, and back."""

from __future__ import annotations

import numpy as np

import deconvlib as dl
from docs_tools.drawings.shared import INPUT, KERNEL, partial_sums, sum_of_products
from docs_tools.figures import Board, Figure

__all__ = ["both_ways", "groups", "matrix_back", "matrix_c"]

MATRIX = dl.conv_matrix(KERNEL[..., None, None], dl.Geometry.of((2, 2), 3))  # of the first example
CELL = 28  # of the images; they lie above the matrix
MIDDLE = 22 + 2 * CELL
K = len(KERNEL)


def rows_of_c(figure: Figure) -> Board:
    """The place of the matrix, below the two images."""
    return Board(figure, 38, 166, 20, *MATRIX.shape)


def row_of_c(board: Board, number: int) -> None:
    """One row, with a line after each row of the image."""
    row = MATRIX[number]
    board.fill(row, np.where(row == 0, "zero", "kernel"), row=number)
    for column in (4, 8, 12):
        x, y = board.at(number, column)
        board.figure.line(x, y - 2, x, y + board.size + 2)


def mark(number: int, role: str, matrix: Board, large: Board, small: Board) -> None:
    """The step of one row: frames around it, its window on the large image, and its sample of the small one."""
    y, x = divmod(number, 2)
    with matrix.figure.passing(number, still=number == 1):
        large.frame(role, y, x, K, K)
        matrix.frame(role, number, 0, 1, matrix.columns)
        small.frame(role, y, x)


def matrix_c(figure: Figure):
    """The convolution as a matrix C, of shape 4 by 16

    Above, the 4 by 4 image, its samples named by row and column, and the 2 by 2 output. Below, a grid of four rows and
    sixteen columns: each row is one position of the 3 by 3 kernel on the image, each column one sample of the image. A
    row holds the nine kernel entries 1 to 9 in three runs of three, with zeros between them; each later row holds the
    same runs, moved to the right. In four steps a window stands at one position on the image, the output sample that
    belongs to it is marked, and its row is written into the matrix.
    """
    samples, places = (np.array([[f"{y}{x}" for x in range(n)] for y in range(n)]) for n in (4, 2))
    outputs = np.char.add("x", places)
    matrix = rows_of_c(figure)
    image = figure.board(matrix.x, 22, CELL, samples, "input")
    output = figure.board(matrix.x + 224, MIDDLE - CELL, CELL, outputs, "output")
    image.above("image y, 4 × 4", "input")
    output.above("x, 2 × 2", "output")
    image.arrow_to(output, 16)
    figure.label((image.right + output.x) / 2, MIDDLE - 12, "kernel", "kernel")
    matrix.fill(np.full(MATRIX.shape, np.nan), "zero")
    for column, name in enumerate(samples.ravel()):
        figure.label(matrix.at(0, column + 0.5)[0], matrix.y - 10, name, "input", size=11)
    for number, name in enumerate(outputs.ravel()):
        figure.label(matrix.x - 6, matrix.at(number + 0.5, 0)[1], name, "output", "end")
        with figure.staying(number):
            row_of_c(matrix, number)
        mark(number, "kernel", matrix, image, output)
    return matrix.right + 4, matrix.bottom + 8


def matrix_back(figure: Figure):
    """The way back: each number times its row of C, folded and added

    Below, the matrix C of four rows and sixteen columns, each row with the number that multiplies it: 1, 2, 3, 4.
    Above, these numbers as a 2 by 2 input, and the 4 by 4 output. In four steps a row is multiplied by its number,
    folded back into four rows of four, and added: it lands on a 3 by 3 window of the output. The sums in the output are
    1 4 7 6; 7 23 33 24; 19 53 63 42; 21 52 59 36.
    """
    matrix = rows_of_c(figure)
    inputs = figure.board(matrix.x + 20, MIDDLE - CELL, CELL, INPUT, "input")
    output = Board(figure, matrix.x + 190, 22, CELL, 4, 4)
    inputs.above("input, 2 × 2", "input")
    output.above("output, 4 × 4", "output")
    inputs.arrow_to(output, 16)
    matrix.above("C, each row times its number", "kernel")
    sums = partial_sums(dl.Geometry.of((2, 2), 3))
    output.growing([(values, np.where(count > 0, "output", "zero")) for values, count in sums])
    for number, factor in enumerate(INPUT.ravel()):
        figure.label(matrix.x - 6, matrix.at(number + 0.5, 0)[1], f"{factor} ×", "input", "end")
        row_of_c(matrix, number)
    for number in range(INPUT.size):
        mark(number, "input", matrix, output, inputs)
    return matrix.right + 4, matrix.bottom + 8


def both_ways(figure: Figure):
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
    size, top = 36, 70
    words_y = top + 4 * size + 34

    left = figure.board(26, top, size, tap, "kernel")
    figure.board(left.x, top - size - 8, size, few, "input")
    outputs = figure.board(left.right + 40, top, size, (3, 1))
    figure.label(left.x + 74, 12, "conv_transpose: along the rows", size=13)
    for row, total in enumerate(up):
        with figure.staying(row):
            outputs.cell(row, 0, "output", total)
        with figure.passing(row, still=row == len(up) - 1):
            left.frame("ink", row, 0, 1, 2)
            y = outputs.at(row + 0.5, 0)[1]
            figure.arrow(left.right + 8, y, outputs.x - 6, y)
            words = f"{sum_of_products(tap[row], few)} = {total}"
            figure.label(left.x + 74, words_y, words, "ink says", size=13)

    right = figure.board(224, top, size, tap, "kernel")
    inputs = figure.board(right.right + 40, top, size, many[:, None], "input")
    outputs = figure.board(right.x, right.bottom + 12, size, (1, 2))
    figure.label(right.x + 74, 12, "conv: down the columns", size=13)
    for column, total in enumerate(down):
        with figure.staying(len(up) + column):
            outputs.cell(0, column, "output", total)
        with figure.passing(len(up) + column, still=column == len(down) - 1):
            right.frame("ink", 0, column, 3, 1)
            words = f"{sum_of_products(tap[:, column], many)} = {total}"
            figure.label(right.x + 74, words_y, words, "ink says", size=13)
    return inputs.right + 2, words_y + 12


def groups(figure: Figure):
    """Groups: the matrix of one tap, full and block-diagonal

    Two 4 by 4 grids of weights from four input channels to four output channels. Without groups all sixteen weights are
    there. With two groups only two blocks of 2 by 2 on the diagonal are there; the other eight are zero.
    """
    channels = np.arange(4)
    x = 26
    for count in (1, 2):
        group = channels * count // len(channels)
        together = group[:, None] == group
        values, roles = np.where(together, "w", "0"), np.where(together, "kernel", "zero")
        weights = figure.board(x, 40, 32, values, roles)
        weights.above(f"groups = {count}", gap=30, size=13)
        weights.above("input channels", "input")
        figure.line(x - 5, weights.y + 4, x - 5, weights.bottom - 4, "output")
        x = weights.right + 44
    figure.label(2, weights.bottom + 14, "rows: output channels", "output", "start")
    return weights.right + 4, weights.bottom + 26
