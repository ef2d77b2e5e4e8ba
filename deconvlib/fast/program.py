"""A chunk of a layer as a few NumPy calls: read, compute, write.

    read     a view of the input, which is copied between zeros first where something is missing
    compute  branches; each a line of steps, which read what the one before wrote, and write to the other of two buffers
    write    views of the last result of each branch, to views of the output; or a last product, straight to there

A program is made once, from sizes alone.  It holds neither samples nor weights, and knows no thread.  A chunk of
Winograd's tiles copies its samples between zeros once, and has a branch for each piece:

    points along rows -> points along columns -> products -> outputs along rows -> outputs along columns

Between two NumPy calls a thread holds Python's lock, and others that have ended one wait for it.  So whatever views of
the buffers a program needs are made once for each scratch memory, and kept with it: it is *bound*.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from deconvlib.fast.numbers import ceil_div, finite, row_major
from deconvlib.fast.scratch import Scratch

__all__ = ["BoundStep", "Branch", "Job", "Padding", "Program", "Step", "View", "Weights", "Write", "padding"]

ITEM = (1 << 31) - 1  # bytes of the largest item that NumPy knows

Weights = dict[Hashable, list[np.ndarray]]
"""What a way keeps of a kernel, by the part of the layer that it is for."""

BoundStep = Callable[[Weights], None]
"""A step that knows where it reads and writes; the prepared kernel is given to each call."""

Step = Callable[[np.ndarray, np.ndarray], BoundStep]
"""Where it reads, and where it writes, are given once."""


class View(NamedTuple):
    """An array in some memory: its shape, the byte where it begins, and the bytes from one to the next on each axis."""

    shape: tuple[int, ...]
    begin: int
    strides: tuple[int, ...]

    def of(self, memory: np.ndarray, at: int, dtype: np.dtype) -> np.ndarray:
        """The array, `at` so many bytes further."""
        return np.ndarray(self.shape, dtype, memory, self.begin + at, self.strides)


class Padding(NamedTuple):
    """Samples between zeros: `inside` an array of these sizes, in a line with so many more zeros `around` it."""

    sizes: tuple[int, ...]
    inside: tuple[slice, ...]
    around: tuple[int, int]

    @property
    def shape(self) -> tuple[int, ...]:
        return (sum(self.around) + math.prod(self.sizes),) if any(self.around) else self.sizes

    def parts(self, line: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        """Where the samples belong, and what is zero around them: first whole rows, then the ends of the others."""
        flat, (begin, end) = line.reshape(-1), self.around
        place, zeros = flat[begin : line.size - end].reshape(self.sizes), [flat[:begin], flat[line.size - end :]]
        for axis, inside in enumerate(self.inside):
            rows = place.swapaxes(0, axis)
            zeros += [rows[: inside.start], rows[inside.stop :]]
            place = rows[inside].swapaxes(0, axis)
        return place, [part for part in zeros if part.size]


def padding(
    view: View, sizes: Sequence[int], before: Sequence[int], itemsize: int, around: tuple[int, int] = (0, 0)
) -> Padding | None:
    """What makes an array of these sizes of a view; None where it is that already."""
    if view.shape == tuple(sizes) and around == (0, 0) and view.strides == row_major(sizes, itemsize):
        return None
    return Padding(tuple(sizes), tuple(slice(zeros, zeros + n) for zeros, n in zip(before, view.shape)), around)


class Write(NamedTuple):
    """A part of the last result, and its place in the output; between them is a product, where there is a matrix."""

    part: View
    place: View
    matrix: np.ndarray | None = None

    def joined(self, dtype: np.dtype) -> tuple[Write, np.dtype]:
        """The same with what is contiguous in both as one item, which NumPy copies in less time.

        Of 2 x 3 x 4 numbers of float32, where 3 x 4 are contiguous in both: 2 items of 48 bytes.
        """
        axes, size = list(zip(self.part.shape, self.part.strides, self.place.strides)), dtype.itemsize
        while beside := [axis for axis in axes if axis[1:] == (size, size) and 1 < axis[0] <= ITEM // size]:
            axes.remove(beside[0])
            size *= beside[0][0]
        shape, source, target = zip(*axes) if axes else ((), (), ())
        views = View(shape, self.part.begin, source), View(shape, self.place.begin, target)
        return Write(*views), dtype if size == dtype.itemsize else np.dtype(f"V{size}")


class Branch(NamedTuple):
    """Steps are (function, shape of its result).  Without steps zeros are written."""

    steps: Sequence[tuple[Step, tuple[int, ...]]]
    write: Sequence[Write]


@dataclass(frozen=True, eq=False)
class Program:
    """Branches that read the same samples."""

    dtype: np.dtype
    read: View
    padding: Padding | None
    branches: Sequence[Branch]
    allows: Callable[[np.ndarray, Weights], bool] | None = None
    """Whether no sum of these samples can overflow."""
    looked_at: bool = True
    """Whether each result is looked at, because nobody looks at the samples."""

    @functools.cached_property
    def buffers(self) -> tuple[int, int, int]:
        """Bytes of the samples between zeros, and of the two buffers, in multiples of 64."""
        lines = [[self._bytes(shape) for _, shape in branch.steps] for branch in self.branches]
        first, second = (max((size for line in lines for size in line[start::2]), default=0) for start in (0, 1))
        return self._bytes(self.padding.shape) if self.padding else 0, first, second

    def _bytes(self, shape: tuple[int, ...]) -> int:
        return 64 * ceil_div(self.dtype.itemsize * math.prod(shape), 64)

    def run(self, x: np.ndarray, out: np.ndarray, at: tuple[int, int], weights: Weights, scratch: Scratch) -> bool:
        """The chunk that begins at these bytes of x and out.  False where its numbers forbid it; then out is void."""
        bound: Bound = scratch.made.get(self) or scratch.keep(self, Bound(self, scratch.memory))
        return bound.run(x, out, at, weights)


class BoundBranch(NamedTuple):
    """What reads the input itself is bound in each call."""

    first: tuple[Step, np.ndarray] | None
    steps: Sequence[BoundStep]
    result: np.ndarray | None
    write: Sequence[tuple[np.ndarray, View, np.dtype, np.ndarray | None]]


class Bound:
    """A program in some memory."""

    def __init__(self, program: Program, memory: np.ndarray):
        self.program, pad = program, program.padding
        self.samples: np.ndarray | None = None
        if pad is not None:
            self.samples = np.ndarray(pad.shape, program.dtype, memory)
            self.place, self.zeros = pad.parts(self.samples)
        self.branches = [self._branch(branch, memory) for branch in program.branches]

    def _branch(self, branch: Branch, memory: np.ndarray) -> BoundBranch:
        dtype, written = self.program.dtype, []
        if not branch.steps:
            return BoundBranch(None, [], None, [(np.zeros(()), place, dtype, None) for _, place, _ in branch.write])
        target, size, _ = self.program.buffers
        other, source, first, steps = target + size, self.samples, None, []
        for step, shape in branch.steps:
            result: np.ndarray = np.ndarray(shape, dtype, memory, target)
            if source is None:
                first = step, result
            else:
                steps.append(step(source, result))
            source, target, other = result, other, target
        for write in branch.write:
            (part, place, matrix), item = write.joined(dtype) if write.matrix is None else (write, dtype)
            written.append((part.of(memory, other, item), place, item, matrix))
        return BoundBranch(first, steps, source, written)

    def run(self, x: np.ndarray, out: np.ndarray, at: tuple[int, int], weights: Weights) -> bool:
        dtype, allows = self.program.dtype, self.program.allows
        samples = self.program.read.of(x, at[0], dtype)
        if self.samples is not None:
            for zeros in self.zeros:
                zeros.fill(0)
            self.place[...] = samples
            samples = self.samples
        for first, steps, result, write in self.branches:
            if first is not None:
                step, result_of_first = first
                step(samples, result_of_first)(weights)
            for bound in steps:
                bound(weights)
            if result is not None and self.program.looked_at and not finite(result):
                return False
            for part, place, item, matrix in write:
                target = place.of(out, at[1], item)
                if matrix is None:
                    target[...] = part
                else:
                    np.matmul(matrix, part, out=target)
        # last, because to look takes Python's lock often, which a helper needs when it wakes
        return allows is None or allows(samples, weights)


class Job(NamedTuple):
    """A program, and the bytes where its chunk begins in the input and in the output."""

    program: Program
    at: tuple[int, int]
