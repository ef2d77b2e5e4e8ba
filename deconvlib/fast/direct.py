"""Ways that use the kernel as it comes: each tap's products are added to the output samples that the tap reaches.

    y[s j + d t - cb]  +=  kernel[t] @ x[j]

`stamp` makes the products of all taps at once, channels last, and adds in place.  With few output channels an addition
would walk in steps of a few numbers: `planes` has the channels first, adds whole rows into a plane for each phase, and
interleaves once.  With one input channel a group there is no product at all: `elementwise` multiplies whole rows.
Each runs on bands of output rows, which are transposed convolutions themselves, so that the columns stay in the cache.
"""

from __future__ import annotations

import functools
import itertools
import math
import threading
from dataclasses import replace

import numpy as np

from deconvlib.fast.scratch import Scratch
from deconvlib.fast.threads import for_each
from deconvlib.geometry import Axis, Geometry

__all__ = ["Direct", "band", "elementwise", "meeting", "planes", "stamp"]

SCRATCH = 2 << 20  # bytes of columns held at a time
LOCAL = threading.local()  # each thread's scratch, for every layer


def meeting(axis: Axis, tap: int) -> tuple[slice, slice]:
    """The input samples j, and the output samples  s j + d t - cb  that the crop keeps, of one tap."""
    offset = axis.dilation * tap - axis.crop[0]
    first = max(0, -(offset // axis.stride))
    last = min(axis.input_size, (axis.output_size - 1 - offset) // axis.stride + 1)
    begin, end = axis.stride * first + offset, axis.stride * (last - 1) + offset + 1
    return (slice(first, last), slice(begin, end, axis.stride)) if first < last else (slice(0), slice(0))


@functools.lru_cache(256)
def meetings(geometry: Geometry) -> tuple[tuple, ...]:
    """(tap, inputs, outputs) for every tap that the crop leaves something of."""
    every = (
        (tap, *zip(*(meeting(axis, t) for axis, t in zip(geometry.axes, tap))))
        for tap in np.ndindex(*geometry.kernel_size)
    )
    return tuple(m for m in every if all(s.stop for s in m[1]))


@functools.lru_cache(256)
def phases(geometry: Geometry) -> dict[tuple[int, ...], list[tuple]]:
    """For every phase of the output the (tap, inputs, rows of the phase) that reach it, one for all rows first."""
    size = geometry.output_size
    found = {phase: [] for phase in np.ndindex(*map(min, geometry.stride, geometry.output_size))}
    for tap, source, target in meetings(geometry):
        steps = tuple(zip(target, geometry.stride))
        rows = tuple(slice(t.start // s, (t.stop - 1) // s + 1) for t, s in steps)
        found[tuple(t.start % s for t, s in steps)].append((tap, source, rows))
    for phase, reaching in found.items():
        whole = tuple(slice(0, len(range(r, o, s))) for r, o, s in zip(phase, size, geometry.stride))
        reaching.sort(key=lambda item: item[2] != whole)
        found[phase] = bool(reaching) and reaching[0][2] == whole, reaching
    return found


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
            rows = np.broadcast_to(kernel[..., None, :], (*taps, outputs, geometry.input_size[-1], inputs))
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
        if getattr(LOCAL, "scratch", None) is None or LOCAL.scratch.dtype != out.dtype:
            LOCAL.scratch = Scratch(out.dtype)
        self.function(x, kernel, geometry, out, LOCAL.scratch)


def stamp(x: np.ndarray, kernel: np.ndarray, geometry: Geometry, out: np.ndarray, scratch: Scratch) -> None:
    """columns[j, t] = kernel[t] @ x[j], added tap by tap to out."""
    columns = scratch("columns", *x.shape[:-1], *kernel.shape[:-1])
    weights = kernel.reshape(-1, kernel.shape[-1]).T
    np.matmul(x.reshape(-1, x.shape[-1]), weights, out=columns.reshape(-1, weights.shape[1]))
    out[...] = 0
    for tap, source, target in meetings(geometry):
        reached = out[(slice(None), *target)]
        reached += columns[(slice(None), *source, *tap)]


def planes(x: np.ndarray, kernel: np.ndarray, geometry: Geometry, out: np.ndarray, scratch: Scratch) -> None:
    """The same with the channels first:  columns[t, :, j], added to the plane of the phase that the tap reaches."""
    flat = x.reshape(len(x), -1, x.shape[-1]).swapaxes(1, 2)
    columns = scratch("columns", len(x), *kernel.shape[:-1], *x.shape[1:-1])
    np.matmul(kernel.reshape(-1, kernel.shape[-1]), flat, out=columns.reshape(len(x), -1, flat.shape[2]))
    for phase, (whole, reaching) in phases(geometry).items():
        samples = out[(slice(None), *(slice(r, None, s) for r, s in zip(phase, geometry.stride)))]
        plane = scratch("plane", len(x), samples.shape[-1], *samples.shape[1:-1])
        plane[...] = columns[(slice(None), *reaching[0][0], slice(None), *reaching[0][1])] if whole else 0
        for tap, source, rows in reaching[whole:]:
            reached = plane[(..., *rows)]
            reached += columns[(slice(None), *tap, slice(None), *source)]
        samples[...] = np.moveaxis(plane, 1, -1)


def elementwise(x: np.ndarray, kernel: np.ndarray, geometry: Geometry, out: np.ndarray, scratch: Scratch) -> None:
    """One input channel a group: rows times weights, added up phase by phase.  kernel [out, *k, last space, in]."""
    term = scratch("columns", *x.shape)
    for (phase, (whole, reaching)), m in itertools.product(phases(geometry).items(), range(len(kernel))):
        part = (slice(None), *(slice(r, None, s) for r, s in zip(phase, geometry.stride)), slice(m, None, len(kernel)))
        plane = scratch("plane", *out[part].shape)
        if not whole:
            plane[...] = 0
        for number, (tap, source, rows) in enumerate(reaching):
            some, weights = x[(slice(None), *source)], kernel[(m, *tap)]
            first = whole and number == 0
            product = plane if first else term[tuple(map(slice, some.shape))]
            np.multiply(some, weights[: some.shape[-2]], out=product)
            if not first:
                reached = plane[(slice(None), *rows)]
                reached += product
        out[part] = plane
