"""The taps of the last axis in one product: a window of samples times one matrix gives a block of outputs.

Along the last axis the matrix C of a layer repeats itself, one sample further for each block of stride outputs.  One
block's part of it is all that is needed: the rows are the windows of a line of samples (bands.py).  The taps of the
axes before it have such a part each, side by side; what they make is added up.

Kernel 4, stride 2 and no crop: outputs 2 b and 2 b + 1 are  x[b-1] k2 + x[b] k0  and  x[b-1] k3 + x[b] k1:

    [x[b-1]  x[b]]  @  | k2  k3 |
                       | k0  k1 |

It pays where there are few output channels: what a tap makes of a sample is then so little that to add it to its place
takes as long as the product.

Windows overlap, and no BLAS reads a matrix of overlapping rows.  But windows as far apart as they are long touch: so
there is a product for each sample of a window, here one of the even windows and one of the odd ones.
"""

from __future__ import annotations

import functools
import itertools
import math
import operator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from deconvlib.fast.bands import Lines, bands, brought, residues, writes
from deconvlib.fast.cost import Cost, SizedLayer, effort
from deconvlib.fast.numbers import ceil_div, row_major
from deconvlib.fast.program import BoundStep, Branch, Job, Program, Step, View, Weights, padding
from deconvlib.fast.ways import Way, Work, strides
from deconvlib.geometry import Axis, Geometry

__all__ = ["Window", "Windows"]

SCRATCH = 2 << 20  # bytes of samples and products held at a time
ROW = 96  # numbers that a sum could have moved while it goes on to the next place


class Window:
    """What is read and given at once along the last axis: samples, and a block of outputs."""

    def __init__(self, layer: SizedLayer):
        axis = layer.geometry.axes[-1]
        aligned = axis.crop[0] % axis.stride
        self.extra = aligned if _reach(_sooner(axis, aligned)) < _reach(axis) else 0
        self.axis = _sooner(axis, self.extra)
        self.samples, self.residues = 1 + _reach(self.axis), residues(self.axis)
        self.depth, self.columns = self.samples * layer.inputs, self.residues * layer.outputs
        self.entries = self.depth * math.prod(layer.geometry.kernel_size[:-1]) * self.columns

    def lines(self, some: Lines) -> Lines:
        """With extra outputs before the first, so that a block of them reads the fewest samples.

        Kernel 4, stride 2, crop 1: a block reads 3 samples; with one output more before the first, 2.
        """
        *rest, axis = some.geometry.axes
        return Lines(Geometry((*rest, _sooner(axis, self.extra))), some.sizes[0])

    def weights(self, kernel: np.ndarray) -> np.ndarray:
        """[*k, out, in] as [depth, taps of the axes before * columns]."""
        *taps, _, outputs, inputs = kernel.shape
        made = np.zeros((*taps, self.samples, inputs, self.residues, outputs), kernel.dtype)
        entries, kernel = np.moveaxis(made, (-4, -2), (0, 1)), np.moveaxis(kernel, -3, 0).swapaxes(-1, -2)
        for t, q, r in brought(self.axis):
            entries[_furthest(self.axis) - q, r] = kernel[t]
        return made.reshape(-1, self.depth, self.columns).swapaxes(0, 1).reshape(self.depth, -1)


def _sooner(axis: Axis, outputs: int) -> Axis:
    """With so many more outputs, before the first."""
    return replace(axis, crop=(axis.crop[0] - outputs, axis.crop[1]))


def _furthest(axis: Axis) -> int:
    """How many blocks the last tap brings a sample on."""
    return (axis.span - 1 - axis.crop[0]) // axis.stride


def _reach(axis: Axis) -> int:
    """And how many more than the first: a window has one sample more than that."""
    return _furthest(axis) + ceil_div(axis.crop[0], axis.stride)


@functools.lru_cache(256)
def window(layer: SizedLayer) -> Window:
    """Kept: cost, kernel and jobs ask for it."""
    return Window(layer)


class Outer(NamedTuple):
    """A tap of the axes before the last: how far it brings a sample along the line, and to which residues."""

    tap: int
    by: int
    residues: tuple[int, ...]


def outer(lines: Lines) -> list[Outer]:
    """Those that reach an output."""
    *axes, _ = lines.geometry.axes
    sizes, found = row_major([axis.kernel_size for axis in axes], 1), []
    for each in itertools.product(*map(brought, axes)):
        taps, moved, reached = zip(*each) if each else ((), (), ())
        tap, by = (sum(map(operator.mul, *pair)) for pair in ((taps, sizes), (moved, lines.step)))
        found.append(Outer(tap, by, reached))
    return found


def spread(taps: list[Outer]) -> int:
    """How many more windows than places are needed, so that each tap finds its own."""
    return max((each.by for each in taps), default=0) - min((each.by for each in taps), default=0)


def nothing_to_add(lines: Lines, taps: list[Outer]) -> bool:
    """Whether each tap is the only one of its residues, at the same place."""
    return taps == [Outer(tap, 0, reached) for tap, reached in enumerate(np.ndindex(*lines.residues[:-1]))]


