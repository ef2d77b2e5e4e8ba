"""A chunk of one piece as a list of np.matmul calls on views that are made once."""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import as_strided

from deconvlib.fast.winograd import matrices

__all__ = ["Program", "Scratch"]


class Scratch:
    """Buffers by the part that they play, shared by the programs of one thread; each grows to the largest use."""

    def __init__(self, dtype: np.dtype):
        self.dtype, self.buffers, self.programs = dtype, {}, {}

    def __call__(self, part: str, shape: tuple[int, ...]) -> np.ndarray:
        size = math.prod(shape)
        if part not in self.buffers or self.buffers[part].size < size:
            self.buffers[part] = np.empty(size, self.dtype)
        return self.buffers[part][:size].reshape(shape)


class Program:
    """n images, `counts` output periods along each axis, of one piece: load the input, run the steps, store."""

    def __init__(self, piece, weights: np.ndarray, scratch: Scratch, n: int, counts: tuple[int, ...]):
        self.piece, self.weights, self.scratch, self.counts = piece, weights, scratch, counts
        self.tiles = piece.tiles(counts)
        extent = (t * m + length - 1 for t, m, length in zip(self.tiles, piece.tile, piece.taps))
        self.padded = np.zeros((n, *extent, weights.shape[-1] // piece.depth), weights.dtype)
        self.steps = []  # (a, b, c):  c = a @ b,  or  c = b  where a is None
        self.transformed = [axis for axis, m in enumerate(piece.tile) if m > 1]
        self.result = self._forth() if self.transformed else self._side_by_side()

    def _windows(self, data: np.ndarray, axis: int) -> np.ndarray:
        """data [.., samples, (later tiles).., inner]  as  [.., tiles, (later tiles).., window, inner]: a view."""
        m, window = self.piece.tile[axis], self.piece.tile[axis] + self.piece.taps[axis] - 1
        at, shape, strides = axis + 1, data.shape, data.strides
        return as_strided(
            data,
            (*shape[:at], self.tiles[axis], *shape[at + 1 : -1], window, shape[-1]),
            (*strides[:at], strides[at] * m, *strides[at + 1 : -1], strides[at], strides[-1]),
        )

    def _side_by_side(self) -> np.ndarray:
        """Copy the taps of each output next to one another; one product.  Returns [n, *tiles, residues * out]."""
        data = self.padded
        if self.piece.depth > 1:
            axes = range(1, len(self.tiles) + 1)
            windows = np.lib.stride_tricks.sliding_window_view(data, self.piece.taps, tuple(axes))
            windows = np.moveaxis(windows, len(self.tiles) + 1, -1)
            data = self.scratch("windows", windows.shape)
            self.steps.append((None, windows, data))
        weights = self.weights.reshape(self.weights.shape[-2:]).T
        result = self.scratch("products", (math.prod(data.shape) // len(weights), weights.shape[1]))
        self.steps.append((data.reshape(-1, len(weights)), weights, result))
        return result.reshape(self.padded.shape[0], *self.tiles, -1)

    def _forth(self) -> np.ndarray:
        """B along each axis, the products, and A along each axis but the last transform, which `store` does."""
        n, (first, *rest), points = len(self.padded), self.transformed, self.piece.points
        data = self.padded
        for axis in reversed(self.transformed):
            windows = self._windows(data, axis)
            b = matrices(self.piece.tile[axis], self.piece.taps[axis])[2].astype(data.dtype)
            if axis == first:  # its points go outermost, so that each product sees consecutive rows
                data = self.scratch(f"points{axis}", (points[axis], *windows.shape[:-2], windows.shape[-1]))
                self.steps.append((b, windows, np.moveaxis(data, 0, -2)))
            else:
                data = self.scratch(f"points{axis}", windows.shape)
                self.steps.append((b, windows, data))
                data = data.reshape(*windows.shape[:-2], -1)
        width, depth = self.weights.shape[-2:]
        outer, inner = points[first], math.prod(points[axis] for axis in rest)
        rows = data.reshape(outer, -1, inner, depth).swapaxes(1, 2)
        products = self.scratch("products", (outer, rows.shape[2], inner, width))
        self.steps.append(
            (rows, self.weights.reshape(outer, inner, width, depth).swapaxes(2, 3), products.swapaxes(1, 2))
        )
        data = np.moveaxis(products.reshape(outer, n, *self.tiles, inner * width), 0, -2)
        return self._back(data)

    def _back(self, data: np.ndarray) -> np.ndarray:
        """A along each axis, the outermost first: data [n, *outputs, *tiles, points, inner]."""
        last = len(self.tiles) - 1
        shape = [data.shape[0], *self.tiles]
        for axis in self.transformed:
            if axis != self.transformed[0]:
                data = data.reshape(*shape, self.piece.points[axis], -1)
            if axis == last:
                return data
            m = self.piece.tile[axis]
            split = (*shape[: axis + 2], m, *shape[axis + 2 :], data.shape[-1])
            out = self.scratch(f"outputs{axis}", split)
            self.steps.append((self._synthesis(axis), data, np.moveaxis(out, axis + 2, -2)))
            shape[axis + 1] *= m
            data = out.reshape(*shape, -1)
        return data

    def _synthesis(self, axis: int) -> np.ndarray:
        return np.ascontiguousarray(matrices(self.piece.tile[axis], self.piece.taps[axis])[0], self.padded.dtype)

    def run(self, x: np.ndarray, out: np.ndarray, first: int) -> None:
        """x [n, *space, in]  ->  out [n, *counts, *outer residues, last residue * out], from period `first` on."""
        self._load(x, first)
        for a, b, c in self.steps:
            if a is None:
                c[...] = b
            else:
                np.matmul(a, b, out=c)
        self._store(out)

    def _load(self, x: np.ndarray, first: int) -> None:
        """Copy the input that the windows read; zeros where they read beyond it."""
        source, target = [slice(None)], [slice(None)]
        for axis, run in enumerate(self.piece.runs):
            begin, size = run.start + (first if axis == 0 else 0), self.padded.shape[axis + 1]
            samples = -(-(x.shape[axis + 1] - run.origin) // run.step)
            a, b = max(0, begin), max(0, begin, min(samples, begin + size))
            source.append(slice(run.origin + run.step * a, run.origin + run.step * b, run.step))
            target.append(slice(a - begin, b - begin))
        self.padded[:, : target[1].start] = 0
        self.padded[:, target[1].stop :] = 0
        self.padded[tuple(target)] = x[tuple(source)]

    def _store(self, out: np.ndarray) -> None:
        axes, result = len(self.counts), self.result
        outer = self.piece.residues[:-1]
        if not self.transformed or self.transformed[-1] != axes - 1:
            kept = result[(slice(None), *map(slice, self.counts))]
            out[...] = kept.reshape(*kept.shape[:-1], *outer, -1)
            return
        result = result[(slice(None), *map(slice, self.counts[:-1]))]
        result = result.reshape(*result.shape[:-1], *outer, -1)  # [n, *counts, tiles, points, *residues, last * out]
        result = np.moveaxis(result, (axes, axes + 1), (-3, -2))
        out = np.moveaxis(out, axes, -2)
        m, a = self.piece.tile[-1], self._synthesis(axes - 1)
        whole, left = divmod(self.counts[-1], m)
        tiles = out[..., : whole * m, :]
        np.matmul(a, result[..., :whole, :, :], out=tiles.reshape(*tiles.shape[:-2], whole, m, tiles.shape[-1]))
        if left:
            np.matmul(a[:left], result[..., whole, :, :], out=out[..., whole * m :, :])
