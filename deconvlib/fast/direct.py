"""First all products, then the sums.

    columns[t, j] = kernel[t] @ x[j],        y[o] = sum of columns[t, j] over all (t, j) with  s j + d t - cb = o

Tap t brings sample j to residue r of block j + q (bands.py).  So the taps that share q are added all at once, each to
its residue, q blocks further along a line of samples.
"""

from __future__ import annotations

import functools
import itertools
import math
from functools import partial

import numpy as np

from deconvlib.fast.bands import Bands, Lines, brought
from deconvlib.fast.program import Program
from deconvlib.fast.scratch import Scratch
from deconvlib.geometry import Axis, Geometry

__all__ = ["Sums", "reach", "sums"]

SCRATCH = 1 << 20  # bytes of columns held at a time


def reach(axis: Axis) -> list[tuple[int, slice, slice]]:
    """(q, taps, their residues) of an axis, for each q that brings some sample to a block."""
    found = []
    for q, same in itertools.groupby(brought(axis), key=lambda met: met[1]):
        (first, _, low), *_, (last, _, high) = [*same] * 2
        found.append((q, slice(first, last + 1), slice(low, high + 1, axis.dilation)))
    return found


@functools.lru_cache(256)
def sums(lines: Lines) -> list[tuple]:
    """(taps, their residues, samples, their places) of all additions."""
    found = []
    for each in itertools.product(*map(reach, lines.geometry.axes)):
        moved, taps, residues = zip(*each)
        by = sum(q * step for q, step in zip(moved, lines.step))
        begin, end = max(0, by), min(lines.places, lines.samples + by)
        if begin < end:
            found.append((taps, residues, slice(begin - by, end - by), slice(begin, end)))
    return found


class Sums(Bands):
    """One product for all taps, then their sums; the channels come before the samples, so that sums take long steps."""

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype, geometry: Geometry, groups: int):
        super().__init__(shape, dtype, geometry, groups)
        self.taps = shape[:-2]
        self.held = math.prod(self.taps) * groups * self.outputs * dtype.itemsize / SCRATCH

    def take(self, kernel: np.ndarray) -> None:
        self.weights = kernel.reshape(-1, self.groups, self.inputs).swapaxes(0, 1)

    def program(self, scratch: Scratch, lines: Lines) -> Program:
        program, stride, channels = Program(scratch), lines.geometry.stride, self.groups * self.inputs
        view = (lines.sizes[0], *lines.geometry.input_size, channels), 0, self.source
        program.load(view, (*lines.sizes, channels), (0,) * len(view[0]), copied=False)
        columns = scratch("columns", self.groups, *self.taps, self.outputs, lines.samples)
        total = scratch("total", *stride, self.groups, self.outputs, lines.places)
        rows, product = (lines.samples, self.groups, self.inputs), columns.reshape(self.groups, -1, lines.samples)
        program.first = lambda samples: np.matmul(self.weights, samples.reshape(rows).transpose(1, 2, 0), product)
        columns = np.moveaxis(columns, 0, -3)
        pairs = [(total[(*to, ..., place)], columns[(*of, ..., some)]) for of, to, some, place in sums(lines)]
        pairs.sort(key=lambda pair: -pair[0].size)
        if pairs and pairs[0][0].size == total.size:
            program.steps.append(partial(np.copyto, *pairs.pop(0)))
        else:
            program.steps.append(partial(total.fill, 0))
        program.steps += [partial(np.add, part, some, part) for part, some in pairs]
        total = np.moveaxis(total, -1, len(stride)).reshape(*stride, *lines.blocks, self.groups, self.outputs)
        self.put(program, total, lines.geometry)
        return program
