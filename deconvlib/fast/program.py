"""A chunk of a layer as a few NumPy calls: read, compute, write.

    read     a view of the input, which may be copied between zeros first
    compute  branches; each a line of steps, which read what the one before wrote, and write to the other of two buffers
    write    views of the last result of each branch, to views of the output

A program is made once, from sizes alone.  It holds no array and knows no thread: input, output, the prepared kernel and
the memory of the buffers are given to each run.  A chunk of Winograd's tiles copies its samples between zeros once, and
has a branch for each phase:

    points along rows -> points along columns -> products -> outputs of columns -> of rows
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from deconvlib.fast.numbers import ceil_div, finite, in_range, row_major

__all__ = ["Branch", "Job", "Program", "Step", "View", "Weights", "padding"]

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


class Branch(NamedTuple):
    """Steps are (function, shape of its result).  Without steps zeros are written."""

    steps: Sequence[tuple[Step, tuple[int, ...]]]
    write: Sequence[tuple[View, View]]


@dataclass(frozen=True)
class Program:
    """Branches that read the same samples: those of the input, or what the common step makes of them."""

    dtype: np.dtype
    read: View
    branches: Sequence[Branch]
    common: tuple[Step, tuple[int, ...]] | None = None
    guarded: bool = False  # only for numbers of one range, which the common step has copied: no sum of theirs overflows

    @functools.cached_property
    def buffers(self) -> tuple[int, int, int]:
        """Bytes of what is common, and of the two buffers, in multiples of a register."""
        lines = [[self._bytes(shape) for _, shape in branch.steps] for branch in self.branches]
        first, second = (max((size for line in lines for size in line[start::2]), default=0) for start in (0, 1))
        return self._bytes(self.common[1]) if self.common else 0, first, second

    def _bytes(self, shape: tuple[int, ...]) -> int:
        return 64 * ceil_div(self.dtype.itemsize * math.prod(shape), 64)

    def run(self, x: np.ndarray, out: np.ndarray, at: tuple[int, int], weights: Weights, memory: np.ndarray) -> bool:
        """The chunk that begins at these bytes of x and out.  False where its numbers forbid it; then out is void."""
        samples = self.read.of(x, at[0], self.dtype)
        if self.common is not None:
            step, shape = self.common
            copied: np.ndarray = np.ndarray(shape, self.dtype, memory)
            step(samples, copied, weights)
            if self.guarded and not in_range(copied):
                return False
            samples = copied
        return all(self._follow(branch, samples, out, at[1], weights, memory) for branch in self.branches)

    def _follow(
        self, branch: Branch, samples: np.ndarray, out: np.ndarray, at: int, weights: Weights, memory: np.ndarray
    ) -> bool:
        if not branch.steps:
            for _, place in branch.write:
                place.of(out, at, self.dtype)[...] = 0
            return True
        common, first, _ = self.buffers
        target, other = common, common + first
        for step, shape in branch.steps:
            result: np.ndarray = np.ndarray(shape, self.dtype, memory, target)
            step(samples, result, weights)
            samples, target, other = result, other, target
        if not self.guarded and not finite(samples):
            return False
        for part, place in branch.write:
            place.of(out, at, self.dtype)[...] = part.of(memory, other, self.dtype)
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
