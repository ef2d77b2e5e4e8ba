"""Ways that use the kernel as it comes: the products of all taps at once, and then one sum for each output phase.

    columns[t, j] = kernel[t] @ x[j],        y[o] = sum of columns[t, j] over all (t, j) with  s j + d t - cb = o

The channels come first, so that the sums (frame.py) walk in long steps.  With one input channel a group there is no
product at all: `elementwise` multiplies whole rows by weights.

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
from deconvlib.fast.threads import for_each
from deconvlib.geometry import Geometry

__all__ = ["Direct", "band", "elementwise", "planes"]

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


class Direct:
    """One of the functions below, on every band of every image and group."""

    nbytes = 0

    def __init__(self, function, kernel: np.ndarray, geometry: Geometry, groups: int = 1):
        self.function, self.kernel, self.geometry, self.groups = function, kernel, geometry, groups
        if function is elementwise:  # the weights of a row: each repeated along the last axis
            *taps, outputs, inputs = kernel.shape
            size = max(run.count for run in runs(geometry.axes[-1]))
            rows = np.broadcast_to(kernel[..., None, :], (*taps, outputs, size, inputs))
            self.kernel = np.ascontiguousarray(np.moveaxis(rows, -3, 0))

    def __call__(self, x: np.ndarray, out: np.ndarray, threads: int = 1) -> None:
        jobs = self.jobs(len(x), threads) if len(x) else []
        for_each(lambda *job: self.run(x, out, *job), jobs, max(1, min(threads, len(jobs))))

    def jobs(self, batch: int, threads: int) -> list[tuple]:
        """(images, group, first row, end) that need at most SCRATCH of columns, if one row does."""
        first, *rest = self.geometry.axes
        held = self.kernel.shape[-1] if self.function is elementwise else self.kernel[..., 0].size
        held *= math.prod(axis.input_size for axis in rest) * self.kernel.itemsize
        parts = max(-(-held * first.input_size * batch // SCRATCH), threads)
        images, bands = (-(-batch // parts), 1) if parts <= batch else (1, min(-(-parts // batch), first.output_size))
        rows = -(-first.output_size // bands)
        groups = range(1 if self.function is elementwise else self.groups)
        return [
            (slice(n, n + images), g, begin, min(begin + rows, first.output_size))
            for n in range(0, batch, images)
            for g in groups
            for begin in range(0, first.output_size, rows)
        ]

    def run(self, x, out, images, group, begin, end) -> None:
        rows, geometry = band(self.geometry, begin, end)
        x, out, kernel = x[images, rows], out[images, begin:end], self.kernel
        if self.function is not elementwise and self.groups > 1:
            inputs, outputs = x.shape[-1] // self.groups, out.shape[-1] // self.groups
            mine = slice(group * inputs, (group + 1) * inputs)
            x, out, kernel = x[..., mine], out[..., group * outputs : (group + 1) * outputs], kernel[..., mine]
        self.function(x, kernel, Frame.of(geometry), out, of_this_thread(out.dtype))


def planes(x: np.ndarray, kernel: np.ndarray, frame: Frame, out: np.ndarray, scratch: Scratch) -> None:
    """One product for all taps, and the sums."""
    weights = kernel.reshape(-1, kernel.shape[-1])
    columns = scratch("columns", len(x), len(weights), frame.length)
    columns[..., : frame.front] = columns[..., frame.inside.stop :] = 0
    np.matmul(weights, frame.gaps(x, scratch).swapaxes(1, 2), out=columns[..., frame.inside])
    frame.add(columns.reshape(len(x), *kernel.shape[:-1], frame.length), out, scratch)


def elementwise(x: np.ndarray, kernel: np.ndarray, frame: Frame, out: np.ndarray, scratch: Scratch) -> None:
    """One input channel a group: rows times weights, added up residue by residue.  kernel [out, *k, last size, in]"""
    line = scratch("line", len(x), frame.length, x.shape[-1])
    line[:, : frame.front] = line[:, frame.inside.stop :] = 0
    frame.fill(line[:, frame.inside].reshape(len(x), *frame.sizes, -1), x)
    image, sample, channel = line.strides
    step = [n * sample for n in frame.steps]
    for chosen in itertools.product(*frame.runs):
        samples = out[(slice(None), *(slice(run.first, None, run.period) for run in chosen))]
        strides = (image, *(run.step * j for run, j in zip(chosen, step)), channel)
        for m, weights in enumerate(kernel):
            part = samples[..., m :: len(kernel)]
            total, term = scratch("total", *part.shape), scratch("term", *part.shape)
            terms = list(np.ndindex(*(run.length for run in chosen)))
            if not terms:
                part[...] = 0
            for number, u in enumerate(terms):
                begin = frame.front * sample + sum((r.begin + r.step * v) * j for r, v, j in zip(chosen, u, step))
                some = np.ndarray(part.shape, line.dtype, line, begin, strides)
                tap = weights[tuple(run.taps[0][v] for run, v in zip(chosen, u))][: part.shape[-2]]
                np.multiply(some, tap, out=term if number else total)
                if number:
                    np.add(total, term, out=total)
            if terms:
                part[...] = total
