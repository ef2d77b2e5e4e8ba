"""Bands of output rows, and blocks of stride outputs: for the ways that use the kernel as it comes.

A band is a transposed convolution itself.  In it, tap t brings sample j to output  s (j + q) + r,  where
s q + r = d t - cb  and  0 <= r < s: to residue r of *block* j + q.

Kernel 4, stride 2, crop 1: tap 0 brings sample j to residue 1 of block j - 1, taps 1 and 2 to residues 0 and 1 of
block j, tap 3 to residue 0 of block j + 1.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator
from dataclasses import replace

from deconvlib.fast.cost import SizedLayer
from deconvlib.fast.numbers import ceil_div, cut, cut_axis
from deconvlib.fast.program import View, Write
from deconvlib.fast.ways import strides
from deconvlib.geometry import Axis, Geometry

__all__ = ["Lines", "band", "bands", "brought", "residues", "writes"]


@functools.lru_cache(256)
def band(geometry: Geometry, begin: int, end: int) -> tuple[slice, Geometry]:
    """Output rows begin .. end - 1 alone: the input rows that they read, and the geometry from those to them."""
    axis, *rest = geometry.axes
    reached, last = begin + axis.crop[0], end - 1 + axis.crop[0]
    first = min(max(0, ceil_div(reached - axis.span + 1, axis.stride)), axis.input_size - 1)
    stop = max(min(axis.input_size, last // axis.stride + 1), first + 1)
    full = axis.stride * (stop - first - 1) + axis.span
    crop = reached - axis.stride * first
    rows = replace(axis, input_size=stop - first, crop=(crop, full - crop - (end - begin)))
    return slice(first, stop), Geometry((rows, *rest))


def residues(axis: Axis) -> int:
    """Outputs of a block; where the output is shorter than the stride, there is one block with those."""
    return min(axis.stride, axis.output_size)


@functools.lru_cache(256)
def brought(axis: Axis) -> list[tuple[int, int, int]]:
    """(t, q, r) of the taps that bring some sample to a block."""
    blocks = ceil_div(axis.output_size, axis.stride)
    each = ((t, *divmod(axis.dilation * t - axis.crop[0], axis.stride)) for t in range(axis.kernel_size))
    return [(t, q, r) for t, q, r in each if -axis.input_size < q < blocks and r < residues(axis)]


class Lines:
    """All samples of n images in one line, and all their blocks in another.

    Between the rows of each axis there is room for what is brought beyond their ends; so q blocks further along an axis
    are  q * step[axis]  places further along the line.  Two rows of 5 samples that are brought one block further at
    most lie 6 samples apart.
    """

    def __init__(self, geometry: Geometry, n: int):
        self.geometry = geometry
        self.residues = tuple(map(residues, geometry.axes))
        blocks = [ceil_div(axis.output_size, axis.stride) for axis in geometry.axes]
        moved = [[q for _, q, _ in brought(axis)] + [0] for axis in geometry.axes]
        rows = [max(i + max(q), b - min(q)) for i, b, q in zip(geometry.input_size, blocks, moved)]
        alone = n == 1  # nothing comes behind the last row of a single image
        self.sizes = (n, geometry.input_size[0] if alone else rows[0], *rows[1:])
        self.blocks = (n, blocks[0] if alone else rows[0], *rows[1:])
        self.samples, self.places = math.prod(self.sizes), math.prod(self.blocks)
        self.step = tuple(math.prod(rows[a + 1 :]) for a in range(len(rows)))
        self.most = sum(step * max(q) for step, q in zip(self.step, moved))  # places that a sample is brought on
        self.least = sum(step * min(q) for step, q in zip(self.step, moved))


@functools.lru_cache(256)
def lines(geometry: Geometry, n: int) -> Lines:
    """Kept, because the bands of a layer are of a few kinds."""
    return Lines(geometry, n)


def bands(layer: SizedLayer, held: float, threads: int) -> Iterator[tuple[Lines, tuple[int, int]]]:
    """(lines, the bytes where they begin in input and output) of each band; a place holds this part of the scratch."""
    source, target = strides(layer)
    few = min(layer.batch, 2)  # images of a batch have room between them
    places = lines(layer.geometry, few).places / few * layer.batch
    parts = max(math.ceil(held * places), threads)
    for images, rows in cut(layer.batch, layer.geometry.output_size[0], parts, threads, layer.geometry.stride[0]):
        read, part = band(layer.geometry, rows.start, rows.stop)
        begin = images.start * source[0] + read.start * source[1], images.start * target[0] + rows.start * target[1]
        yield lines(part, images.stop - images.start), begin


def writes(
    layer: SizedLayer, geometry: Geometry, apart: tuple[int, ...], shape: tuple[int, ...], extra: int = 0
) -> list[Write]:
    """(part of [*residues, channels, n, *blocks], its place in the output) of a band.

    `apart` are the bytes from one to the next on each axis of the former.  The geometry has so many extra outputs on
    the last axis before the layer's first.
    """
    image, *steps, item = strides(layer)[1]
    axes = len(steps)
    jumps = [axis.stride * step for axis, step in zip(geometry.axes, steps)]
    to = (*steps, item, image, *jumps)
    before = [0] * (axes - 1) + [extra]
    found = []
    for chosen in itertools.product(*map(cut_axis, geometry.output_size, shape[:axes], before)):
        firsts, numbers, begins, parts = zip(*chosen)
        some = (*parts, *shape[axes : axes + 2], *numbers)
        part = sum(f * step for f, step in zip((*begins, *firsts), (*apart[:axes], *apart[axes + 2 :])))
        place = sum(f * step for f, step in zip((*begins, *firsts), (*steps, *jumps))) - extra * steps[-1]
        found.append(Write(View(some, part, apart), View(some, place, to)))
    return found
