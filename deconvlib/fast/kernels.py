"""Kernels for tiles: at the points of a piece (pieces.py), in blocks of columns (products.py), ready to be multiplied.

    the kernel                     [*k, out, in]
    the taps of a piece            [*taps, *residues, out, in]         a view
    for some input channels at a time, few enough for the cache:
        side by side               [*taps, residues * out, some in]
        transposed                 [*taps, blocks, some in, width]
        points of each axis        [*points, blocks, some in, width]   the last one straight to its place

A kernel of 4 x 4 taps with stride 2 and crop 1, from 512 channels to 256, has four pieces of 2 x 2 taps each.  With
m = 4 each has 5 x 5 points; with BLAS of the kind "small" it becomes 25 times 4 blocks of [512, 64], in 4 jobs of 128
channels.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable
from typing import NamedTuple

import numpy as np

from deconvlib.fast import blas
from deconvlib.fast.blas import Kind
from deconvlib.fast.cost import SizedLayer
from deconvlib.fast.pieces import Piece
from deconvlib.fast.products import cut_columns
from deconvlib.fast.program import Weights
from deconvlib.fast.scratch import Scratch
from deconvlib.fast.winograd import matrices
from deconvlib.fast.workers import for_each

__all__ = ["needed", "prepared"]

CHANNELS = 128  # at a time: half a kilobyte of each row of the kernel
HELD = 1 << 19  # bytes of the kernel at a time, where that leaves so many channels
FEWEST = 16
WORTH = 4 << 20  # bytes to prepare that are worth a second thread


class Columns(NamedTuple):
    """Some columns of the weights, in blocks of one width."""

    columns: slice
    blocks: int
    width: int
    place: np.ndarray  # [*points, blocks, in * width], or without transforms [*taps, blocks, in, width]


class Kernel:
    """The weights of a piece, and what makes them, some input channels at a time."""

    def __init__(self, piece: Piece, taps: np.ndarray, kind: Kind, most: int | None, memory: np.ndarray):
        """Of its taps [*taps, *residues, out, in], in this memory."""
        self.piece, self.taps, self.arrays, self.parts = piece, taps, list[np.ndarray](), list[Columns]()
        self.inputs, self.columns = taps.shape[-1], math.prod(taps.shape[len(piece.taps) : -1])
        axes = zip(piece.tile, piece.taps) if piece.transformed else ()
        self.matrices = [matrices(m, t)[1].astype(taps.dtype) for m, t in axes]
        begin, depth = 0, piece.taps_at_once * self.inputs
        for blocks, width in cut_columns(self.columns, depth, kind, most):
            first = taps.itemsize * piece.points * depth * begin
            array: np.ndarray = np.ndarray((piece.points, blocks, 1, depth, width), taps.dtype, memory, first)
            self.arrays.append(array)
            self.parts.append(Columns(slice(begin, begin + blocks * width), blocks, width, self._place(array)))
            begin += blocks * width
        of_channel = taps.itemsize * math.prod(piece.taps) * self.columns  # bytes
        self.channels = min(self.inputs, CHANNELS, max(FEWEST, HELD // of_channel))  # at a time
        self.gathered = of_channel * self.channels
        held = (math.prod(piece.window[:done]) * math.prod(piece.taps[done:]) for done in range(len(piece.taps)))
        self.between = max(held) * self.gathered // math.prod(piece.taps)  # bytes before each of the transforms
        self.memory = self.gathered + (2 * self.between if piece.transformed else 0)

    def _place(self, array: np.ndarray) -> np.ndarray:
        _, blocks, _, depth, width = array.shape
        if self.piece.transformed:
            return array.reshape(*self.piece.window, blocks, depth * width)
        if self.piece.side_by_side:
            return np.moveaxis(array.reshape(blocks, *self.piece.taps, self.inputs, width), 0, -3)
        return array.reshape(*self.piece.taps, blocks, depth, width)

    def make(self, begin: int, memory: np.ndarray) -> None:
        """The weights of some channels."""
        taps = self.taps[..., begin : begin + self.channels]
        some = taps.shape[-1]
        gathered: np.ndarray = np.ndarray(taps.shape, taps.dtype, memory)
        np.copyto(gathered, taps)
        gathered = gathered.reshape(*self.piece.taps, self.columns, some)
        for columns, blocks, width, place in self.parts:
            transposed = gathered[..., columns, :].reshape(*self.piece.taps, blocks, width, some).swapaxes(-1, -2)
            if self.piece.transformed:
                of_some = place[..., begin * width : (begin + some) * width]
                self._transform(transposed, of_some, memory[self.gathered :])
            else:
                np.copyto(place[..., begin : begin + some, :], transposed)

    def _transform(self, columns: np.ndarray, place: np.ndarray, memory: np.ndarray) -> None:
        """[*taps, blocks, some in, width]  ->  [*points, blocks, some in * width], one axis after the other."""
        source: np.ndarray = np.ndarray(columns.shape, columns.dtype, memory)
        np.copyto(source, columns)
        source, begin, last = source.reshape(*columns.shape[:-2], -1), 0, len(self.matrices) - 1
        for axis, matrix in enumerate(self.matrices):
            result = place
            if axis < last:
                begin = self.between - begin  # two places, by turns
                made = (*self.piece.window[: axis + 1], *source.shape[axis + 1 :])
                result = np.ndarray(made, columns.dtype, memory, begin)
            np.matmul(matrix, source.swapaxes(axis, -2), out=result.swapaxes(axis, -2))
            source = result


def needed(layer: SizedLayer, pieces: tuple[Piece, ...]) -> int:
    """Bytes of the weights of all pieces."""
    different = {
        piece.key: piece.weights(layer.group_inputs, layer.group_outputs) for piece in pieces if math.prod(piece.taps)
    }
    return layer.groups * layer.dtype.itemsize * sum(different.values())


def prepared(
    kernel: np.ndarray, layer: SizedLayer, pieces: tuple[Piece, ...], most: int | None, memory: np.ndarray
) -> Weights:
    """The contiguous kernel [*k, out / groups, in] for each (group, piece.key), in this memory.

    It is cut for products of at most so many multiplications.
    """
    inputs, begin = layer.group_inputs, 0
    found: dict[Hashable, Kernel] = {}
    for piece, group in itertools.product(pieces, range(layer.groups)):
        if math.prod(piece.taps) and (group, piece.key) not in found:
            taps = piece.of(kernel, group * inputs, inputs)
            found[group, piece.key] = Kernel(piece, taps, layer.kind, most, memory[begin:])
            begin += layer.dtype.itemsize * piece.weights(inputs, layer.group_outputs)
    jobs = [(some, first) for some in found.values() for first in range(0, inputs, some.channels)]
    jobs.sort(key=lambda job: job[1])  # so threads write to different pieces

    def make(job: tuple[Kernel, int], scratch: Scratch) -> bool:
        some, first = job
        some.make(first, scratch.memory)
        return True

    held = max((some.memory for some in found.values()), default=0)
    while not for_each(make, jobs, held, blas.threads() if begin > WORTH else 1):
        pass  # in the child of a fork, which has lost what other threads had begun
    return {key: some.arrays for key, some in found.items()}
