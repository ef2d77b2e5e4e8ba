"""A chunk of one piece, as a few calls on views that are made once.

    windows of the input, side by side --B--> points --times the kernel's points--> --A--> m outputs an axis, stored

B and A are Kronecker products of the matrices of the axes: each arrow is one np.matmul, from one of two buffers to the
other.
"""

from __future__ import annotations

import functools
import itertools
import math

import numpy as np

from deconvlib.fast.scratch import Scratch
from deconvlib.fast.winograd import matrices

__all__ = ["Program"]


class Program:
    """n images, and `counts` output periods along each axis, of one piece.  weights [points, depth * in, width]."""

    def __init__(self, piece, weights, scratch: Scratch, n: int, counts: tuple[int, ...], input_size: tuple[int, ...]):
        self.scratch, self.piece, self.counts = scratch, piece, counts
        self.tiles = tuple(-(-count // m) for count, m in zip(counts, piece.tile))
        extent = [t * m + length - 1 for t, m, length in zip(self.tiles, piece.tile, piece.taps)]
        self.padded = scratch("padded", n, *extent, weights.shape[1] // piece.depth)
        self.reads = list(zip(piece.runs, extent, input_size))
        self.inner = tuple(zip(*(_overlap(*read) for read in self.reads[1:]))) or ((), ())
        self.windows, self.steps = self._windows(), []  # steps (a, b, c):  c = a @ b
        rows = self.windows[1] if self.windows else self.padded
        if piece.transformed:
            rows = self._product(self._matrix(2), rows.reshape(len(weights), -1))
        rows = self._product(rows.reshape(len(weights), -1, weights.shape[1]), weights)
        if piece.transformed:
            rows = self._product(self._matrix(0), rows.reshape(len(weights), -1))
        self.finish = self._places(rows.reshape(*piece.tile, n, *self.tiles, *piece.residues, -1))

    def _windows(self) -> tuple[np.ndarray, np.ndarray] | None:
        """The windows of all tiles, and where to copy them: points first, or for plain taps next to the channels."""
        tile, axes = self.piece.tile, len(self.tiles)
        window, (image, *steps, item) = [m + t - 1 for m, t in zip(tile, self.piece.taps)], self.padded.strides
        if math.prod(window) == 1:
            return None
        strides = (image, *(m * step for m, step in zip(tile, steps)), *steps, item)
        shape = (len(self.padded), *self.tiles, *window, self.padded.shape[-1])
        windows = np.ndarray(shape, self.padded.dtype, self.padded, 0, strides)
        if self.piece.transformed:
            windows = np.moveaxis(windows, range(axes + 1, 2 * axes + 1), range(axes))
        return windows, self.scratch("even", *windows.shape)

    def _matrix(self, which: int) -> np.ndarray:
        """A or B for all axes at once."""
        each = (matrices(*pair)[which] for pair in zip(self.piece.tile, self.piece.taps))
        return np.ascontiguousarray(functools.reduce(np.kron, each), self.padded.dtype)

    def _product(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """A step from one of two buffers to the other."""
        name = "even" if len(self.steps) % 2 else "odd"
        self.steps.append((a, b, self.scratch(name, *a.shape[:-1], b.shape[-1])))
        return self.steps[-1][-1]

    def _places(self, samples: np.ndarray) -> list[tuple]:
        """(part of the target, its shape, its order of axes, its samples) for whole tiles, and for the rest."""
        axes, places = len(self.tiles), []
        order = (*range(2, 2 * axes + 1, 2), 0, *range(1, 2 * axes, 2), *range(2 * axes + 1, 3 * axes + 2))
        for cut in itertools.product(*map(_cuts, self.counts, self.piece.tile)):
            part = samples[(*(slice(s) for _, _, s in cut), slice(None), *(slice(t, t + some) for t, some, _ in cut))]
            place = tuple(slice(t * m, t * m + some * s) for (t, some, s), m in zip(cut, self.piece.tile))
            split = [number for _, some, s in cut for number in (some, s)]
            shape = (len(self.padded), *split, *self.piece.residues, samples.shape[-1])
            places.append(((slice(None), *place), shape, order, part))
        return places

    def run(self, x: np.ndarray, out: np.ndarray, first: int) -> None:
        """x [n, *space, in]  ->  out [n, *counts, *residues, out], from period `first` of the first axis on."""
        source, target = _overlap(*self.reads[0], first)
        samples, steps = x[(slice(None), source, *self.inner[0])], self.steps
        if not self.windows and samples.shape == self.padded.shape and samples.flags.c_contiguous:
            (rows, *product), *_ = steps
            steps = [(samples.reshape(rows.shape), *product)]  # the product may read the input itself
        else:
            if self.scratch.padded_by is not self:  # nobody else has written to the margins since
                self.scratch.padded_by = self
                self.padded[...] = 0
            self.padded[:, : target.start] = 0
            self.padded[:, target.stop :] = 0
            self.padded[(slice(None), target, *self.inner[1])] = samples
        if self.windows:
            windows, copied = self.windows
            copied[...] = windows
        for a, b, result in steps:
            np.matmul(a, b, out=result)
        for place, shape, order, samples in self.finish:
            out[place].reshape(shape).transpose(order)[...] = samples


def _cuts(count: int, m: int) -> list[tuple[int, int, int]]:
    """(first tile, tiles, outputs of each): the whole tiles, and the rest."""
    whole, left = divmod(count, m)
    return [cut for cut in ((0, whole, m), (whole, 1, left)) if cut[1] * cut[2]]


def _overlap(run, size: int, samples: int, first: int = 0) -> tuple[slice, slice]:
    """Where `size` samples from the first window of period `first` on lie in the input, and in the padded input."""
    begin = run.start + first
    a = max(0, begin)
    b = max(a, min(-(-(samples - run.origin) // run.step), begin + size))
    return slice(run.origin + run.step * a, run.origin + run.step * b, run.step), slice(a - begin, b - begin)
