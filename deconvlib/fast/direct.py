"""Ways that use the kernel as it comes: the products of all taps at once, and then one sum for each output phase.

    columns[t, j] = kernel[t] @ x[j],        y[o] = sum of columns[t, j] over all (t, j) with  s j + d t - cb = o

With zeros around the columns, the terms of a phase lie at equal distances in memory, and so do its residues: a strided
view of them has axes for the taps, and one np.add.reduce is the sum.  The channels come first, so that it walks in long
steps.  With one input channel a group there is no product at all: `elementwise` multiplies whole rows by weights.

Each runs on bands of output rows, which are transposed convolutions themselves, so that the columns stay in the cache.
"""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.lib.stride_tricks import as_strided

from deconvlib.fast.runs import Run, runs
from deconvlib.fast.scratch import Scratch, of_this_thread
from deconvlib.fast.threads import for_each
from deconvlib.geometry import Geometry

__all__ = ["Direct", "Frame", "band", "elementwise", "planes"]

SCRATCH = 1 << 20  # bytes of columns held at a time


@dataclass(frozen=True)
class Frame:
    """Input samples with zeros around them, in one line.

    One gap of zeros serves the end of a row of samples and the begin of the next.
    """

    sizes: tuple[int, ...]  # samples along each axis, with the gap; no gap along the first
    steps: tuple[int, ...]  # from one sample to the next
    front: int  # zeros before the first
    back: int
    phases: tuple[tuple[tuple[Run, ...], ...], ...]  # along each axis, residues at equal distances

    @classmethod
    @functools.lru_cache(256)
    def of(cls, geometry: Geometry) -> Frame:
        found = [runs(axis, True) for axis in geometry.axes]
        before = [max(0, *(-r.begin for r in each), 0) for each in found]
        after = [max(0, *(r.end - axis.input_size for r in each), 0) for axis, each in zip(geometry.axes, found)]
        sizes = tuple(n + max(b, e) for n, b, e in zip(geometry.input_size, (0, *before[1:]), (0, *after[1:])))
        steps = tuple(math.prod(sizes[a + 1 :]) for a in range(len(sizes)))
        front = sum(n * step for n, step in zip(before, steps))
        back = sum((n + size) * step for n, size, step in zip(after, (0, *sizes[1:]), steps))
        return cls(sizes, steps, front, back, tuple(itertools.product(*map(_together, found))))

    @functools.cached_property
    def inside(self) -> slice:
        """Where the samples are in the line."""
        return slice(self.front, self.front + math.prod(self.sizes))

    @functools.cached_property
    def length(self) -> int:
        return self.inside.stop + self.back

    def gaps(self, x: np.ndarray, scratch: Scratch) -> np.ndarray:
        """x [n, *space, in] with its gaps: [n, samples, in]."""
        if x.shape[1:-1] != self.sizes or not x.flags.c_contiguous:
            padded = scratch("padded", len(x), *self.sizes, x.shape[-1])
            padded[...] = 0
            padded[tuple(map(slice, x.shape))] = x
            x = padded
        return x.reshape(len(x), -1, x.shape[-1])

    def add(self, columns: np.ndarray, out: np.ndarray, scratch: Scratch) -> None:
        """columns [n, *k, out, line]  ->  out [n, *space, out], phase by phase."""
        image, *taps, channel, sample = columns.strides
        for phase in self.phases:
            first, residues = [group[0] for group in phase], [len(group) for group in phase]
            target = as_strided(
                out[(slice(None), *(slice(run.first, None) for run in first))],
                (len(out), *residues, out.shape[-1], *(run.count for run in first)),
                (
                    out.strides[0],
                    *(_distance(group, "first") * s for group, s in zip(phase, out.strides[1:])),
                    out.strides[-1],
                    *(run.period * s for run, s in zip(first, out.strides[1:])),
                ),
            )
            if not all(run.length for run in first):
                target[...] = 0
                continue
            step = [n * sample for n in self.steps]
            wide = list(map(_wide, first[1:], self.sizes[1:]))
            terms = np.ndarray(
                (*(run.length for run in first), *target.shape[: len(first) + 3], *wide),
                columns.dtype,
                columns,
                self.front * sample + sum(run.begin * j + run.tap * t for run, j, t in zip(first, step, taps)),
                (
                    *(run.step * j + run.spacing * t for run, j, t in zip(first, step, taps)),
                    image,
                    *(_distance(g, "begin") * j + _distance(g, "tap") * t for g, j, t in zip(phase, step, taps)),
                    channel,
                    *(run.step * j for run, j in zip(first, step)),
                ),
            )
            plane = scratch("plane", *terms.shape[len(first) :])
            np.add.reduce(terms, tuple(range(len(first))), out.dtype, plane)
            target[...] = plane[tuple(map(slice, target.shape))]


def _wide(run: Run, size: int) -> int:
    """Samples of a row to add up: with the gap, so that all rows are one long row, where that is possible."""
    return max(run.count, size) if run.step == 1 else run.count


def _together(found: tuple[Run, ...]) -> list[tuple[Run, ...]]:
    """Residues with as many taps and samples, each as far from the next in output, input and kernel."""
    groups = []
    for run in found:
        last = (*groups[-1], run) if groups else ()
        if last and len({(r.count, r.length) for r in last}) == 1:
            places = ((b.first - a.first, b.begin - a.begin, b.tap - a.tap) for a, b in itertools.pairwise(last))
            if len(set(places)) == 1:
                groups[-1] = last
                continue
        groups.append((run,))
    return groups


def _distance(group: tuple[Run, ...], field: str) -> int:
    return getattr(group[1], field) - getattr(group[0], field) if len(group) > 1 else 0


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
    line[...] = 0
    line[:, frame.inside].reshape(len(x), *frame.sizes, -1)[tuple(map(slice, x.shape))] = x
    image, sample, channel = line.strides
    step = [n * sample for n in frame.steps]
    for chosen in (chosen for phase in frame.phases for chosen in itertools.product(*phase)):
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
                target = part if number == len(terms) - 1 else total
                np.multiply(some, tap, out=term if number else target)
                if number:
                    np.add(total, term, out=target)
