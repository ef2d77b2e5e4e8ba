"""Ways that use the kernel as it comes: each tap's products are added to the output samples that the tap reaches.

    y[s j + d t - cb]  +=  kernel[t] @ x[j]

`stamp` makes the products of all taps at once, channels last, and adds in place.  With few output channels an addition
would walk in steps of a few numbers: `planes` has the channels first, adds whole rows into a plane for each phase, and
interleaves once.  With one input channel a group there is no product at all: `elementwise` multiplies whole rows.
Each runs on bands of output rows, which are transposed convolutions themselves, so that the columns stay in the cache.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from deconvlib.fast.threads import for_each
from deconvlib.geometry import Axis, Geometry

__all__ = ["Direct", "band", "elementwise", "meeting", "planes", "stamp"]

SCRATCH = 1 << 20  # bytes of columns held at a time


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


def band(axis: Axis, begin: int, end: int) -> tuple[slice, Axis]:
    """Output samples begin .. end - 1 alone: the inputs that they read, and the axis from those to them."""
    reached, last = begin + axis.crop[0], end - 1 + axis.crop[0]
    first = min(max(0, -((axis.span - 1 - reached) // axis.stride)), axis.input_size - 1)
    stop = max(min(axis.input_size, last // axis.stride + 1), first + 1)
    full = axis.stride * (stop - first - 1) + axis.span
    crop = reached - axis.stride * first
    return slice(first, stop), Axis(
        stop - first, axis.kernel_size, axis.stride, axis.dilation, (crop, full - crop - (end - begin))
    )


class Direct:
    """One of the functions below, on every band of every image and group."""

    nbytes = 0

    def __init__(self, function, kernel: np.ndarray, geometry: Geometry, groups: int = 1):
        self.function, self.kernel, self.geometry, self.groups = function, kernel, geometry, groups

    def __call__(self, x: np.ndarray, out: np.ndarray, threads: int = 1) -> None:
        jobs = self.jobs(len(x), threads) if len(x) else []
        for_each(lambda *job: self.run(x, out, *job), jobs, max(1, min(threads, len(jobs))))

    def jobs(self, batch: int, threads: int) -> list[tuple]:
        """(images, group, first row, rows) that need at most SCRATCH of columns, if one row does."""
        first, *rest = self.geometry.axes
        row = math.prod(axis.input_size for axis in rest) * self.kernel.size * self.kernel.itemsize
        row = row // (
            self.kernel.shape[-1] if self.function is not elementwise else math.prod(self.geometry.kernel_size)
        )
        total = row * first.input_size * batch
        parts = max(-(-total // SCRATCH), threads)
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
        rows, axis = band(self.geometry.axes[0], begin, end)
        geometry = Geometry((axis, *self.geometry.axes[1:]))
        x, out, kernel = x[images, rows], out[images, begin:end], self.kernel
        if self.function is not elementwise and self.groups > 1:
            inputs, outputs = x.shape[-1] // self.groups, out.shape[-1] // self.groups
            mine = slice(group * inputs, (group + 1) * inputs)
            x, out, kernel = x[..., mine], out[..., group * outputs : (group + 1) * outputs], kernel[..., mine]
        self.function(x, kernel, geometry, out)


def stamp(x: np.ndarray, kernel: np.ndarray, geometry: Geometry, out: np.ndarray) -> None:
    """columns[j, t] = kernel[t] @ x[j], added tap by tap to out."""
    columns = np.matmul(x.reshape(-1, x.shape[-1]), kernel.reshape(-1, kernel.shape[-1]).T)
    columns = columns.reshape(*x.shape[:-1], *kernel.shape[:-1])
    out[...] = 0
    for tap, source, target in meetings(geometry):
        out[(slice(None), *target)] += columns[(slice(None), *source, *tap)]


def planes(x: np.ndarray, kernel: np.ndarray, geometry: Geometry, out: np.ndarray) -> None:
    """The same with the channels first:  columns[t, :, j], added to the plane of the phase that the tap reaches."""
    flat = x.reshape(len(x), -1, x.shape[-1]).swapaxes(1, 2)
    columns = np.matmul(kernel.reshape(-1, kernel.shape[-1]), flat).reshape(len(x), *kernel.shape[:-1], *x.shape[1:-1])
    stride, size = geometry.stride, geometry.output_size
    phases = np.zeros((*stride, len(x), out.shape[-1], *(-(-o // s) for o, s in zip(size, stride))), out.dtype)
    for tap, source, target in meetings(geometry):
        phase = tuple(t.start % s for t, s in zip(target, stride))
        rows = (slice(t.start // s, (t.stop - 1) // s + 1) for t, s in zip(target, stride))
        phases[phase][(..., *rows)] += columns[(slice(None), *tap, slice(None), *source)]
    for phase in np.ndindex(*stride):
        samples = out[(slice(None), *(slice(r, None, s) for r, s in zip(phase, stride)))]
        samples[...] = np.moveaxis(phases[phase], 1, -1)[(slice(None), *map(slice, samples.shape[1:-1]))]


def elementwise(x: np.ndarray, kernel: np.ndarray, geometry: Geometry, out: np.ndarray) -> None:
    """One input channel a group: rows times weights, added up phase by phase."""
    stride, size = geometry.stride, geometry.output_size
    term = np.empty_like(x)
    for m in range(kernel.shape[-2]):
        weights = np.broadcast_to(
            kernel[..., m, :][..., None, :], (*kernel.shape[:-2], x.shape[-2], x.shape[-1])
        ).copy()
        phases = np.zeros((*stride, len(x), *(-(-o // s) for o, s in zip(size, stride)), x.shape[-1]), out.dtype)
        for tap, source, target in meetings(geometry):
            phase = tuple(t.start % s for t, s in zip(target, stride))
            rows = tuple(slice(t.start // s, (t.stop - 1) // s + 1) for t, s in zip(target, stride))
            some = x[(slice(None), *source)]
            product = np.multiply(some, weights[tap][: some.shape[-2]], out=term[tuple(map(slice, some.shape))])
            phases[phase][(slice(None), *rows)] += product
        for phase in np.ndindex(*stride):
            samples = out[
                (slice(None), *(slice(r, None, s) for r, s in zip(phase, stride)), slice(m, None, kernel.shape[-2]))
            ]
            samples[...] = phases[phase][(slice(None), *map(slice, samples.shape[1:-1]))]
