"""A chunk of a layer as a few NumPy calls: read, compute, write.

    read     a view of the input
    compute  steps; each reads what the one before it wrote, and writes to the other of two buffers
    write    views of the last result, to views of the output

A program is made once, from sizes alone.  It holds no array and knows no thread: input, output, the prepared kernel and
the memory of the buffers are given to each run.  A chunk of Winograd's tiles has the steps

    padded -> windows -> points along rows -> points along columns -> products -> outputs of columns -> of rows
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from deconvlib.fast.numbers import ceil_div, finite, in_range, row_major

__all__ = ["Job", "Program", "Step", "View", "Weights", "padding"]

Weights = dict[Hashable, list[np.ndarray]]
"""What a way keeps of a kernel, by the part of the layer that it is for."""

Step = Callable[[np.ndarray, np.ndarray, Weights], None]
"""(what the step before wrote, where to write, the prepared kernel)."""


class View(NamedTuple):
    """An array in some memory: its shape, the byte where it begins, and the bytes from one to the next on each axis."""

    shape: tuple[int, ...]
    begin: int
    strides: tuple[int, ...]

    def of(self, memory: np.ndarray, at: int, dtype: np.dtype) -> np.ndarray:
        """The array, `at` so many bytes further."""
        return np.ndarray(self.shape, dtype, memory, self.begin + at, self.strides)


@dataclass(frozen=True)
class Program:
    """Steps are (function, shape of its result).  Without steps zeros are written."""

    dtype: np.dtype
    read: View
    steps: Sequence[tuple[Step, tuple[int, ...]]]
    write: Sequence[tuple[View, View]]
    guarded: bool = False  # only for numbers of one range; the first step copies them

    @functools.cached_property
    def buffers(self) -> tuple[int, int]:
        """Bytes of the two buffers, in multiples of a register."""
        sizes = [self.dtype.itemsize * math.prod(shape) for _, shape in self.steps]
        first, second = (64 * ceil_div(max(some, default=0), 64) for some in (sizes[::2], sizes[1::2]))
        return first, second

    def run(self, x: np.ndarray, out: np.ndarray, at: tuple[int, int], weights: Weights, memory: np.ndarray) -> bool:
        """The chunk that begins at these bytes of x and out.  False where its numbers forbid it; then out is void."""
        if not self.steps:
            for _, place in self.write:
                place.of(out, at[1], self.dtype)[...] = 0
            return True
        target, other = 0, self.buffers[0]
        samples = self.read.of(x, at[0], self.dtype)
        for number, (step, shape) in enumerate(self.steps):
            result: np.ndarray = np.ndarray(shape, self.dtype, memory, target)
            step(samples, result, weights)
            if self.guarded and number == 0 and not in_range(result):
                return False
            samples, target, other = result, other, target
        if not finite(samples):
            return False
        for part, place in self.write:
            place.of(out, at[1], self.dtype)[...] = part.of(memory, other, self.dtype)
        return True


class Job(NamedTuple):
    """A program, and the bytes where its chunk begins in the input and in the output."""

    program: Program
    at: tuple[int, int]


def padding(
    view: View, sizes: Sequence[int], before: Sequence[int], itemsize: int, around: tuple[int, int] = (0, 0)
) -> Step | None:
    """A step that copies a view between zeros, to an array of these sizes, in a line with so many more `around` it.

    None where the view is that already.
    """
    full = view.shape == tuple(sizes) and around == (0, 0)
    if full and view.strides == row_major(sizes, itemsize):
        return None
    line = slice(around[0], around[0] + math.prod(sizes))
    inside = tuple(slice(zeros, zeros + n) for zeros, n in zip(before, view.shape))

    def padded(samples: np.ndarray, result: np.ndarray, _: Weights) -> None:
        if not full:
            result.fill(0)
        result.reshape(-1)[line].reshape(tuple(sizes))[inside] = samples

    return padded
