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
from numpy.lib.stride_tricks import as_strided

from deconvlib.fast.runs import Run, runs
from deconvlib.fast.scratch import Scratch
from deconvlib.geometry import Geometry

__all__ = ["Frame"]


class Residues(NamedTuple):
    """Neighbouring residues that read alike: as many runs with as many taps and samples, at equal distances."""

    run: Run
    number: int
    outputs: int  # from one to the next, in output samples
    inputs: int
    taps: int


@dataclass(frozen=True)
class Frame:
    """Input samples with zeros around them, in one line.

    One gap of zeros serves the end of a row of samples and the begin of the next.
    """

    sizes: tuple[int, ...]  # samples along each axis, with the gap; no gap along the first
    steps: tuple[int, ...]  # from one sample to the next
    front: int  # zeros before the first
    back: int
    runs: tuple[tuple[Run, ...], ...]  # of each axis
    phases: tuple[tuple[Residues, ...], ...]  # those of each axis, together

    @classmethod
    @functools.lru_cache(256)
    def of(cls, geometry: Geometry) -> Frame:
        found = [runs(axis, True) for axis in geometry.axes]
        before = [max(0, *(-r.begin for r in each), 0) for each in found]
        after = [max(0, *(r.end - axis.input_size for r in each), 0) for axis, each in zip(geometry.axes, found)]
        sizes = tuple(n + max(b, e) for n, b, e in zip(geometry.input_size, (0, *before[1:]), (0, *after[1:])))
        steps = tuple(math.prod(sizes[a + 1 :]) for a in range(len(sizes)))
        front = sum(n * step for n, step in zip(before, steps))
        back = sum((n + size) * step for n, size, step in zip(after, (0, *sizes[1:]), steps))
        phases = tuple(itertools.product(*map(_together, found)))
        return cls(sizes, steps, front, back, tuple(found), phases)

    @functools.cached_property
    def inside(self) -> slice:
        """Where the samples are in the line."""
        return slice(self.front, self.front + math.prod(self.sizes))

    @functools.cached_property
    def length(self) -> int:
        return self.inside.stop + self.back

    def gaps(self, x: np.ndarray, scratch: Scratch) -> np.ndarray:
        """x [n, *space, in] with its gaps: [n, samples, in]."""
        if x.shape[1:-1] != self.sizes or not x.flags.c_contiguous:
            padded = scratch("padded", len(x), *self.sizes, x.shape[-1])
            self.fill(padded, x)
            x = padded
        return x.reshape(len(x), -1, x.shape[-1])

    def fill(self, padded: np.ndarray, x: np.ndarray) -> None:
        """Write x [n, *space, in] into padded [n, *sizes, in], and zeros into the gaps."""
        for axis in range(1, x.ndim - 1):
            padded[(slice(None),) * axis + (slice(x.shape[axis], None),)] = 0
        padded[tuple(map(slice, x.shape))] = x

    def add(self, columns: np.ndarray, out: np.ndarray, scratch: Scratch) -> None:
        """columns [n, *k, out, line]  ->  out [n, *space, out], phase by phase."""
        image, *taps, channel, sample = columns.strides
        steps = [step * sample for step in self.steps]
        for phase in self.phases:
            first, axes = [residues.run for residues in phase], len(phase)
            target = as_strided(
                out[(slice(None), *(slice(run.first, None) for run in first))],
                (len(out), *(r.number for r in phase), out.shape[-1], *(run.count for run in first)),
                (
                    out.strides[0],
                    *(r.outputs * o for r, o in zip(phase, out.strides[1:])),
                    out.strides[-1],
                    *(run.period * o for run, o in zip(first, out.strides[1:])),
                ),
            )
            if not all(run.length for run in first):
                target[...] = 0
                continue
            terms = np.ndarray(
                (*(r.length for r in first), *target.shape[: axes + 3], *map(_wide, first[1:], self.sizes[1:])),
                columns.dtype,
                columns,
                self.front * sample + sum(run.begin * j + run.tap * t for run, j, t in zip(first, steps, taps)),
                (
                    *(run.step * j + run.spacing * t for run, j, t in zip(first, steps, taps)),
                    image,
                    *(r.inputs * j + r.taps * t for r, j, t in zip(phase, steps, taps)),
                    channel,
                    *(run.step * j for run, j in zip(first, steps)),
                ),
            )
            plane = scratch("plane", *terms.shape[axes:])
            np.add.reduce(terms, tuple(range(axes)), out.dtype, plane)
            target[...] = plane[tuple(map(slice, target.shape))]


def _wide(run: Run, size: int) -> int:
    """Samples of a row to add up: with the gap, so that all rows are one long row, where that is possible."""
    return max(run.count, size) if run.step == 1 else run.count


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
