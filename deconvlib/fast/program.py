"""A chunk of one piece as a list of np.matmul calls on views that are made once.

    windows of the input --B--> points --times the kernel's points--> --A--> m outputs an axis, written in place

Each new axis of points goes outermost, so that the product in the middle sees consecutive rows; each axis of outputs
comes back from there.  What lies behind an axis (later tiles, channels) moves with it as one contiguous block.
"""

from __future__ import annotations

import numpy as np

from deconvlib.fast.scratch import Scratch
from deconvlib.fast.winograd import matrices

__all__ = ["Program"]


class Program:
    """n images, and `counts` output periods along each axis, of one piece.  weights [points, depth * in, width]."""

    def __init__(self, piece, weights, scratch: Scratch, n: int, counts: tuple[int, ...], input_size: tuple[int, ...]):
        self.piece, self.scratch, self.counts = piece, scratch, counts
        self.tiles = tuple(-(-count // m) for count, m in zip(counts, piece.tile))
        extent = [t * m + length - 1 for t, m, length in zip(self.tiles, piece.tile, piece.taps)]
        self.padded = scratch("padded", n, *extent, weights.shape[1] // piece.depth)
        self.reads = list(zip(piece.runs, extent, input_size))
        self.inner = tuple(zip(*(_overlap(*read) for read in self.reads[1:]))) or ((), ())
        self.transformed = [axis for axis, m in enumerate(piece.tile) if m > 1]
        self.steps, self.finish = [], []  # (a, b, c):  c = a @ b,  or  c = b  where a is None
        self.as_it_is = piece.depth == 1 and not self.transformed  # the product may read the input itself
        rows = self._evaluate(self._side_by_side(self.padded)).reshape(len(weights), -1, weights.shape[1])
        products = scratch("products", *rows.shape[:2], weights.shape[2])
        self.steps.append((rows, weights, products))
        self._interpolate(products.reshape(*(piece.points[axis] for axis in self.transformed), n, *self.tiles, -1))

    def run(self, x: np.ndarray, out: np.ndarray, first: int) -> None:
        """x [n, *space, in]  ->  out [n, *outer counts, *outer residues, last count, last residue * out].

        `first` is the first period along the first axis.
        """
        source, target = _overlap(*self.reads[0], first)
        samples, steps = x[(slice(None), source, *self.inner[0])], self.steps
        if self.as_it_is and samples.shape == self.padded.shape and samples.flags.c_contiguous:
            (rows, *product), *_ = steps
            steps = [(samples.reshape(rows.shape), *product)]
        else:
            if self.scratch.padded_by is not self:  # nobody else has written to the margins since
                self.scratch.padded_by = self
                self.padded[...] = 0
            self.padded[:, : target.start] = 0
            self.padded[:, target.stop :] = 0
            self.padded[(slice(None), target, *self.inner[1])] = samples
        for a, b, c in steps:
            if a is None:
                c[...] = b
            else:
                np.matmul(a, b, out=c)
        for a, b, samples, shape in self.finish:
            part = out[..., samples, :]
            if a is None:
                part[...] = b
            else:
                np.matmul(a, b, out=part.reshape(shape))

    def _matrix(self, which: int, axis: int) -> np.ndarray:
        matrix = matrices(self.piece.tile[axis], self.piece.taps[axis])[which]
        return np.ascontiguousarray(matrix, self.padded.dtype)

    def _side_by_side(self, data: np.ndarray) -> np.ndarray:
        """[n, *samples, in] -> [n, *counts, taps * in]: the taps of each output next to one another."""
        if self.piece.depth == 1:
            return data
        shape, (image, *steps, item) = (len(data), *self.tiles, *self.piece.taps, data.shape[-1]), data.strides
        copied = self.scratch("windows", *shape)
        windows = np.ndarray(shape, data.dtype, data, 0, (image, *steps, *steps, item))
        self.steps.append((None, windows, copied))
        return copied.reshape(*shape[: len(self.tiles) + 1], -1)

    def _evaluate(self, data: np.ndarray) -> np.ndarray:
        """[n, *samples, in] -> [*points, n, *tiles, in]: B along each axis, the last one first."""
        for number, axis in enumerate(reversed(self.transformed)):
            at = number + 1 + axis
            flat = data.reshape(*data.shape[: at + 1], -1)
            lead, step, item = flat.strides[:at], flat.strides[at], flat.itemsize
            tiles, m, window = self.tiles[axis], self.piece.tile[axis], self.piece.points[axis]
            shape, strides = (*flat.shape[:at], tiles, window, flat.shape[-1]), (*lead, step * m, step, item)
            windows = np.ndarray(shape, flat.dtype, flat, 0, strides)
            points = self.scratch(f"points{axis}", window, *flat.shape[:at], tiles, flat.shape[-1])
            self.steps.append((self._matrix(2, axis), windows, np.moveaxis(points, 0, -2)))
            data = points.reshape(window, *data.shape[:at], tiles, *data.shape[at + 1 :])
        return data

    def _interpolate(self, data: np.ndarray) -> None:
        """[*points, n, *tiles, width] -> the samples: A along each axis, the first one first, the last into `out`."""
        last = len(self.tiles) - 1
        for number, axis in enumerate(self.transformed):
            at = len(self.transformed) - number + 1 + axis
            flat = np.moveaxis(data.reshape(*data.shape[: at + 1], -1), 0, -2)
            if axis == last:
                return self._store(flat, self._matrix(0, axis))
            m, (*lead, tiles, _, inner) = self.piece.tile[axis], flat.shape
            outputs = self.scratch(f"outputs{axis}", *lead, tiles, m, inner)
            self.steps.append((self._matrix(0, axis), flat, outputs))
            data = outputs.reshape(*lead, tiles * m, *data.shape[at + 1 :])
        self._store(data)

    def _store(self, data: np.ndarray, a: np.ndarray | None = None) -> None:
        """[n, *outer counts, last tiles, (last points), width] in the order of the output's samples, and A if any."""
        axes, outer = len(self.counts), self.piece.residues[:-1]
        data = data[(slice(None), *map(slice, self.counts[:-1]))]
        data = data.reshape(*data.shape[:-1], *outer, -1)
        data = np.moveaxis(data, range(-1 - len(outer), -1), range(axes, axes + len(outer)))
        if a is None:
            self.finish.append((None, data, slice(None), None))
            return
        (*lead, _, _, inner), m = data.shape, len(a)
        whole, left = divmod(self.counts[-1], m)
        if whole:
            self.finish.append((a, data[..., :whole, :, :], slice(whole * m), (*lead, whole, m, inner)))
        if left:
            self.finish.append((a[:left], data[..., whole, :, :], slice(whole * m, None), (*lead, left, inner)))


def _overlap(run, size: int, samples: int, first: int = 0) -> tuple[slice, slice]:
    """Where `size` samples from the first window of period `first` on lie in the input, and in the padded input."""
    begin = run.start + first
    a = max(0, begin)
    b = max(a, min(-(-(samples - run.origin) // run.step), begin + size))
    return slice(run.origin + run.step * a, run.origin + run.step * b, run.step), slice(a - begin, b - begin)
