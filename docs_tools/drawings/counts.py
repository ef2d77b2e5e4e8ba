"""The figures that count: overlap, weights, products; and the legend of the colours."""

from __future__ import annotations

import numpy as np

import deconvlib as dl
from docs_tools.drawings.shared import transposed
from docs_tools.figures import cell, frame, grid, growing, label, line, passes, tag

__all__ = ["cost", "groups", "legend", "overlap"]


def overlap():
    """How many stamps reach each output sample, for kernels 3 and 4 at stride 2

    Two grids of counts, which grow stamp by stamp: nine input samples, three by three, each add one to the samples that
    their stamp reaches. Left, kernel 3 and stride 2: at last ones, twos and fours alternate in a checkerboard. Right,
    kernel 4 and stride 2: away from the border every sample is reached four times.
    """
    body, x, size, stride = [], 2, 24, 2
    frames = ["" for _ in range(9)]
    for k in (3, 4):
        geometry = dl.Geometry.of((3, 3), k, stride)
        states = [counts_after(stamps, geometry) for stamps in range(10)]
        body.append(label(x + size * len(states[0]) / 2, 12, f"kernel {k}, stride {stride}", "overlap", size=14))
        body.append(
            growing(
                [(_blank_zeros(n), np.where(n, "overlap", "zero"), np.where(n, n / 4.5, 1)) for n in states],
                x,
                26,
                size,
            )
        )
        for step, (row, column) in enumerate(np.ndindex(3, 3)):
            frames[step] += frame(x + stride * column * size, 26 + stride * row * size, k * size, k * size, "input")
        x += size * len(states[0]) + 16
    return x - 12, 26 + 8 * size + 4, *body, *(passes(step, drawn) for step, drawn in enumerate(frames))


def counts_after(stamps: int, geometry: dl.Geometry) -> np.ndarray:
    """How many of the first stamps reach each output sample."""
    stamped = (np.arange(np.prod(geometry.input_size)) < stamps).astype(int).reshape(geometry.input_size)
    return transposed(stamped, np.ones(geometry.kernel_size, int), geometry)


def _blank_zeros(counts: np.ndarray) -> np.ndarray:
    return np.where(counts > 0, counts, np.nan)


def groups():
    """Groups: the matrix of one tap, full and block-diagonal

    Two 4 by 4 grids of weights from four input channels to four output channels. Without groups all sixteen weights are
    there. With two groups only two blocks of 2 by 2 on the diagonal are there; the other eight are zero.
    """
    size, body, c = 32, [], 4
    for n, count in enumerate((1, 2)):
        x, y = 26 + n * (c * size + 44), 40
        of = np.arange(c) * count // c
        together = of[:, None] == of[None, :]
        body.append(grid(np.where(together, "w", "0"), np.where(together, "kernel", "zero"), x, y, size))
        body.append(label(x + 2 * size, 10, f"groups = {count}", size=13))
        body.append(label(x + 2 * size, 28, "input channels", "input"))
        body.append(line(x - 5, y + 4, x - 5, y + 4 * size - 4, "output"))
    body.append(label(2, 40 + 4 * size + 14, "rows: output channels", "output", "start"))
    return 26 + 8 * size + 44 + 4, 40 + 4 * size + 26, *body


def legend():
    """The colours and frames of the figures, and what each means

    Six cells with their names. Input is blue, the kernel orange, output green, inserted zeros and padding are dashed
    and grey, what a crop cuts is red, dashed and struck through, and what several stamps share is purple. Below them
    three frames: orange is the window of the kernel, blue the stamp of an input sample, and a strong frame in the
    colour of the text is what this step is about.
    """
    size, body = 30, []
    cells = [
        ("input", "7", "input"),
        ("kernel", "a", "kernel"),
        ("output", "7", "output"),
        ("zero", "0", "zero put in"),
        ("crop", "7", "cropped"),
        ("overlap", "2", "overlap"),
    ]
    frames = [("kernel", "window"), ("input", "stamp"), ("ink", "this step")]
    for n, (role, shown, meaning) in enumerate(cells):
        x, y = 2 + n % 3 * 120, 4 + n // 3 * 42
        body.append(cell(x, y, size, role, shown, 0.5 if role == "overlap" else None))
        body.append(label(x + size + 7, y + size / 2, meaning, "muted" if role == "zero" else role, "start"))
    for n, (role, meaning) in enumerate(frames):
        x, y = 2 + n * 120, 4 + 2 * 42
        body.append(frame(x + 1, y + 1, size - 2, size - 2, role))
        body.append(label(x + size + 7, y + size / 2, meaning, role, "start"))
    return 350, 126, *body


def cost():
    """Products of each method, and how many of them are with a zero

    Four bars for six samples a side, kernel 4 and stride 2. Every bar begins with the same 576 products that are
    needed. The matrix goes on to 7056, fractional stride to 3136, sub-pixel to 784, and stamps stop at 576: the rest is
    multiplied by zeros.
    """
    axis = dl.Axis(6, 4, stride=2)
    needed = (axis.input_size * axis.kernel_size) ** 2
    border = 2 * (axis.kernel_size // axis.stride - 1)
    phases = axis.stride * (axis.input_size + border // 2) * (axis.kernel_size // axis.stride)
    counts = {
        "matrix": (axis.input_size * axis.full_size) ** 2,
        "fractional stride": (axis.full_size * axis.kernel_size) ** 2,
        "sub-pixel": phases**2,
        "stamps": needed,
    }
    left, width, body = 104, 190, []
    for n, (name, count) in enumerate(counts.items()):
        y, whole = 6 + 30 * n, width * count / max(counts.values())
        useful = width * needed / max(counts.values())
        body.append(label(2, y + 10, name, "ink", "start"))
        body.append(tag("rect", x=left, y=y, width=whole, height=20, class_="zero"))
        body.append(tag("rect", x=left, y=y, width=useful, height=20, class_="kernel"))
        body.append(label(left + whole + 6, y + 10, f"{count:,}", "ink", "start"))
    body.append(label(left, 136, "needed", "kernel", "start"))
    body.append(label(left + 56, 136, "multiplied by zeros (dashed)", "muted", "start"))
    return 350, 148, *body
