"""Ways that use the kernel as it comes, on bands of output rows, so that what a band holds stays in the cache.

A band is a transposed convolution itself.  In it, tap t brings sample j to output  s (j + q) + r,  where
s q + r = d t - cb  and  0 <= r < s: to residue r of *block* j + q.
"""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from deconvlib.fast.program import Program, Way
from deconvlib.fast.threads import cut
from deconvlib.geometry import Axis, Geometry

__all__ = ["Bands", "Lines", "band", "bands", "brought", "for_one_call"]


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


def chunks(geometry: Geometry, batch: int, held: float, threads: int) -> list[tuple[slice, slice]]:
    """(images, output rows) that fit into the scratch, if one row does: a sample holds this part of it."""
    parts = math.ceil(held * math.prod(geometry.input_size) * batch)
    return cut(batch, geometry.output_size[0], max(parts, threads), threads, geometry.stride[0])


@functools.lru_cache(1024)
def brought(axis: Axis) -> list[tuple[int, int, int]]:
    """(t, q, r) of the taps that bring some sample to a block."""
    each = ((t, *divmod(axis.dilation * t - axis.crop[0], axis.stride)) for t in range(axis.kernel_size))
    return [(t, q, r) for t, q, r in each if -axis.input_size < q < -(-axis.output_size // axis.stride)]


@functools.lru_cache(256)
class Lines:
    """All samples of n images in one line, and all their blocks in another.

    Between the rows of each axis there is room for what is brought beyond their ends; so q blocks further along an axis
    are  q * step[axis]  places further along the line.
    """

    def __init__(self, geometry: Geometry, n: int):
        self.geometry = geometry
        blocks = [-(-o // s) for o, s in zip(geometry.output_size, geometry.stride)]
        moved = [[q for _, q, _ in brought(axis)] + [0] for axis in geometry.axes]
        rows = [max(i + max(q), b - min(q)) for i, b, q in zip(geometry.input_size, blocks, moved)]
        first = (geometry.input_size[0], blocks[0]) if n == 1 else (rows[0], rows[0])
        self.sizes, self.blocks = ((n, some, *rows[1:]) for some in first)
        self.samples, self.places = math.prod(self.sizes), math.prod(self.blocks)
        self.step = tuple(math.prod(rows[a + 1 :]) for a in range(len(rows)))
        self.furthest = tuple(sum(step * some(q) for step, q in zip(self.step, moved)) for some in (min, max))


def bands(geometry: Geometry, batch: int, held: float, threads: int) -> Iterator[tuple[Lines, int, int, int]]:
    """(lines, first image, first row that it reads, first row that it makes) of each band; `held` as in `chunks`."""
    for images, rows in chunks(geometry, batch, held, threads):
        read, part = band(geometry, rows.start, rows.stop)
        yield Lines(part, images.stop - images.start), images.start, read.start, rows.start


class Bands(Way):
    """A way in bands, whose programs are made from their lines.  It waits for its kernel."""

    held: float  # the part of the scratch that an input sample holds
    weights: np.ndarray | None = None

    def take(self, kernel: np.ndarray) -> None:
        """Use this kernel from now on."""
        raise NotImplementedError

    def jobs(self, batch: int, threads: int) -> list[tuple]:
        return [((lines,), *self.begin(*at)) for lines, *at in bands(self.geometry, batch, self.held, threads)]

    def put(self, program: Program, blocks: np.ndarray, geometry: Geometry) -> None:
        """Store [*residues, n, *blocks, groups, outputs], the end of a program."""
        image, *steps, item = self.target
        apart = (s * step for s, step in zip(geometry.stride, steps))
        blocks = np.moveaxis(blocks, len(steps), 2 * len(steps))
        program.store(blocks, geometry.output_size, 0, (*steps, *apart, image, self.outputs * item, item))


def for_one_call(way: type[Bands], kernel: np.ndarray, geometry: Geometry, groups: int) -> Callable:
    """This way for one call; what depends on the geometry alone stays for the next one of this thread."""
    kept = _kept(way, kernel.shape, kernel.dtype, geometry, groups, threading.get_ident())

    def call(x: np.ndarray, out: np.ndarray, threads: int = 1) -> None:
        kept.take(kernel)
        try:
            kept(x, out, threads)
        finally:
            kept.weights = None

    return call


@functools.lru_cache(256)
def _kept(way, shape, dtype, geometry, groups, thread):
    return way(shape, dtype, geometry, groups)
