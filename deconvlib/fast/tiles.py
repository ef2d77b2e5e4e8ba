"""Phases in tiles: each run of each axis is a dense correlation of stride 1, done as F(m, t) along every axis.

    windows of the input, side by side --B--> points --times the kernel's points--> --A--> m outputs an axis

B and A are Kronecker products of the matrices of the axes: each arrow is one np.matmul.  With m = 1 the taps are copied
side by side, for one plain product.
"""

from __future__ import annotations

import functools
import itertools
import math
from functools import partial

import numpy as np

from deconvlib.fast.program import Program, Way
from deconvlib.fast.runs import Run, runs
from deconvlib.fast.scratch import Scratch
from deconvlib.fast.threads import cut
from deconvlib.fast.winograd import POINTS, matrices
from deconvlib.geometry import Geometry

__all__ = ["Piece", "Tiles", "outputs_per_tile", "pieces"]

SCRATCH = 2 << 20  # bytes that a chunk may hold, so that it stays in the cache
FEWEST = 128  # tiles in a chunk: BLAS needs as many rows to run at speed; twice as many without transforms


def outputs_per_tile(run: Run, largest: int) -> int:
    """The m up to `largest` that takes the fewest products for this run; 1 where there is nothing to save."""
    if run.length < 2 or largest == 1:
        return 1
    allowed = [m for m in range(2, largest + 1) if m + run.length - 2 in POINTS]
    return min(allowed, key=lambda m: -(-run.count // m) * (m + run.length - 1), default=1)


class Piece:
    """One run on each axis, in tiles."""

    def __init__(self, chosen: tuple[Run, ...], largest: int):
        tile = tuple(outputs_per_tile(run, largest) for run in chosen)
        if any(m == 1 != run.length for run, m in zip(chosen, tile)):
            tile = (1,) * len(tile)
        self.runs, self.tile, self.transformed = chosen, tile, max(tile) > 1
        self.taps = tuple(run.length for run in chosen)
        self.residues = tuple(len(run.taps) for run in chosen)
        self.window = tuple(m + t - 1 for m, t in zip(tile, self.taps))  # samples that a tile reads along each axis
        self.points = math.prod(self.window) if self.transformed else 1
        self.depth = 1 if self.transformed else math.prod(self.taps)  # taps side by side in one product
        self.count = math.prod(-(-run.count // m) for run, m in zip(chosen, tile))  # tiles in an image

    def multiplications(self, channels: int, outputs: int) -> int:
        """In the products of one image."""
        return self.count * self.points * self.depth * channels * math.prod(self.residues) * outputs

    def scratch(self, channels: int, outputs: int) -> int:
        """Numbers held at a time for each tile."""
        return self.points * (self.depth * channels + math.prod(self.residues) * outputs)

    def extent(self, axis: int, count: int) -> int:
        """Samples that the tiles of `count` periods read."""
        return -(-count // self.tile[axis]) * self.tile[axis] + self.taps[axis] - 1

    def reads(self, axis: int, q: int, count: int, samples: int) -> tuple[int, int, int]:
        """What `count` periods from q on read: the first sample, how many are missing before it, how many there are."""
        run, begin = self.runs[axis], self.runs[axis].start + q
        a, b = max(0, begin), min(-(-(samples - run.origin) // run.step), begin + self.extent(axis, count))
        return (run.origin + run.step * a, a - begin, b - a) if a < b else (0, 0, 0)

    def matrix(self, which: int, dtype: np.dtype) -> np.ndarray:
        """A, G or B for all axes at once."""
        each = (matrices(*pair)[which] for pair in zip(self.tile, self.taps))
        return np.ascontiguousarray(functools.reduce(np.kron, each), dtype)

    def weights(self, kernel: np.ndarray) -> np.ndarray:
        """The kernel [*k, out, in] at the points, as [points, depth * in, residues * out]."""
        axes, (*_, outputs, inputs) = len(self.runs), kernel.shape
        order = [[taps[u] for u in range(run.length) for taps in run.taps] for run in self.runs]
        split = [n for pair in zip(self.taps, self.residues) for n in pair]
        w = kernel[np.ix_(*order)].reshape(*split, outputs, inputs)
        taps, residues = range(0, 2 * axes, 2), range(1, 2 * axes, 2)
        if self.transformed:
            w = w.transpose(*taps, *residues, 2 * axes, 2 * axes + 1)
            w = self.matrix(1, w.dtype) @ w.reshape(math.prod(self.taps), -1)
        else:
            w = w.transpose(*residues, 2 * axes, *taps, 2 * axes + 1)
        return w.reshape(self.points, -1, self.depth * inputs).swapaxes(1, 2)


@functools.lru_cache(256)
def pieces(geometry: Geometry, largest: int) -> list[Piece]:
    """All of a layer.  Together they hold each output once."""
    return [Piece(chosen, largest) for chosen in itertools.product(*map(runs, geometry.axes))]


class Tiles(Way):
    """The layer in pieces; the kernel is kept at their points.  `largest` bounds m; 1 is exact for every dtype."""

    def __init__(self, kernel: np.ndarray, geometry: Geometry, groups: int, largest: int, once: bool = False):
        super().__init__(kernel.shape, kernel.dtype, geometry, groups)
        self.pieces, self.weights = pieces(geometry, largest), {}
        for piece, group in itertools.product(self.pieces, range(groups)):
            if math.prod(piece.taps) and (key := _key(piece, group)) not in self.weights:
                weights = piece.weights(kernel[..., group * self.inputs : (group + 1) * self.inputs])
                self.weights[key] = weights if once else np.ascontiguousarray(weights)  # BLAS reads these faster

    @property
    def nbytes(self) -> int:
        return sum(w.nbytes for w in self.weights.values())

    def jobs(self, batch: int, threads: int) -> list[tuple]:
        """The largest first."""
        jobs = []
        for piece in self.pieces:
            run, parts = piece.runs[0], self._parts(piece, batch, threads)
            for images, rows in cut(batch, run.count, parts, threads, piece.tile[0]):
                n, count = images.stop - images.start, rows.stop - rows.start
                first, *met = piece.reads(0, rows.start, count, self.geometry.input_size[0])
                work = piece.multiplications(self.inputs, self.outputs) * n * count
                for g in range(self.groups):
                    at = self.begin(images.start, first, rows.start * run.period, g)
                    jobs.append((work, (piece, g, n, count, *met), *at))
        return [job for _, *job in sorted(jobs, key=lambda job: -job[0])]

    def _parts(self, piece: Piece, batch: int, threads: int) -> int:
        """How many chunks: enough for the workers that this piece can feed, and for the cache."""
        channels, tiles = (self.inputs, self.outputs), piece.count * batch
        total = sum(other.multiplications(*channels) for other in self.pieces)
        share = max(1, -(-threads * piece.multiplications(*channels) // max(1, total)))
        fits = SCRATCH // max(1, self.dtype.itemsize * piece.scratch(*channels))
        return -(-tiles // min(max(FEWEST << (not piece.transformed), fits), max(16, -(-tiles // share))))

    def program(self, scratch: Scratch, piece: Piece, group: int, n: int, count: int, *met: int) -> Program:
        """n images, and `count` periods of the first axis."""
        program, weights = Program(scratch), self.weights.get(_key(piece, group))
        counts = (count, *(run.count for run in piece.runs[1:]))
        tiles = tuple(-(-c // m) for c, m in zip(counts, piece.tile))
        shape = (*piece.tile, n, *tiles, *piece.residues, self.outputs)
        if weights is None:
            samples = np.broadcast_to(np.zeros((), self.dtype), shape)
        else:
            samples = self._products(program, piece, weights, n, counts, met).reshape(shape)
        image, *steps, item = self.target
        periods = [run.period * step for run, step in zip(piece.runs, steps)]
        apart = *periods, *(m * period for m, period in zip(piece.tile, periods)), image, *steps, item
        begin = sum(run.first * step for run, step in zip(piece.runs, steps))
        program.store(np.moveaxis(samples, len(tiles), 2 * len(tiles)), counts, begin, apart)
        return program

    def _products(self, program: Program, piece: Piece, weights, n: int, counts: tuple[int, ...], met) -> np.ndarray:
        """The steps up to the outputs [*tile, n, *tiles, residues * out]."""
        image, *steps, item = self.source
        first, before, length = zip(
            (0, *met), *(piece.reads(a, 0, counts[a], n) for a, n in enumerate(self.geometry.input_size) if a)
        )
        apart = image, *(run.step * step for run, step in zip(piece.runs, steps)), item
        view = (n, *length, self.inputs), sum(f * step for f, step in zip(first, steps)), apart
        plain = math.prod(piece.window) == 1
        sizes = n, *itertools.starmap(piece.extent, enumerate(counts)), self.inputs
        padded = program.load(view, sizes, (0, *before, 0), copied=not plain)
        if plain:
            result = program.buffer(math.prod(sizes[:-1]), weights.shape[-1])
            program.first = lambda samples: np.matmul(samples.reshape(-1, self.inputs), weights[0], result)
            return result
        rows = self._windows(program, piece, padded)
        if piece.transformed:
            rows = program.product(piece.matrix(2, self.dtype), rows.reshape(piece.points, -1))
        rows = program.product(rows.reshape(piece.points, -1, weights.shape[1]), weights)
        if piece.transformed:
            rows = program.product(piece.matrix(0, self.dtype), rows.reshape(piece.points, -1))
        return rows

    @staticmethod
    def _windows(program: Program, piece: Piece, padded: np.ndarray) -> np.ndarray:
        """The windows of all tiles: points first, or for plain taps next to the channels."""
        (n, *sizes, channels), (image, *steps, item), axes = padded.shape, padded.strides, len(piece.tile)
        tiles = [(size - length + 1) // m for size, length, m in zip(sizes, piece.taps, piece.tile)]
        strides = image, *(m * step for m, step in zip(piece.tile, steps)), *steps, item
        windows = np.ndarray((n, *tiles, *piece.window, channels), padded.dtype, padded, 0, strides)
        if piece.transformed:
            windows = np.moveaxis(windows, range(axes + 1, 2 * axes + 1), range(axes))
        copied = program.buffer(*windows.shape)
        program.steps.append(partial(np.copyto, copied, windows))
        return copied


def _key(piece: Piece, group: int) -> tuple:
    return group, piece.tile, tuple(run.taps for run in piece.runs)