class Windows(Way):
    name = "windows"

    def _held(self, layer: SizedLayer) -> float:
        """The part of the scratch memory that one place takes."""
        made = math.prod(layer.geometry.kernel_size[:-1]) + math.prod(layer.geometry.stride[:-1])
        return (layer.inputs + made * window(layer).columns) * layer.dtype.itemsize / SCRATCH

    @staticmethod
    def _shape(layer: SizedLayer, windows: int, threads: int) -> tuple[int, int]:
        """(products, rows of each) for at least so many windows; as many for each sample of a window."""
        some = window(layer)
        rows = ceil_div(windows, some.samples)
        if threads == 1 and layer.kind.wakes(rows * some.entries):
            return 1, rows
        number = ceil_div(rows, layer.kind.alone // some.entries)
        return number, ceil_div(rows, number)

    def cost(self, layer: SizedLayer) -> Cost | None:
        some, size, pack, cost = window(layer), layer.dtype.itemsize, layer.kind.pack, Cost()
        if layer.groups > 1 or layer.kind.rows * some.entries > layer.kind.alone:
            return None
        wide = some.entries // some.depth
        for band, _ in bands(layer, self._held(layer), 1):
            lines = some.lines(band)
            taps, heads = outer(lines), math.prod(lines.residues[:-1])
            windows = lines.places + spread(taps)
            whole, cut = (self._shape(layer, windows, threads) for threads in (1, 2))
            done = effort(windows, some.depth, wide, size, narrow=layer.kind.narrow)
            moved = 4 * lines.samples * layer.inputs + windows * wide + 2 * lines.places * heads * some.columns
            added = 0 if nothing_to_add(lines, taps) else len(taps) * lines.places
            cost += Cost(
                multiplications=math.prod(whole) * some.samples * some.entries,
                whole=done * (1 + pack / whole[1] + pack / wide) if whole[0] == 1 else math.inf,
                cut=done * (1 + pack / cut[1] + pack / wide),
                bytes=(moved + added * (2 * some.columns + ROW)) * size,
                calls=10 + len(taps) + heads,
                stacked=cut[0] * some.samples,
                weights=some.entries * size,
                prepared=2 * some.entries * size,
            )
        return cost

    def weights(self, kernel: np.ndarray, work: Work) -> Weights:
        return {"kernel": [window(work.layer).weights(kernel)]}

    def jobs(self, layer: SizedLayer, threads: int) -> list[Job]:
        program = functools.cache(partial(self._program, layer, threads))
        return [Job(program(lines), at) for lines, at in bands(layer, self._held(layer), threads)]

    def _program(self, layer: SizedLayer, threads: int, band: Lines) -> Program:
        """Three arrays, of which the last is left out where there is nothing to add:

            the samples between zeros     [samples, in]                  a line
            windows times the matrix      [windows, taps, columns]       taps of the axes before the last
            sums                          [*residues, places, columns]   residues of these axes

        What a tap brings to place p it made of window  p + most - by.
        """
        some, item = window(layer), layer.dtype.itemsize
        lines = some.lines(band)
        taps, (*heads, _) = outer(lines), lines.residues
        view = View((lines.sizes[0], *lines.geometry.input_size, layer.inputs), 0, strides(layer)[0])
        shape = self._shape(layer, lines.places + spread(taps), threads)
        made = math.prod(shape) * some.samples, math.prod(layer.geometry.kernel_size[:-1]), some.columns
        most = max((each.by for each in taps), default=0)
        first = -_furthest(lines.geometry.axes[-1]) - most  # sample of the line that the first window begins with
        before = max(0, -first)
        behind = max(0, first + made[0] - 1 + some.samples - lines.samples)
        product = partial(_products, before + first, shape, some.samples, layer.inputs)
        steps: list[tuple[Step, tuple[int, ...]]] = [(product, made)]
        *apart, _ = row_major((*heads, some.columns), item)  # bytes from one residue to the next, and to the next place
        place, *_ = row_major(made, item)
        if not nothing_to_add(lines, taps):
            total = *heads, lines.places, some.columns
            steps.append((partial(_added, [(each, most - each.by) for each in taps]), total))
            *apart, place, _ = row_major(total, item)
        write = writes(
            layer,
            lines.geometry,
            (*apart, layer.outputs * item, item, *(place * step for step in row_major(lines.blocks, 1))),
            (*heads, some.residues, layer.outputs, *lines.blocks),
            some.extra,
        )
        if not taps:
            return Program(layer.dtype, view, None, [Branch([], write)])
        sizes, around = (*lines.sizes, layer.inputs), (before * layer.inputs, behind * layer.inputs)
        pad = padding(view, sizes, (0,) * len(sizes), item, around)
        return Program(layer.dtype, view, pad, [Branch(steps, write)])


def _products(
    begin: int, shape: tuple[int, int], samples: int, inputs: int, line: np.ndarray, made: np.ndarray
) -> BoundStep:
    """All windows from there on, times the matrix; a product's rows touch each other."""
    (number, rows), hop = shape, inputs * line.itemsize
    steps = (hop, rows * samples * hop, samples * hop, line.itemsize)
    windows: np.ndarray = np.ndarray((samples, number, rows, samples * inputs), line.dtype, line, begin * hop, steps)
    result = made.reshape(number, rows, samples, -1).transpose(2, 0, 1, 3)

    def run(weights: Weights) -> None:
        (kernel,) = weights["kernel"]
        np.matmul(windows, kernel, out=result)

    return run


def _added(taps: list[tuple[Outer, int]], made: np.ndarray, total: np.ndarray) -> BoundStep:
    """The sum of what the taps of each residue made, each of them so many places further on; of none it is zero."""
    calls = []
    for residue in np.ndindex(total.shape[:-2]):
        place = total[residue]
        parts = [made[at : at + len(place), each.tap] for each, at in taps if each.residues == residue]
        calls.append((place, *parts) if parts else (place, np.zeros((), total.dtype)))

    def run(_: Weights) -> None:
        for place, so_far, *others in calls:
            for some in others:
                so_far = np.add(so_far, some, out=place)
            if so_far is not place:
                place[...] = so_far

    return run
