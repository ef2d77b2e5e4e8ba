"""The taps of the last axis in one product: a window of samples times one matrix gives a block of outputs.

Along the last axis the matrix C of a layer repeats itself, one sample further for each block of stride outputs.  One
block's part of it is all that is needed: the rows are the windows of a line of samples (bands.py).  The taps of the
axes before it have a product each, and these are added up.

Kernel 4 and stride 2: outputs 2 b and 2 b + 1 are  x[b-1] k2 + x[b] k0  and  x[b-1] k3 + x[b] k1:

    [x[b-1]  x[b]]  @  | k2  k3 |
                       | k0  k1 |

It pays where there are few output channels: what a tap makes of a sample is then so little that to add it to its place
takes as long as the product.

Windows overlap, and no BLAS reads a matrix of overlapping rows.  But every second of these windows touches the one
before: so there are two products, of the even windows and the odd ones.
"""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import replace
from functools import partial

import numpy as np

from deconvlib.fast.bands import Lines, bands, brought, residues, writes
from deconvlib.fast.cost import Cost, SizedLayer, effort
from deconvlib.fast.numbers import ceil_div, row_major
from deconvlib.fast.program import BoundStep, Branch, Job, Program, Step, View, Weights, padding
from deconvlib.fast.ways import Way, Work, strides
from deconvlib.geometry import Axis, Geometry

__all__ = ["Window", "Windows"]

SCRATCH = 2 << 20  # bytes of samples and products held at a time


class Window:
    """What is read and given at once along the last axis: samples, and a block of outputs."""

    def __init__(self, layer: SizedLayer):
        axis = layer.geometry.axes[-1]
        aligned = axis.crop[0] % axis.stride
        self.extra = aligned if _reach(_sooner(axis, aligned)) < _reach(axis) else 0
        self.axis = _sooner(axis, self.extra)
        self.samples, self.residues = 1 + _reach(self.axis), residues(self.axis)
        self.depth, self.columns = self.samples * layer.inputs, self.residues * layer.outputs

    def lines(self, some: Lines) -> Lines:
        """With extra outputs before the first, so that a block of them reads the fewest samples."""
        *rest, axis = some.geometry.axes
        return Lines(Geometry((*rest, _sooner(axis, self.extra))), some.sizes[0])

    def weights(self, kernel: np.ndarray) -> np.ndarray:
        """[*k, out, in] as [*k without the last, depth, columns]."""
        *taps, _, outputs, inputs = kernel.shape
        made = np.zeros((*taps, self.samples, inputs, self.residues, outputs), kernel.dtype)
        entries, kernel = np.moveaxis(made, (-4, -2), (0, 1)), np.moveaxis(kernel, -3, 0).swapaxes(-1, -2)
        for t, q, r in brought(self.axis):
            entries[_furthest(self.axis) - q, r] = kernel[t]
        return made.reshape(*taps, self.depth, self.columns)


def _sooner(axis: Axis, outputs: int) -> Axis:
    """With so many more outputs, before the first."""
    return replace(axis, crop=(axis.crop[0] - outputs, axis.crop[1]))


def _furthest(axis: Axis) -> int:
    """How many blocks the last tap brings a sample on."""
    return (axis.span - 1 - axis.crop[0]) // axis.stride


def _reach(axis: Axis) -> int:
    """And how many more than the first."""
    return _furthest(axis) - -axis.crop[0] // axis.stride


@functools.lru_cache(256)
def window(layer: SizedLayer) -> Window:
    """Kept: cost, kernel and jobs ask for it."""
    return Window(layer)


def outer(geometry: Geometry) -> list[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]]:
    """(taps, their q, their residues) along the axes before the last, those of the same residues side by side."""
    found = []
    for each in itertools.product(*map(brought, geometry.axes[:-1])):
        taps, moved, residues = zip(*each) if each else ((), (), ())
        found.append((taps, moved, residues))
    return sorted(found, key=lambda met: met[2])


