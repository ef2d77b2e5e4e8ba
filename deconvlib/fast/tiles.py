"""Phases in tiles: each run of each axis is a dense correlation of stride 1, done as F(m, t) along every axis.

This file says which pieces and chunks there are; program.py computes a chunk.  With m = 1 the taps are copied side by
side, for one plain product.
"""

from __future__ import annotations

import functools
import itertools
import math
import threading
from dataclasses import dataclass

import numpy as np

from deconvlib.fast.program import Program
from deconvlib.fast.runs import Run, runs
from deconvlib.fast.scratch import of_this_thread
from deconvlib.fast.threads import Shared, cut
from deconvlib.fast.winograd import POINTS, matrices
from deconvlib.geometry import Geometry

__all__ = ["Piece", "Tiles", "outputs_per_tile"]

SCRATCH = 2 << 20  # bytes that a chunk may hold, so that it stays in the cache
PROGRAMS = 256  # that a thread keeps
FEWEST = 128  # tiles in a chunk: BLAS needs as many rows to run at speed; twice as many without transforms


def outputs_per_tile(run: Run, largest: int) -> int:
    """The m up to `largest` that takes the fewest products for this run; 1 where there is nothing to save."""
    if run.length < 2 or largest == 1:
        return 1
    allowed = [m for m in range(2, largest + 1) if m + run.length - 2 in POINTS]
    return min(allowed, key=lambda m: -(-run.count // m) * (m + run.length - 1), default=1)


@dataclass(frozen=True, eq=False)
class Piece:
    """One run on each axis: which samples, and in tiles of how many outputs."""

    runs: tuple[Run, ...]
    tile: tuple[int, ...]  # m

    @classmethod
    def of(cls, chosen: tuple[Run, ...], largest: int) -> Piece:
        tile = tuple(outputs_per_tile(run, largest) for run in chosen)
        direct = any(m == 1 < run.length for run, m in zip(chosen, tile))
        return cls(chosen, (1,) * len(tile) if direct else tile)

    @functools.cached_property
    def taps(self) -> tuple[int, ...]:
        return tuple(run.length for run in self.runs)

    @functools.cached_property
    def residues(self) -> tuple[int, ...]:
        return tuple(len(run.taps) for run in self.runs)

    @functools.cached_property
    def transformed(self) -> bool:
        return max(self.tile) > 1

    @functools.cached_property
    def points(self) -> tuple[int, ...]:
        """m + t - 1 along each axis; all 1 where the taps are side by side."""
        return tuple(m + t - 1 if m > 1 else 1 for m, t in zip(self.tile, self.taps))

    @functools.cached_property
    def depth(self) -> int:
        """How many taps are side by side in one product."""
        return 1 if self.transformed else math.prod(self.taps)

    @functools.cached_property
    def count(self) -> int:
        """Tiles in an image."""
        return math.prod(-(-run.count // m) for run, m in zip(self.runs, self.tile))

    def multiplications(self, channels: int, outputs: int) -> int:
        """In the products of one image."""
        return self.count * math.prod(self.points) * self.depth * channels * math.prod(self.residues) * outputs

    def scratch(self, channels: int, outputs: int) -> int:
        """Numbers held at a time for each tile."""
        return math.prod(self.points) * (self.depth * channels + math.prod(self.residues) * outputs)

    def weights(self, kernel: np.ndarray) -> np.ndarray:
        """The kernel [*k, out, in] at the points, as [points, depth * in, residues * out]."""
        axes = range(len(self.runs))
        order = [[taps[u] for u in range(run.length) for taps in run.taps] for run in self.runs]
        split = [n for pair in zip(self.taps, self.residues) for n in pair]
        w = kernel[np.ix_(*order)].reshape(*split, *kernel.shape[-2:])
        taps, residues = [2 * a for a in axes], [2 * a + 1 for a in axes]
        if self.depth > 1:
            w = w.transpose(*residues, w.ndim - 2, *taps, w.ndim - 1)
        else:
            w = w.transpose(*taps, *residues, w.ndim - 2, w.ndim - 1)
            for axis, (m, t, p) in enumerate(zip(self.tile, self.taps, self.points)):
                if m > 1:
                    g, rest = matrices(m, t)[1].astype(w.dtype), w.shape[axis + 1 :]
                    w = (g @ w.reshape(*w.shape[:axis], t, -1)).reshape(*w.shape[:axis], p, *rest)
        w = np.ascontiguousarray(w).reshape(math.prod(self.points), -1, self.depth * kernel.shape[-1])
        return w.swapaxes(1, 2)


class Tiles(Shared):
    """The layer in pieces; the kernel is kept at their points.  `largest` bounds m; 1 is exact for every dtype."""

    def __init__(self, kernel: np.ndarray, geometry: Geometry, groups: int, largest: int, once: bool = False):
        self.geometry, self.groups, self.channels = geometry, groups, kernel.shape[-1] // groups
        self.outputs, self.itemsize, self.local = kernel.shape[-2], kernel.dtype.itemsize, threading.local()
        self.pieces, self.weights = [], {}
        for chosen in itertools.product(*(runs(axis, groups > 1) for axis in geometry.axes)):
            piece = Piece.of(chosen, largest)
            for g in range(groups):
                key = (g, piece.tile, tuple(run.taps for run in chosen))
                if math.prod(piece.taps) and key not in self.weights:
                    weights = piece.weights(kernel[..., g * self.channels : (g + 1) * self.channels])
                    self.weights[key] = weights if once else np.ascontiguousarray(weights)  # BLAS reads these faster
                self.pieces.append((piece, g, self.weights.get(key)))

    @property
    def nbytes(self) -> int:
        return sum(w.nbytes for w in self.weights.values())

    def jobs(self, batch: int, threads: int) -> list[tuple]:
        """Chunks (piece, group, weights, images, rows), the largest first."""
        size = self.channels, self.outputs
        total, jobs = sum(piece.multiplications(*size) for piece, *_ in self.pieces) or 1, []
        for piece, group, weights in self.pieces:
            share = max(1, -(-threads * piece.multiplications(*size) // total))  # the workers that this piece can feed
            fits = SCRATCH // (self.itemsize * piece.scratch(*size)) if weights is not None else SCRATCH
            chunk = min(max(FEWEST << (not piece.transformed), fits), max(16, -(-piece.count * batch // share)))
            chunks = cut(batch, piece.runs[0].count, -(-piece.count * batch // chunk), threads, piece.tile[0])
            jobs += [(piece, group, weights, *chunk) for chunk in chunks]
        return sorted(jobs, key=lambda job: -job[0].multiplications(*size) * _length(job[3]) * _length(job[4]))

    def run(self, x, out, piece, group, weights, images, rows) -> None:
        """One chunk: some images, and some periods of the first axis."""
        counts = (_length(rows), *(run.count for run in piece.runs[1:]))
        target = self._samples(out[images], piece, group, rows.start, counts)
        if weights is None:
            target[...] = 0
            return
        programs, key = self.local.__dict__, (piece, group, len(target), counts)
        if key not in programs:
            if len(programs) > PROGRAMS:
                programs.clear()
            scratch, size = of_this_thread(weights.dtype), self.geometry.input_size
            programs[key] = Program(piece, weights, scratch, len(target), counts, size)
        mine = x[images]
        if self.groups > 1:
            mine = mine[..., group * self.channels : (group + 1) * self.channels]
        programs[key].run(mine, target, rows.start)

    def _samples(self, out, piece, group, row, counts) -> np.ndarray:
        """The outputs of a chunk: a view [n, *counts, *residues, out]."""
        batch, *steps, item = out.strides
        offset = sum(run.first * s for run, s in zip(piece.runs, steps)) + group * self.outputs * item
        periods = [run.period * s for run, s in zip(piece.runs, steps)]
        shape = (len(out), *counts, *piece.residues, self.outputs)
        return np.ndarray(shape, out.dtype, out, offset + row * periods[0], (batch, *periods, *steps, item))


def _length(part: slice) -> int:
    return part.stop - part.start
