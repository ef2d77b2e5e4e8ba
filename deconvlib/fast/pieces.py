"""Pieces of a layer: one run on each axis, in tiles of m outputs, that take  m + t - 1  products for t taps.

Kernel 3 with stride 2 has the runs "taps 2 and 0" and "tap 1" on each axis, so on two axes there are four pieces.  On
7 x 7 samples, with m up to 4, the first has tiles of 4 x 4 outputs from windows of 5 x 5 samples; the last multiplies
single samples.
"""

from __future__ import annotations

import functools
import itertools
import math

import numpy as np

from deconvlib.fast.numbers import ceil_div, spacing
from deconvlib.fast.runs import Run, runs
from deconvlib.fast.winograd import POINTS
from deconvlib.geometry import Geometry

__all__ = ["Piece", "pieces"]

DEPTH = 1024  # channels times taps, at most, side by side in one product


def outputs_per_tile(run: Run, largest: int) -> int:
    """The m up to `largest` that takes the fewest products for this run; 1 where there is nothing to save."""
    if run.length < 2 or largest == 1:
        return 1
    allowed = [m for m in range(2, largest + 1) if m + run.length - 2 in POINTS]
    return min(allowed, key=lambda m: ceil_div(run.periods, m) * (m + run.length - 1), default=1)


class Piece:
    """One run on each axis, in tiles of `tile` outputs."""

    def __init__(self, chosen: tuple[Run, ...], largest: int, channels: int):
        tile = tuple(outputs_per_tile(run, largest) for run in chosen)
        if any(m == 1 and run.length > 1 for run, m in zip(chosen, tile)):
            tile = (1,) * len(tile)  # what one axis adds up, the points of the others would have to wait for
        self.runs, self.tile, self.transformed = chosen, tile, max(tile) > 1
        self.taps = tuple(run.length for run in chosen)
        self.residues = tuple(len(run.taps) for run in chosen)
        self.window = tuple(m + t - 1 for m, t in zip(tile, self.taps))  # samples that a tile reads along each axis
        self.side_by_side = not self.transformed and math.prod(self.taps) * channels <= DEPTH  # taps, in one product
        # products of a tile: Winograd's points; without tiles one for each tap, or one for all
        self.points = 1 if self.side_by_side else math.prod(self.window)
        self.taps_at_once = math.prod(self.taps) if self.side_by_side else 1
        self.tiles = math.prod(ceil_div(run.periods, m) for run, m in zip(chosen, tile))  # tiles in an image

    @property
    def key(self) -> tuple[tuple[int, ...], tuple[tuple[tuple[int, ...], ...], ...]]:
        """What its weights depend on."""
        return self.tile, tuple(run.taps for run in self.runs)

    def weights(self, inputs: int, outputs: int) -> int:
        """Numbers that are multiplied with the points of each tile."""
        return self.points * self.taps_at_once * inputs * math.prod(self.residues) * outputs

    def multiplications(self, inputs: int, outputs: int) -> int:
        """In the products of one image."""
        return self.tiles * self.weights(inputs, outputs)

    def scratch(self, inputs: int, outputs: int) -> int:
        """Numbers held at a time for each tile."""
        return self.points * (self.taps_at_once * inputs + math.prod(self.residues) * outputs)

    def lengths(self, inputs: int, width: int) -> list[int]:
        """How many numbers each array of an image holds, from the samples to the outputs; width: residues * outputs."""
        tiles = [ceil_div(run.periods, m) for run, m in zip(self.runs, self.tile)]
        samples = [self.extent(axis, run.periods) for axis, run in enumerate(self.runs)]
        steps, all_tiles = range(len(tiles) + 1), math.prod(tiles)
        if not self.transformed:
            windows, products = all_tiles * math.prod(self.window) * inputs, self.points * all_tiles * width
            return [math.prod(samples) * inputs, windows, products] + [all_tiles * width] * (self.points > 1)
        points = [math.prod((*self.window[:done], *tiles[:done], *samples[done:])) * inputs for done in steps]
        outputs = [math.prod((*self.tile[:done], *self.window[done:])) * all_tiles * width for done in steps]
        return points + outputs

    def extent(self, axis: int, periods: int) -> int:
        """Samples that the tiles of so many periods read."""
        return ceil_div(periods, self.tile[axis]) * self.tile[axis] + self.taps[axis] - 1

    def of(self, kernel: np.ndarray, begin: int, channels: int) -> np.ndarray:
        """A view of its taps [*taps, *residues, out, channels] in a contiguous kernel [*k, out, in].

        So many channels, from `begin` on.  Along an axis the taps are evenly spaced, from one tap of an output to the
        next, and from one output to the next.
        """
        *steps, step, item = kernel.strides
        taps = [run.taps for run in self.runs]
        along = [step * spacing(some[0]) for step, some in zip(steps, taps)]
        across = [step * spacing([of_output[0] for of_output in some]) for step, some in zip(steps, taps)]
        first = sum(step * some[0][0] for step, some in zip(steps, taps)) + item * begin
        shape = (*self.taps, *self.residues, kernel.shape[-2], channels)
        return np.ndarray(shape, kernel.dtype, kernel, first, (*along, *across, step, item))


@functools.lru_cache(64)
def pieces(geometry: Geometry, largest: int, channels: int) -> tuple[Piece, ...]:
    """All of a layer.  Together they hold each output once."""
    return tuple(Piece(chosen, largest, channels) for chosen in itertools.product(*map(runs, geometry.axes)))