class Windows(Way):
    name = "windows"

    def _held(self, layer: SizedLayer) -> float:
        """Of the scratch, by a sample."""
        made = math.prod(layer.geometry.kernel_size[:-1]) + math.prod(layer.geometry.stride[:-1])
        return (layer.inputs + made * window(layer).columns) * layer.dtype.itemsize / SCRATCH

    @staticmethod
    def _shape(layer: SizedLayer, places: int, threads: int) -> tuple[int, int, int]:
        """(products, rows of each, places from one row to the next) for at least so many places."""
        some = window(layer)
        size, rows = some.depth * some.columns, ceil_div(places, some.samples)
        if threads == 1 and layer.kind.wakes(places * size):
            return 1, rows, some.samples
        number = ceil_div(rows, layer.kind.alone // size)
        return number, ceil_div(rows, number), some.samples

    def cost(self, layer: SizedLayer) -> Cost | None:
        some, size, pack, cost = window(layer), layer.dtype.itemsize, layer.kind.pack, Cost()
        entries = math.prod(layer.geometry.kernel_size[:-1]) * some.depth * some.columns
        if layer.groups > 1 or layer.kind.rows * some.depth * some.columns > layer.kind.alone:
            return None
        for band, _ in bands(layer, self._held(layer), 1):
            lines = some.lines(band)
            taps, heads = len(outer(lines.geometry)), math.prod(lines.residues[:-1])
            alone, (number, rows, apart) = (self._shape(layer, lines.places, threads) for threads in (1, 2))
            done = taps * effort(lines.places, some.depth, some.columns, size, narrow=layer.kind.narrow)
            made = (2 * taps + 4 * heads) * lines.places * some.columns
            cost += Cost(
                multiplications=taps * math.prod(alone) * some.depth * some.columns,
                whole=done * (1 + pack / alone[1] + pack / some.columns) if alone[0] == 1 else math.inf,
                cut=done * (1 + pack / rows + pack / some.columns),
                bytes=(4 * lines.samples * layer.inputs + made) * size,
                calls=10 + taps + heads,
                stacked=taps * number * apart,
                weights=entries * size,
                prepared=2 * entries * size,
            )
        return cost

    def weights(self, kernel: np.ndarray, work: Work) -> Weights:
        return {"kernel": [window(work.layer).weights(kernel)]}

    def jobs(self, layer: SizedLayer, threads: int) -> list[Job]:
        program = functools.cache(partial(self._program, layer, threads))
        return [Job(program(lines), at) for lines, at in bands(layer, self._held(layer), threads)]

    def _program(self, layer: SizedLayer, threads: int, band: Lines) -> Program:
        some, item = window(layer), layer.dtype.itemsize
        lines = some.lines(band)
        *heads, _ = lines.residues
        shape = self._shape(layer, lines.places, threads)
        places, block = math.prod(shape), some.columns * item
        apart = *row_major((*heads, places), block)[:-1], layer.outputs * item, item, *row_major(lines.blocks, block)
        total = (*heads, some.residues, layer.outputs, *lines.blocks)
        write = writes(layer, lines.geometry, apart, total, some.extra)
        view = View((lines.sizes[0], *lines.geometry.input_size, layer.inputs), 0, strides(layer)[0])
        if not (taps := outer(lines.geometry)):
            return Program(layer.dtype, view, None, [Branch([], write)])
        moved = [sum(q * step for q, step in zip(each, lines.step)) for _, each, _ in taps]
        firsts = [-_furthest(lines.geometry.axes[-1]) - by for by in moved]
        before = max(0, -min(firsts))
        behind = max(0, max(firsts) + places - 1 + some.samples - lines.samples)
        sizes, around = (*lines.sizes, layer.inputs), (before * layer.inputs, behind * layer.inputs)
        pad = padding(view, sizes, (0,) * len(sizes), item, around)
        reads = [((before + first) * layer.inputs, tap) for first, (tap, _, _) in zip(firsts, taps)]
        steps: list[tuple[Step, tuple[int, ...]]] = [
            (partial(_products, reads, shape, layer.inputs), (len(taps), places, some.columns))
        ]
        met = [each for _, _, each in taps]
        if met != list(np.ndindex(*heads)):
            steps.append((partial(_added, met), (*heads, places, some.columns)))
        return Program(layer.dtype, view, pad, [Branch(steps, write)])


def _products(
    reads: list[tuple[int, tuple[int, ...]]],
    shape: tuple[int, int, int],
    inputs: int,
    line: np.ndarray,
    result: np.ndarray,
) -> BoundStep:
    """All windows from there on, times the matrix of that tap; a product's rows touch each other."""
    (number, rows, apart), hop = shape, inputs * line.itemsize
    steps = (hop, rows * apart * hop, apart * hop, line.itemsize)
    calls = []
    for (begin, tap), made in zip(reads, result):
        sizes = (apart, number, rows, apart * inputs)
        windows: np.ndarray = np.ndarray(sizes, line.dtype, line, begin * line.itemsize, steps)
        calls.append((windows, tap, made.reshape(number, rows, apart, -1).transpose(2, 0, 1, 3)))

    def run(weights: Weights) -> None:
        (kernel,) = weights["kernel"]
        for windows, tap, made in calls:
            np.matmul(windows, kernel[tap], out=made)

    return run


def _added(residues: list[tuple[int, ...]], source: np.ndarray, result: np.ndarray) -> BoundStep:
    """The products of the taps of each residue; of none zeros are left."""
    calls, begin = [], 0
    for residue in np.ndindex(result.shape[:-2]):
        end = begin + residues.count(residue)
        calls.append((source[begin:end], result[residue]))
        begin = end

    def run(_: Weights) -> None:
        for some, total in calls:
            np.add.reduce(some, 0, out=total)

    return run
