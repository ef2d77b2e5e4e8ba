"""Ways that use the kernel as it comes: the products of all taps at once, and then one sum for each output phase.

    columns[t, j] = kernel[t] @ x[j],        y[o] = sum of columns[t, j] over all (t, j) with  s j + d t - cb = o

The sums are those of frame.py.  With one input channel a group there is no product at all, and rows are multiplied by
weights.

Each runs on bands of output rows, which are transposed convolutions themselves, so that the columns stay in the cache.
"""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import replace

import numpy as np

from deconvlib.fast.frame import Frame
from deconvlib.fast.runs import runs
from deconvlib.fast.scratch import Scratch, of_this_thread
from deconvlib.fast.threads import Shared, cut
from deconvlib.geometry import Geometry

__all__ = ["Elementwise", "Planes", "band", "chunks"]

SCRATCH = 1 << 20  # bytes of columns held at a time


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
    return cut(batch, geometry.output_size[0], max(parts, threads), threads)


class Direct(Shared):
    """A job for every chunk and group: `run`, of the classes below."""

    nbytes = 0

    def __init__(self, kernel: np.ndarray, geometry: Geometry, groups: int, held: int):
        self.kernel, self.geometry, self.groups, self.held = kernel, geometry, groups, held * kernel.itemsize

    def jobs(self, batch: int, threads: int) -> list[tuple]:
        found = chunks(self.geometry, batch, self.held, threads)
        return [(group, *chunk) for chunk in found for group in range(self.groups)]


class Planes(Direct):
    """One product for all taps, with the channels first, so that the sums walk in long steps."""

    def __init__(self, kernel: np.ndarray, geometry: Geometry, groups: int = 1):
        super().__init__(kernel, geometry, groups, kernel[..., 0].size)

    def run(self, x, out, group, images, rows) -> None:
        read, geometry = band(self.geometry, rows.start, rows.stop)
        x, kernel = x[images, read], self.kernel
        n, inputs, outputs = len(x), x.shape[-1] // self.groups, kernel.shape[-2]
        if self.groups > 1:
            x, kernel = (a[..., group * inputs : (group + 1) * inputs] for a in (x, kernel))
        frame, scratch, weights = Frame.of(geometry), of_this_thread(out.dtype), kernel.reshape(-1, inputs)
        columns = scratch("columns", n, len(weights), frame.length)
        columns[..., : frame.front] = columns[..., frame.inside.stop :] = 0
        if x.shape[1:-1] != frame.sizes or not x.flags.c_contiguous:
            frame.gaps(x, padded := scratch("padded", n, math.prod(frame.sizes), inputs))
            x = padded
        np.matmul(weights, x.reshape(n, -1, inputs).swapaxes(1, 2), out=columns[..., frame.inside])
        image, row, *_, item = out.strides
        at, (plane, channel, sample) = images.start * image + rows.start * row + group * outputs * item, columns.strides
        for phase in frame.phases:
            target = phase.target(out, at, n, outputs)
            if not all(phase.lengths):
                target[...] = 0
                continue
            total = scratch("total", n, *phase.numbers, outputs, *phase.wide)
            distances = plane, sample, outputs * channel, channel
            terms = phase.terms(columns, frame.front * sample, total.shape, distances)
            np.add.reduce(terms, tuple(range(terms.ndim - total.ndim)), out.dtype, total)
            target[...] = total[tuple(map(slice, target.shape))]


class Elementwise(Direct):
    """One input channel a group: rows times weights, added up residue by residue."""

    def __init__(self, kernel: np.ndarray, geometry: Geometry, groups: int):
        *taps, outputs, inputs = kernel.shape
        size = max(run.count for run in runs(geometry.axes[-1]))
        rows = np.broadcast_to(kernel[..., None, :], (*taps, outputs, size, inputs))  # the weights of a row
        super().__init__(np.ascontiguousarray(np.moveaxis(rows, -3, 0)), geometry, 1, inputs)

    def run(self, x, out, _, images, rows) -> None:
        read, geometry = band(self.geometry, rows.start, rows.stop)
        x, out, frame, scratch = x[images, read], out[images, rows], Frame.of(geometry), of_this_thread(out.dtype)
        line = scratch("line", len(x), frame.length, x.shape[-1])
        line[:, : frame.front] = line[:, frame.inside.stop :] = 0
        frame.gaps(x, line[:, frame.inside])
        for chosen in itertools.product(*frame.runs):
            samples = out[(slice(None), *(slice(run.first, None, run.period) for run in chosen))]
            for m, weights in enumerate(self.kernel):
                self.add(line, frame, chosen, weights, samples[..., m :: len(self.kernel)], scratch)

    @staticmethod
    def add(line, frame: Frame, chosen, weights, part, scratch: Scratch) -> None:
        """The outputs of one residue."""
        image, sample, channel = line.strides
        steps, taps = [n * sample for n in frame.steps], list(np.ndindex(*(run.length for run in chosen)))
        strides = (image, *(run.step * j for run, j in zip(chosen, steps)), channel)
        total, term = scratch("total", *part.shape), scratch("term", *part.shape)
        if not taps:
            part[...] = 0
            return
        for number, u in enumerate(taps):
            begin = frame.front * sample + sum((r.begin + r.step * v) * j for r, v, j in zip(chosen, u, steps))
            some = np.ndarray(part.shape, line.dtype, line, begin, strides)
            tap = weights[tuple(run.taps[0][v] for run, v in zip(chosen, u))][: part.shape[-2]]
            np.multiply(some, tap, out=term if number else total)
            if number:
                np.add(total, term, out=total)
        part[...] = total
