"""A layer in chunks for the workers, and each chunk as a few NumPy calls on views that are made once.

A chunk loads its samples between zeros, takes steps from one scratch buffer to another, and stores the results, each in
its place in the output.
"""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from deconvlib.fast.scratch import Scratch, of_this_thread
from deconvlib.fast.threads import for_each
from deconvlib.geometry import Geometry

__all__ = ["Program", "Way"]

PROGRAMS = 256  # that a thread keeps for a layer


class Program:
    """One chunk.  Views of input and output are kept as (shape, bytes from where the chunk begins, strides)."""

    def __init__(self, scratch: Scratch):
        self.scratch, self.view, self.line, self.padded, self.inside = scratch, None, None, None, None
        self.first: Callable[[np.ndarray], object] = lambda samples: None  # gets the samples [n, *sizes, in]
        self.steps: list[Callable[[], object]] = []
        self.stores: list[tuple] = []

    def load(
        self, view: tuple, sizes: tuple[int, ...], before: Sequence[int], copied: bool, around: Sequence[int] = (0, 0)
    ) -> np.ndarray:
        """Begin with a view of the input as an array of these sizes, with so many zeros `before` it on each axis.

        Without zeros there is a copy only if asked for.  Returns it, a part of the line with more zeros `around` it.
        """
        self.view = view
        if copied or view[0] != sizes:
            size = math.prod(sizes)
            self.line = self.scratch("padded", sum(around) + size)
            self.padded = self.line[around[0] : around[0] + size].reshape(sizes)
            self.inside = self.padded[tuple(slice(zeros, zeros + n) for zeros, n in zip(before, view[0]))]
        return self.padded

    def product(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """A step from one of two buffers to the other."""
        result = self.buffer(*a.shape[:-1], b.shape[-1])
        self.steps.append(partial(np.matmul, a, b, result))
        return result

    def buffer(self, *shape: int) -> np.ndarray:
        return self.scratch("odd" if len(self.steps) % 2 else "even", *shape)

    def store(self, samples: np.ndarray, counts: Sequence[int], at: int, strides: tuple[int, ...]) -> None:
        """Samples [*parts, *blocks, ...]: of the parts of all blocks, side by side, the output has so many."""
        each, axes = [], len(counts)
        for count, part in zip(counts, samples.shape):
            whole, left = divmod(count, part)
            each.append([cut for cut in ((0, whole, part), (whole, 1, left)) if cut[1] * cut[2]])
        for chosen in itertools.product(*each):
            blocks = (slice(begin, begin + some) for begin, some, _ in chosen)
            samples_here = samples[(*(slice(left) for *_, left in chosen), *blocks)]
            begin = at + sum(b * step for (b, *_), step in zip(chosen, strides[axes:]))
            self.stores.append((samples_here, samples_here.shape, begin, strides))

    def __call__(self, x: np.ndarray, out: np.ndarray, source: int, target: int) -> None:
        """x and out are C-contiguous; the chunk begins at these bytes of them."""
        if self.view:
            shape, at, strides = self.view
            samples = np.ndarray(shape, x.dtype, x, source + at, strides)
            if self.padded is not None:
                if self.scratch.padded_by is not self:  # somebody else may have written to the zeros
                    self.scratch.padded_by = self
                    self.line.fill(0)
                self.inside[...] = samples
                samples = self.padded
            self.first(samples)
        for step in self.steps:
            step()
        for samples, shape, at, strides in self.stores:
            np.ndarray(shape, out.dtype, out, target + at, strides)[...] = samples


class Way:
    """A layer in jobs: each is a program, and the bytes where its chunk begins in the input and in the output."""

    nbytes = 0  # of prepared kernels

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype, geometry: Geometry, groups: int):
        """shape: that of the kernel [*k, outputs of a group, inputs of all]."""
        self.geometry, self.groups, self.dtype = geometry, groups, dtype
        self.inputs, self.outputs = shape[-1] // groups, shape[-2]
        self.source = self._strides(geometry.input_size, groups * self.inputs)
        self.target = self._strides(geometry.output_size, groups * self.outputs)
        self.programs, self.listed = threading.local(), ((), [])  # the jobs of the latest call

    def _strides(self, sizes: Sequence[int], channels: int) -> tuple[int, ...]:
        """Bytes from one to the next image, sample along each axis, and channel."""
        return tuple(math.prod((*sizes, channels)[a:]) * self.dtype.itemsize for a in range(len(sizes) + 2))

    def begin(self, image: int, sample: int, row: int, group: int = 0) -> tuple[int, int]:
        """The bytes where a chunk begins that reads from this sample of the first axis on, and writes from this row."""
        source = image * self.source[0] + sample * self.source[1] + group * self.inputs * self.source[-1]
        return source, image * self.target[0] + row * self.target[1] + group * self.outputs * self.target[-1]

    def __call__(self, x: np.ndarray, out: np.ndarray, threads: int = 1) -> None:
        known, jobs = self.listed
        if known != (key := (len(x), threads)):
            self.listed = key, (jobs := self.jobs(*key) if len(x) else [])
        x = np.ascontiguousarray(x)
        for_each(lambda *job: self._run(x, out, *job), jobs, max(1, min(threads, len(jobs))))

    def _run(self, x: np.ndarray, out: np.ndarray, key: tuple, source: int, target: int) -> None:
        programs = self.programs.__dict__
        if key not in programs:
            if len(programs) >= PROGRAMS:
                programs.clear()
            programs[key] = self.program(of_this_thread(self.dtype), *key)
        programs[key](x, out, source, target)

    def jobs(self, batch: int, threads: int) -> list[tuple[tuple, int, int]]:
        """(arguments of the program, first byte in the input, first byte in the output)."""
        raise NotImplementedError

    def program(self, scratch: Scratch, *arguments) -> Program:
        raise NotImplementedError
