"""Phases in tiles: each run of each axis is a dense correlation of stride 1, done as F(m, t) along every axis.

    windows of the input --B--> points --times the kernel's points--> --A--> m outputs an axis

B and A go along one axis after the other, each as products of a small matrix with rows of many columns (chunks.py).
Kernel 3 with stride 1 and crop 1 on 8 x 8 samples and m = 4 makes 2 x 2 tiles an image.  Each reads a window of 6 x 6
samples; so there are 36 products of [4, in] by [in, out], where the direct way has 9 of [64, in] by [in, out].

With m = 1 nothing is transformed.  The taps lie side by side in one product; or, with many channels, each has a product
of its own, and these are added up.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from functools import partial

import numpy as np

from deconvlib.fast.chunks import Chunk, program, reads
from deconvlib.fast.cost import CALL, Cost, SizedLayer, effort
from deconvlib.fast.kernels import needed, prepared
from deconvlib.fast.numbers import ceil_div, cut, in_range
from deconvlib.fast.pieces import Piece, pieces
from deconvlib.fast.products import widths
from deconvlib.fast.program import Job, Weights
from deconvlib.fast.runs import runs
from deconvlib.fast.scratch import give, take
from deconvlib.fast.ways import Way, Work, strides

__all__ = ["Tiles"]

SCRATCH = 4 << 20  # bytes that a chunk may hold, so that it stays in the cache
FEWEST = 64  # tiles in a chunk, at least: each reads all weights
REFUSED = "refused"
PIECES = 32  # of a layer, at most: each takes calls of its own
FROM_MEMORY = 3  # how much longer it takes to pack weights that come from memory
PREPARE = 10  # calls that a piece of the kernel takes, at least
LONGEST = 4096  # period of an axis, at most: its residues are looked at one by one


class Tiles(Way):
    """`largest` bounds m; with 1 every output is the sum of its products."""

    def __init__(self, largest: int):
        self.largest, self.name = largest, f"tiles of {largest}"

    def cost(self, layer: SizedLayer) -> Cost | None:
        if self.largest > 1 and (layer.exact or layer.dtype not in (np.float32, np.float64)):
            return None
        if any(math.lcm(axis.stride, axis.dilation) > LONGEST for axis in layer.geometry.axes):
            return None
        if math.prod(len(runs(axis)) for axis in layer.geometry.axes) > PIECES:
            return None
        total, seen = Cost(), set()
        for piece in pieces(layer.geometry, self.largest, layer.group_inputs):
            if math.prod(piece.taps):
                total += self._cost(layer, piece, piece.key not in seen)
                seen.add(piece.key)
        return total

    def _cost(self, layer: SizedLayer, piece: Piece, first: bool) -> Cost:
        """Load, transform, multiply, transform, store."""
        inputs, outputs, size = layer.group_inputs, layer.group_outputs, layer.dtype.itemsize
        tiles, depth = piece.tiles * layer.batch, piece.taps_at_once * inputs
        width = math.prod(piece.residues) * outputs
        chunks = ceil_div(tiles, max(FEWEST, SCRATCH // (size * piece.scratch(inputs, outputs))))
        near = size * piece.scratch(inputs, outputs) * tiles <= 2 * SCRATCH * chunks  # in the cache
        weights = piece.points * depth * width * size
        gathered = piece.points * piece.tiles * inputs if piece.transformed and inputs < layer.kind.shortest else 0
        moved: float = 2 * (sum(piece.lengths(inputs, width)) + gathered) * layer.batch * size  # written, and read
        moved *= 1 if near else layer.kind.far
        done, pack = piece.points * effort(tiles, depth, width, size), layer.kind.pack
        columns = widths(depth, width, layer.kind)[0][1]
        rows = max(1, min(tiles, layer.kind.alone // (depth * columns)))
        packed = FROM_MEMORY * pack * chunks / tiles
        begin = PREPARE * CALL * layer.kind.memory_a_second
        return (
            Cost(
                multiplications=piece.points * tiles * depth * width,
                whole=math.inf if layer.kind.cut_alone else done * (1 + packed + pack / width),
                cut=done * (1 + pack / rows + pack / columns),
                bytes=moved + weights * (chunks - 1),
                calls=chunks * 15,
                stacked=piece.points * ceil_div(width, columns) * ceil_div(tiles, rows),
                weights=weights,
                prepared=(weights + 2 * math.prod(piece.taps) * inputs * width * size + begin) * first,
            )
            * layer.groups
        )

    def weights(self, kernel: np.ndarray, work: Work) -> Weights:
        """Nothing but REFUSED for a kernel whose taps may not be added to each other."""
        return self._weights(kernel, work, np.empty(self._size(work.layer), np.uint8))

    def layout(self, work: Work) -> int | None:
        """The most multiplications of a product: the columns of the weights are cut for it."""
        return work.layer.kind.limit(work.threads)

    def _size(self, layer: SizedLayer) -> int:
        return needed(layer, pieces(layer.geometry, self.largest, layer.group_inputs))

    def _weights(self, kernel: np.ndarray, work: Work, memory: np.ndarray) -> Weights:
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            kernel = np.ascontiguousarray(kernel)
            if self.largest > 1 and not in_range(kernel):
                return {REFUSED: []}
            some = pieces(work.layer.geometry, self.largest, work.layer.group_inputs)
            return prepared(kernel, work.layer, some, self.layout(work), memory)

    def once(self, x: np.ndarray, kernel: np.ndarray, out: np.ndarray, work: Work) -> bool:
        """Its weights lie in scratch memory."""
        scratch = take(self._size(work.layer))
        done = self.run(x, out, self._weights(kernel, work, scratch.memory), work)
        give(scratch)
        return done

    def run(self, x: np.ndarray, out: np.ndarray, weights: Weights, work: Work) -> bool:
        return REFUSED not in weights and super().run(x, out, weights, work)

    def jobs(self, layer: SizedLayer, threads: int) -> list[Job]:
        """The largest first."""
        found: list[tuple[int, Job]] = []
        source, target = strides(layer)
        inputs, outputs, item = layer.group_inputs, layer.group_outputs, layer.dtype.itemsize
        for some, parts in self._shares(layer, threads):
            of_chunk = functools.cache(partial(program, layer, some, layer.kind.limit(threads)))
            work = sum(piece.multiplications(inputs, outputs) for piece in some)
            rows = max(piece.runs[0].periods for piece in some)
            for images, band in cut(layer.batch, rows, parts, threads, max(piece.tile[0] for piece in some)):
                n = images.stop - images.start
                periods = tuple(max(0, min(band.stop, piece.runs[0].periods) - band.start) for piece in some)
                first, missing, present = reads(some, 0, band.start, periods, layer.geometry.input_size[0])
                begin = images.start * source[0] + first * source[1]
                place = images.start * target[0] + band.start * some[0].runs[0].period * target[1]
                for g in range(layer.groups):
                    at = begin + g * inputs * item, place + g * outputs * item
                    found.append((work * n * max(periods), Job(of_chunk(g, Chunk(n, periods, missing, present)), at)))
        return [job for _, job in sorted(found, key=lambda pair: -pair[0])]

    def _shares(self, layer: SizedLayer, threads: int) -> Iterator[tuple[list[Piece], int]]:
        """(pieces, parts): pieces that read the same samples and so share chunks, and in how many parts these are.

        Each chunk reads all the weights of its pieces.  So where there are few tiles, each piece has chunks of its own.
        """
        inputs, outputs = layer.group_inputs, layer.group_outputs
        groups: dict[tuple[tuple[int, int], ...], list[Piece]] = {}
        for piece in pieces(layer.geometry, self.largest, inputs):
            groups.setdefault(tuple((run.step, run.origin) for run in piece.runs), []).append(piece)
        for together in groups.values():
            main = max(together, key=lambda piece: piece.multiplications(inputs, outputs))
            tiles, item = main.tiles * layer.batch, layer.dtype.itemsize
            held = item * layer.batch * max(piece.tiles * piece.scratch(inputs, outputs) for piece in together)
            parts = min(ceil_div(held, SCRATCH), ceil_div(tiles, FEWEST))
            wanted = ceil_div(threads, len(groups))
            alone = [[piece] for piece in together] if tiles < FEWEST * wanted else [together]
            for some in alone:
                yield some, max(parts, min(ceil_div(wanted, len(alone)), ceil_div(tiles, layer.kind.rows)))
