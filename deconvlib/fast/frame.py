"""Samples in one line with zeros around them, so that all terms of an output phase lie at equal distances.

Each tap of a phase meets a sample that is as far from the last as the taps are (runs.py), and the next residue begins
one sample or one tap further on.  So the products of all taps, laid out as [image, *taps, channel, sample], are one
strided array [*taps, image, *residues, channel, *samples], and the outputs are its sum over the taps.
"""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from deconvlib.fast.runs import Run, runs
from deconvlib.geometry import Geometry

__all__ = ["Frame"]


class Residues(NamedTuple):
    """Neighbouring residues that read alike: as many runs with as many taps and samples, at equal distances."""

    run: Run
    number: int
    outputs: int  # from one to the next, in output samples
    inputs: int
    taps: int


class Phase(NamedTuple):
    """Residues of every axis, together: one strided sum.  Distances of terms are (samples of the line, taps)."""

    lengths: tuple[int, ...]  # taps of an output
    numbers: tuple[int, ...]  # residues
    counts: tuple[int, ...]  # outputs of each
    wide: tuple[int, ...]  # outputs to add up: with the gap, so that all rows are one long row, where that is possible
    begin: tuple[int, int]  # where the first term is
    terms_apart: tuple[tuple[int, int], ...]  # from one to the next along the taps, the residues and the outputs
    first: int  # output sample
    apart: tuple[int, ...]  # output samples along the residues and the outputs

    @classmethod
    def of(cls, residues: tuple[Residues, ...], geometry: Geometry, sizes: tuple[int, ...]) -> Phase:
        chosen = [r.run for r in residues]
        line, taps, space = map(_row_major, (sizes, geometry.kernel_size, geometry.output_size))
        each, outer = list(zip(residues, chosen, line, taps)), chosen[0].count
        return cls(
            tuple(run.length for run in chosen),
            tuple(r.number for r in residues),
            tuple(run.count for run in chosen),
            (outer, *(max(run.count, n) if run.step == 1 else run.count for run, n in zip(chosen[1:], sizes[1:]))),
            (sum(run.begin * j for _, run, j, _ in each), sum(run.tap * t for _, run, _, t in each)),
            (
                *((run.step * j, run.spacing * t) for _, run, j, t in each),
                *((r.inputs * j, r.taps * t) for r, _, j, t in each),
                *((run.step * j, 0) for _, run, j, _ in each),
            ),
            sum(run.first * o for run, o in zip(chosen, space)),
            (*(r.outputs * o for r, o in zip(residues, space)), *(run.period * o for run, o in zip(chosen, space))),
        )

    def target(self, out: np.ndarray, at: int, n: int, channels: int) -> np.ndarray:
        """The outputs [n, *residues, channels, *counts] from byte `at` of out [batch, *space, ..] on."""
        axes, (batch, *_, step, item) = len(self.counts), out.strides
        apart = [step * samples for samples in self.apart]
        shape, strides = (n, *self.numbers, channels, *self.counts), (batch, *apart[:axes], item, *apart[axes:])
        return np.ndarray(shape, out.dtype, out, at + step * self.first, strides)

    def terms(self, array: np.ndarray, at: int, shape: tuple[int, ...], distances: tuple[int, ...]) -> np.ndarray:
        """What the outputs of `shape` add up, as [*lengths, *shape], in an array whose line begins at byte `at`.

        distances: bytes from one to the next image, sample, tap and channel.
        """
        axes, (image, sample, tap, channel) = len(self.counts), distances
        far = [samples * sample + taps * tap for samples, taps in (self.begin, *self.terms_apart)]
        strides = (*far[1 : axes + 1], image, *far[axes + 1 : 2 * axes + 1], channel, *far[2 * axes + 1 :])
        return np.ndarray((*self.lengths, *shape), array.dtype, array, at + far[0], strides)


@dataclass(frozen=True)
class Frame:
    """Input samples with zeros around them, in one line.

    One gap of zeros serves the end of a row of samples and the begin of the next.
    """

    sizes: tuple[int, ...]  # samples along each axis, with the gap; no gap along the first
    steps: tuple[int, ...]  # from one sample to the next, along each axis
    front: int  # zeros before the first
    back: int
    runs: tuple[tuple[Run, ...], ...]  # of each axis
    phases: tuple[Phase, ...]

    @classmethod
    @functools.lru_cache(256)
    def of(cls, geometry: Geometry) -> Frame:
        found = [runs(axis, True) for axis in geometry.axes]
        before = [max(0, *(-r.begin for r in each), 0) for each in found]
        after = [max(0, *(r.end - axis.input_size for r in each), 0) for axis, each in zip(geometry.axes, found)]
        sizes = tuple(n + max(b, e) for n, b, e in zip(geometry.input_size, (0, *before[1:]), (0, *after[1:])))
        steps = _row_major(sizes)
        front = sum(n * step for n, step in zip(before, steps))
        back = sum((n + size) * step for n, size, step in zip(after, (0, *sizes[1:]), steps))
        phases = itertools.product(*map(_together, found))
        return cls(sizes, steps, front, back, tuple(found), tuple(Phase.of(p, geometry, sizes) for p in phases))

    @functools.cached_property
    def inside(self) -> slice:
        """Where the samples are in the line."""
        return slice(self.front, self.front + math.prod(self.sizes))

    @functools.cached_property
    def length(self) -> int:
        return self.inside.stop + self.back

    def gaps(self, x: np.ndarray, padded: np.ndarray) -> None:
        """Write x [n, *space, in] into padded [n, samples, in], and zeros into the gaps."""
        padded = padded.reshape(len(x), *self.sizes, x.shape[-1])
        for axis in range(1, x.ndim - 1):
            padded[(slice(None),) * axis + (slice(x.shape[axis], None),)] = 0
        padded[tuple(map(slice, x.shape))] = x


def _row_major(sizes: tuple[int, ...]) -> tuple[int, ...]:
    """From one to the next along each axis, where the last one is next to its neighbour."""
    return tuple(math.prod(sizes[a + 1 :]) for a in range(len(sizes)))


def _together(found: tuple[Run, ...]) -> list[Residues]:
    groups = []
    for run in found:
        if groups:
            first, number, *apart = groups[-1]
            far = [run.first - first.first, run.begin - first.begin, run.tap - first.tap]
            alike = (run.count, run.length) == (first.count, first.length)
            if alike and (number == 1 or far == [number * distance for distance in apart]):
                groups[-1] = Residues(first, number + 1, *(distance // number for distance in far))
                continue
        groups.append(Residues(run, 1, 0, 0, 0))
    return groups
