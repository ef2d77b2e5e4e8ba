"""Ways that use the kernel as it comes: first all products, then the sums.

    columns[t, j] = kernel[t] @ x[j],        y[o] = sum of columns[t, j] over all (t, j) with  s j + d t - cb = o

Tap t brings sample j to output  s (j + q) + r,  where  s q + r = d t - cb  and  0 <= r < s: to residue r of *block*
j + q.  So the taps that share q are added all at once, each to its residue, q blocks further along a line of samples.

It runs on bands of output rows, which are transposed convolutions themselves, so that the columns stay in the cache.
"""

from __future__ import annotations

import functools
import itertools
import math
import threading
from dataclasses import replace
from functools import partial

import numpy as np

from deconvlib.fast.program import Program, Way
from deconvlib.fast.scratch import Scratch
from deconvlib.fast.threads import cut
from deconvlib.geometry import Axis, Geometry

__all__ = ["Lines", "Sums", "band", "chunks", "reach"]

SCRATCH = 1 << 20  # bytes of columns held at a time
KEPT, WAYS = threading.local(), 64  # ways that a thread keeps for single calls, and how many


@functools.lru_cache(1024)
def band(geometry: Geometry, begin: int, end: int) -> tuple[slice, Geometry]:
    """Output rows begin .. end - 1 alone: the input rows that they read, and the geometry from those to them."""
    axis, *rest = geometry.axes
    reached, last = begin + axis.crop[0], end - 1 + axis.crop[0]
    first = min(max(0, -((axis.span - 1 - reached) // axis.stride)), axis.input_size - 1)
    stop = max(min(axis.input_size, last // axis.stride + 1), first + 1)
    full = axis.stride * (stop - first - 1) + axis.span
    crop = reached - axis.stride * first
    rows = replace(axis, input_size=stop - first, crop=(crop, full - crop - (end - begin)))
    return slice(first, stop), Geometry((rows, *rest))


def chunks(geometry: Geometry, batch: int, held: int, threads: int) -> list[tuple[slice, slice]]:
    """(images, output rows) that need at most SCRATCH, if one row does; `held` bytes for each input sample."""
    parts = -(-held * math.prod(geometry.input_size) * batch // SCRATCH)
    return cut(batch, geometry.output_size[0], max(parts, threads), threads, geometry.stride[0])


def reach(axis: Axis) -> list[tuple[int, slice, slice]]:
    """(q, taps, their residues) of an axis, for each q that brings some sample to a block."""
    s, d = axis.stride, axis.dilation
    met, found = [divmod(d * t - axis.crop[0], s) for t in range(axis.kernel_size)], []
    for q, same in itertools.groupby(range(axis.kernel_size), key=lambda t: met[t][0]):
        first, *_, last = [*same] * 2
        if -axis.input_size < q < -(-axis.output_size // s):
            found.append((q, slice(first, last + 1), slice(met[first][1], met[last][1] + 1, d)))
    return found


class Lines:
    """The samples of a geometry in one line, and its output blocks in another; an axis after the first has room between
    its rows for what is brought beyond their ends.
    """

    @classmethod
    @functools.lru_cache(256)
    def of(cls, geometry: Geometry) -> Lines:
        return cls(geometry)

    def __init__(self, geometry: Geometry):
        axes = [reach(axis) for axis in geometry.axes]
        blocks = [-(-o // s) for o, s in zip(geometry.output_size, geometry.stride)]
        far = [[q for q, *_ in axis] + [0] for axis in axes]
        rows = [max(n + max(q), b - min(q)) for n, b, q in zip(geometry.input_size, blocks, far)]
        self.geometry, self.sizes, self.blocks = geometry, (geometry.input_size[0], *rows[1:]), (blocks[0], *rows[1:])
        self.samples, self.places = math.prod(self.sizes), math.prod(self.blocks)
        self.sums = []  # (taps, their residues, samples, their places)
        for each in itertools.product(*axes):
            moved, taps, residues = zip(*each)
            by = sum(q * math.prod(rows[a + 1 :]) for a, q in enumerate(moved))
            begin, end = max(0, by), min(self.places, self.samples + by)
            if begin < end:
                self.sums.append((taps, residues, slice(begin - by, end - by), slice(begin, end)))


class Sums(Way):
    """Products of all taps, then their sums, with the channels before the samples, so that the sums walk in long steps.

    A depthwise layer has no product: rows of samples, before the channels, are multiplied by rows of weights.
    """

    def __init__(self, kernel: np.ndarray, geometry: Geometry, groups: int = 1):
        super().__init__(kernel, geometry, groups)
        self.taps, self.depthwise = kernel.shape[:-2], self.inputs == self.outputs == 1
        self.take(kernel)

    def take(self, kernel: np.ndarray) -> None:
        """Use this kernel from now on."""
        self.weights = kernel.reshape(-1, self.groups, self.inputs).swapaxes(0, 1)
        if self.depthwise:
            weights, row = kernel.reshape(-1, 1, 1, self.groups), Lines.of(self.geometry).sizes[-1]
            self.weights = np.ascontiguousarray(np.broadcast_to(weights, (len(weights), 1, row, self.groups)))

    @classmethod
    def once(cls, kernel: np.ndarray, geometry: Geometry, groups: int):
        """For one call; what depends on the geometry alone stays for the next one of this thread."""
        ways, key = KEPT.__dict__, (geometry, groups, kernel.shape, kernel.dtype)
        if key not in ways:
            if len(ways) >= WAYS:
                ways.clear()
            ways[key] = cls(kernel, geometry, groups)
        way = ways[key]

        def call(x: np.ndarray, out: np.ndarray, threads: int = 1) -> None:
            way.take(kernel)
            way(x, out, threads)
            way.weights = None

        return call

    def jobs(self, batch: int, threads: int) -> list[tuple]:
        held, jobs = math.prod(self.taps) * self.groups * self.outputs * self.dtype.itemsize, []
        for images, rows in chunks(self.geometry, batch, held, threads):
            read, geometry = band(self.geometry, rows.start, rows.stop)
            source = images.start * self.source[0] + read.start * self.source[1]
            target = images.start * self.target[0] + rows.start * self.target[1]
            jobs.append(((Lines.of(geometry), images.stop - images.start), source, target))
        return jobs

    def program(self, scratch: Scratch, lines: Lines, n: int) -> Program:
        program, axes, channels = Program(scratch), len(self.taps), self.groups * self.inputs
        view = (n, *lines.geometry.input_size, channels), 0, self.source
        program.load(view, (n, *lines.sizes, channels), (0,) * (axes + 2), copied=False)
        columns, total = (self._rows if self.depthwise else self._planes)(program, lines, n)
        sums = [(total[(*to, ..., place)], columns[(*of, ..., some)]) for of, to, some, place in lines.sums]
        sums.sort(key=lambda pair: -pair[0].size)
        if sums and sums[0][0].size == total.size:
            program.steps.append(partial(np.copyto, *sums.pop(0)))
        else:
            program.steps.append(partial(total.fill, 0))
        program.steps += [partial(np.add, part, some, part) for part, some in sums]
        image, *steps, item = self.target
        blocks = total.reshape(*total.shape[:-1], *lines.blocks)
        blocks = np.moveaxis(blocks, range(-axes, 0), range(axes, 2 * axes))
        apart = *(s * step for s, step in zip(lines.geometry.stride, steps)), image, self.outputs * item, item
        program.store(blocks, lines.geometry.output_size, 0, (*steps, *apart[: blocks.ndim - axes]))
        return program

    def _planes(self, program: Program, lines: Lines, n: int) -> tuple[np.ndarray, np.ndarray]:
        """The columns [*k, n, groups, out, samples], which one product makes, and room for the sums in their order."""
        columns = program.scratch("columns", n, self.groups, math.prod(self.taps) * self.outputs, lines.samples)
        total = program.scratch("total", *lines.geometry.stride, n, self.groups, self.outputs, lines.places)
        rows = n, lines.samples, self.groups, self.inputs
        program.first = lambda samples: np.matmul(self.weights, samples.reshape(rows).transpose(0, 2, 3, 1), columns)
        taps = columns.reshape(n, self.groups, *self.taps, self.outputs, lines.samples)
        return np.moveaxis(taps, (0, 1), (-4, -3)), total

    def _rows(self, program: Program, lines: Lines, n: int) -> tuple[np.ndarray, np.ndarray]:
        """The columns [*k, n, channels, samples], of which the channels are neighbours, and room for the sums."""
        columns = program.scratch("columns", *self.taps, n, lines.samples, self.groups).swapaxes(-1, -2)
        total = program.scratch("total", *lines.geometry.stride, n, lines.places, self.groups).swapaxes(-1, -2)
        row = lines.sizes[-1]
        rows = n * math.prod(lines.sizes[:-1]), row, self.groups
        products = columns.swapaxes(-1, -2).reshape(-1, *rows)
        program.first = lambda samples: np.multiply(self.weights[:, :, :row], samples.reshape(rows), products)
        return columns, total
