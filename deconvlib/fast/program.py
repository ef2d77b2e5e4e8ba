"""A chunk of one piece as a list of np.matmul calls on views that are made once.

load      copy the input that the windows read, with zeros where they read beyond it
steps     B along each axis, the products, A along each axis but the last
finish    A along the last axis, straight into the interleaved output samples
"""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from deconvlib.fast.scratch import Scratch
from deconvlib.fast.winograd import matrices

__all__ = ["Program"]


class Program:
    """n images, and `counts` output periods along each axis, of one piece."""

    def __init__(self, piece, weights, scratch: Scratch, n: int, counts: tuple[int, ...], input_size: tuple[int, ...]):
        self.piece, self.weights, self.scratch, self.counts = piece, weights, scratch, counts
        self.tiles = tuple(-(-count // m) for count, m in zip(counts, piece.tile))
        extent = [t * m + length - 1 for t, m, length in zip(self.tiles, piece.tile, piece.taps)]
        self.padded = scratch("padded", n, *extent, weights.shape[-1] // piece.depth)
        self.reads = [(run, size, samples) for run, size, samples in zip(piece.runs, extent, input_size)]
        self.inner = tuple(zip(*(_overlap(*read) for read in self.reads[1:]))) or ((), ())
        self.steps, self.finish = [], []  # (a, b, c):  c = a @ b,  or  c = b  where a is None
        self.transformed = [axis for axis, m in enumerate(piece.tile) if m > 1]
        self._finish(self._points() if self.transformed else self._side_by_side())

    def run(self, x: np.ndarray, out: np.ndarray, first: int) -> None:
        """x [n, *space, in]  ->  out [n, *outer counts, *outer residues, last count, last residue * out].

        `first` is the first period along the first axis.
        """
        if self.scratch.padded_by is not self:  # nobody else has written to the margins since
            self.scratch.padded_by = self
            self.padded[...] = 0
        source, target = _overlap(*self.reads[0], first)
        self.padded[:, : target.start] = 0
        self.padded[:, target.stop :] = 0
        self.padded[(slice(None), target, *self.inner[1])] = x[(slice(None), source, *self.inner[0])]
        for a, b, c in self.steps:
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

    def _side_by_side(self) -> np.ndarray:
        """Copy the taps of each output next to one another; one product.  Returns [n, *tiles, residues * out]."""
        data, weights = self.padded, self.weights.reshape(self.weights.shape[-2:]).T
        if self.piece.depth > 1:
            windows = sliding_window_view(data, self.piece.taps, tuple(range(1, data.ndim - 1)))
            windows = np.moveaxis(windows, data.ndim - 1, -1)
            data = self.scratch("windows", *windows.shape)
            self.steps.append((None, windows, data))
        rows = data.reshape(-1, len(weights))
        products = self.scratch("products", len(rows), weights.shape[1])
        self.steps.append((rows, weights, products))
        return products.reshape(len(data), *self.tiles, -1)

    def _points(self) -> np.ndarray:
        """The transformed windows times the kernel's points.  Returns [n, *outputs, last tiles, last points, inner]."""
        n, (first, *rest), points = len(self.padded), self.transformed, self.piece.points
        data = self.padded
        for axis in reversed(self.transformed):
            windows = self._windows(data, axis)
            *lead, _, inner = windows.shape
            if axis == first:  # its points go outermost, so that each product sees consecutive rows
                data = self.scratch(f"points{axis}", points[axis], *lead, inner)
                self.steps.append((self._matrix(2, axis), windows, np.moveaxis(data, 0, -2)))
            else:
                data = self.scratch(f"points{axis}", *windows.shape)
                self.steps.append((self._matrix(2, axis), windows, data))
                data = data.reshape(*lead, -1)
        outer, inner = points[first], math.prod(points[axis] for axis in rest)
        width, depth = self.weights.shape[-2:]
        rows = data.reshape(outer, -1, inner, depth).swapaxes(1, 2)
        products = self.scratch("products", outer, rows.shape[2], inner, width)
        weights = self.weights.reshape(outer, inner, width, depth).swapaxes(2, 3)
        self.steps.append((rows, weights, products.swapaxes(1, 2)))
        return self._outputs(np.moveaxis(products.reshape(outer, n, *self.tiles, inner * width), 0, -2))

    def _windows(self, data: np.ndarray, axis: int) -> np.ndarray:
        """data [.., samples, (later tiles).., inner]  as  [.., tiles, (later tiles).., window, inner]: a view."""
        m, window = self.piece.tile[axis], self.piece.points[axis]
        at, shape, strides = axis + 1, data.shape, data.strides
        shape = (*shape[:at], self.tiles[axis], *shape[at + 1 : -1], window, shape[-1])
        steps = (*strides[:at], strides[at] * m, *strides[at + 1 : -1], strides[at], strides[-1])
        return as_strided(data, shape, steps)

    def _outputs(self, data: np.ndarray) -> np.ndarray:
        """A along each axis, the outermost first, but not along the last."""
        shape = [data.shape[0], *self.tiles]
        for axis in self.transformed:
            if axis != self.transformed[0]:
                data = data.reshape(*shape, self.piece.points[axis], -1)
            if axis == len(self.tiles) - 1:
                break
            m, at = self.piece.tile[axis], axis + 2
            out = self.scratch(f"outputs{axis}", *shape[:at], m, *shape[at:], data.shape[-1])
            self.steps.append((self._matrix(0, axis), data, np.moveaxis(out, at, -2)))
            shape[axis + 1] *= m
            data = out.reshape(*shape, -1)
        return data

    def _finish(self, result: np.ndarray) -> None:
        """Result [n, *counts.., N], or [n, *outer counts.., tiles, points, N], in the order of the output's samples."""
        axes, outer = len(self.counts), self.piece.residues[:-1]
        result = result[(slice(None), *map(slice, self.counts[:-1]))]
        order = [*range(axes), *range(result.ndim - 1, result.ndim - 2 + axes), *range(axes, result.ndim - 1), -1]
        result = result.reshape(*result.shape[:-1], *outer, -1).transpose(order)
        count, m = self.counts[-1], self.piece.tile[-1]
        if m == 1:
            self.finish.append((None, result[..., :count, :], slice(None), None))
            return
        whole, left = divmod(count, m)
        a, lead = self._matrix(0, axes - 1), result.shape[:-3]
        if whole:
            self.finish.append((a, result[..., :whole, :, :], slice(whole * m), (*lead, whole, m, result.shape[-1])))
        if left:
            self.finish.append(
                (a[:left], result[..., whole, :, :], slice(whole * m, None), (*lead, left, result.shape[-1]))
            )


def _overlap(run, size: int, samples: int, first: int = 0) -> tuple[slice, slice]:
    """Where `size` samples from the first window of period `first` on lie in the input, and in the padded input."""
    begin = run.start + first
    a = max(0, begin)
    b = max(a, min(-(-(samples - run.origin) // run.step), begin + size))
    return slice(run.origin + run.step * a, run.origin + run.step * b, run.step), slice(a - begin, b - begin)
