"""Groups of one input channel have no product: each sample is multiplied by weights of its own, and added up.

    y[s b + r] = sum over the taps of residue r of  kernel[t] * x[b - q],        s q + r = d t - cb

The taps of a residue are evenly spaced, and so are their q.  So all that its blocks read is one strided view of the
samples in a line, and one call multiplies and adds.  The line is cut into rows as long as the rows of weights.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable
from functools import partial

import numpy as np

from deconvlib.fast.bands import Bands, Lines, brought
from deconvlib.fast.program import Program
from deconvlib.fast.scratch import Scratch
from deconvlib.geometry import Axis, Geometry

__all__ = ["Elementwise", "phases", "repeats"]

SCRATCH = 4 << 20  # bytes of samples and sums held at a time: long calls keep two threads out of each other's way
ROW, WEIGHTS = 1 << 12, 1 << 20  # the most numbers in a row of weights, and in all of them


def repeats(taps: int, channels: int) -> int:
    """How often the weights are written down side by side, for as many places."""
    return max(1, min(ROW, WEIGHTS // taps) // channels)


@functools.lru_cache(1024)
def phases(axis: Axis) -> list[tuple[list[int], list[int]]]:
    """(taps, their q) of each residue."""
    met = ([(t, q) for t, q, r in brought(axis) if r == residue] for residue in range(axis.stride))
    return [([t for t, _ in some], [q for _, q in some]) for some in met]


def apart(places: list[int]) -> int:
    """From one to the next."""
    return places[1] - places[0] if len(places) > 1 else 1


class Elementwise(Bands):
    """All taps of a residue at once, on samples [row, channels] that are neighbours."""

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype, geometry: Geometry, groups: int):
        super().__init__(shape, dtype, geometry, groups)
        self.channels = groups * self.outputs
        self.row = min(repeats(math.prod(geometry.kernel_size), self.channels), Lines(geometry, 1).places)
        self.held = (1 + math.prod(geometry.stride)) * self.channels * dtype.itemsize / SCRATCH

    def take(self, kernel: np.ndarray) -> None:
        weights = kernel.swapaxes(-1, -2).reshape(*kernel.shape[:-2], 1, self.channels)
        repeated = np.broadcast_to(weights, (*weights.shape[:-2], self.row, self.channels))
        self.weights = repeated.reshape(*kernel.shape[:-2], -1)

    def program(self, scratch: Scratch, lines: Lines) -> Program:
        program, stride, width = Program(scratch), lines.geometry.stride, min(self.row, lines.places) * self.channels
        rows, (least, most) = -(-lines.places * self.channels // width), lines.furthest
        around = most * self.channels, max(0, rows * width - (lines.samples + least) * self.channels)
        view = (lines.sizes[0], *lines.geometry.input_size, self.groups, self.outputs), 0, (*self.source, 0)
        program.load(view, (*lines.sizes, *view[0][-2:]), (0,) * len(view[0]), True, around)
        total = scratch("total", *stride, rows, width)
        residues = zip(np.ndindex(*stride), itertools.product(*map(phases, lines.geometry.axes)))
        program.steps += [self._step(program.line, most, lines.step, met, total[r]) for r, met in residues]
        places = total.reshape(*stride, -1)[..., : lines.places * self.channels]
        self.put(program, places.reshape(*stride, *lines.blocks, self.groups, self.outputs), lines.geometry)
        return program

    def _step(self, line: np.ndarray, first: int, steps: tuple[int, ...], met: tuple, part: np.ndarray) -> Callable:
        """The sums of one residue, from its taps and their q on each axis; sample `first` of the line is the first."""
        taps, moved = zip(*met)
        if not all(taps):
            return partial(part.fill, 0)
        some = *(slice(t[0], t[-1] + 1, apart(t)) for t in taps), slice(part.shape[-1])
        place, axes = self.channels * line.itemsize, len(taps)
        begin = first - sum(q[0] * step for q, step in zip(moved, steps))
        strides = *(-apart(q) * step * place for q, step in zip(moved, steps)), *part.strides
        windows = np.ndarray((*map(len, taps), *part.shape), line.dtype, line, begin * place, strides)
        reads, weighs, makes = [*range(axes + 2)], [*range(axes), axes + 1], [axes, axes + 1]
        return lambda: np.einsum(windows, reads, self.weights[some], weighs, makes, out=part)
