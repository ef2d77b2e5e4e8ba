"""What a way costs: multiplications, bytes and calls, each counted from the geometry, and added up.

The three speeds are those of one core of a common x86-64 server; only their ratios decide anything.
"""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import dataclass

from deconvlib.fast.runs import runs
from deconvlib.fast.tiles import FEWEST, Piece
from deconvlib.geometry import Geometry

__all__ = ["Cost", "Layer", "candidates"]

MULTIPLICATIONS = 36e9  # a second and core, in a product of float32
BYTES = 12e9  # a second and core, read or written by a call that does little else
CALL = 2e-6  # seconds of a NumPy call
WAKE = 1e-3  # seconds that work on several threads has to save, for the wake-up and what they share
DENSE = 1 << 16  # entries, at most, of a matrix that is mostly zeros


@dataclass(frozen=True)
class Layer:
    """What the choice depends on.  inputs and outputs are channels, of all groups together."""

    geometry: Geometry
    batch: int
    inputs: int
    outputs: int
    groups: int = 1
    itemsize: int = 4
    exact: bool = False
    once: bool = False  # the kernel is prepared for one call


@dataclass(frozen=True)
class Cost:
    """Counted quantities of one call, and of preparing the kernel."""

    multiplications: float = 0
    bytes: float = 0
    calls: int = 0
    prepared: float = 0  # bytes moved beforehand

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(getattr(self, f) + getattr(other, f) for f in self.__dataclass_fields__))

    def seconds(self, threads: int = 1, once: bool = False) -> float:
        work = self.multiplications / MULTIPLICATIONS + self.bytes / BYTES
        work = min(work, work / threads + WAKE)
        return work + self.calls * CALL + (self.prepared / BYTES if once else 0)


def product(rows: int, depth: int, columns: int, itemsize: int) -> float:
    """Multiplications, with those that BLAS could have done while it packs small operands."""
    return (rows + 6) * (depth + 8) * (columns + 8) * itemsize / 4


def tiles(layer: Layer, largest: int) -> Cost:
    """Pieces in tiles of up to `largest` outputs: load, transform, multiply, transform, store."""
    cost, seen = Cost(), set()
    inputs, outputs = layer.inputs // layer.groups, layer.outputs // layer.groups
    for chosen in itertools.product(*(runs(axis, layer.groups > 1) for axis in layer.geometry.axes)):
        piece = Piece.of(chosen, largest)
        if not math.prod(piece.taps):
            continue
        count, points = piece.count * layer.batch, math.prod(piece.points)
        depth, width = piece.depth * inputs, math.prod(piece.residues) * outputs
        steps = 2 * sum(m > 1 for m in piece.tile)
        chunks = -(-count // max(FEWEST, (2 << 20) // (layer.itemsize * piece.scratch(inputs, outputs))))
        weights = points * depth * width * layer.itemsize
        moved = points * (depth * (2 + steps) + width * (2 + steps))
        key = tuple(run.taps for run in chosen), piece.tile
        cost += Cost(
            layer.groups * points * product(count, depth, width, layer.itemsize),
            layer.groups * (layer.itemsize * count * moved + weights * chunks),
            layer.groups * chunks * (8 + 2 * steps),
            0 if key in seen else layer.groups * (weights * 4 + layer.itemsize * math.prod(piece.taps) * depth * width),
        )
        seen.add(key)
    return cost


def direct(layer: Layer, planar: bool) -> Cost:
    """One product for all taps; then additions, in steps of the channels, or of rows in planes."""
    inputs, outputs = layer.inputs // layer.groups, layer.outputs // layer.groups
    pixels = layer.batch * math.prod(layer.geometry.input_size)
    samples = layer.batch * math.prod(layer.geometry.output_size)
    columns = math.prod(layer.geometry.kernel_size) * outputs
    taps, phases = math.prod(layer.geometry.kernel_size), math.prod(layer.geometry.stride)
    step = layer.geometry.input_size[-1] if planar else outputs
    added = layer.groups * pixels * columns * (5 * layer.itemsize + 80 / step)
    bands = max(2 if layer.batch == 1 else 1, pixels * columns * layer.itemsize >> 20)
    weights = bands * columns * layer.inputs * layer.itemsize  # each band, and each worker, reads them
    stored = layer.groups * samples * outputs * (6 * layer.itemsize if planar else layer.itemsize)
    return Cost(
        layer.groups * product(pixels, inputs, columns, layer.itemsize),
        added + stored + weights,
        layer.groups * bands * (4 + taps + (phases if planar else 0)),
    )


def elementwise(layer: Layer) -> Cost:
    pixels = layer.batch * math.prod(layer.geometry.input_size)
    samples = layer.batch * math.prod(layer.geometry.output_size)
    taps, phases = math.prod(layer.geometry.kernel_size), math.prod(layer.geometry.stride)
    moved = (pixels * taps + samples) * layer.outputs * layer.itemsize
    bands = max(1, pixels * layer.outputs * layer.itemsize >> 20)
    return Cost(0, moved, bands * (layer.outputs // layer.inputs) * (4 + 2 * taps + phases))


def dense(layer: Layer) -> Cost:
    """Two products, the second with a matrix of zeros and ones."""
    pixels, taps = math.prod(layer.geometry.input_size), math.prod(layer.geometry.kernel_size)
    samples = math.prod(layer.geometry.output_size)
    columns = product(layer.batch * pixels, layer.inputs, taps * layer.outputs, layer.itemsize)
    stamped = layer.batch * product(samples, pixels * taps, layer.outputs, layer.itemsize)
    return Cost(columns + stamped, taps * layer.inputs * layer.outputs * layer.itemsize, 2)


def matrix(layer: Layer) -> Cost:
    """One product with a matrix that has to be made first, tap by tap."""
    rows = math.prod(layer.geometry.input_size) * layer.inputs
    columns = math.prod(layer.geometry.output_size) * layer.outputs
    made = rows * columns * layer.itemsize + 10 * math.prod(layer.geometry.kernel_size) * CALL * BYTES
    work = product(layer.batch, rows, columns, layer.itemsize)
    return Cost(work, rows * columns * layer.itemsize, 1, made)


@functools.lru_cache(512)
def candidates(layer: Layer) -> dict[str, Cost]:
    """Every way that can do this layer, by name, with its cost."""
    if not layer.inputs or not layer.outputs:
        return {"zeros": Cost()}
    size = math.prod(layer.geometry.input_size + layer.geometry.kernel_size + layer.geometry.output_size)
    found = {"stamp": direct(layer, False), "planes": direct(layer, True)}
    if layer.groups == 1 and size <= DENSE and layer.inputs * layer.outputs <= 256:
        found |= {"dense": dense(layer), "matrix": matrix(layer)}
    if layer.groups == layer.inputs:
        found["elementwise"] = elementwise(layer)
    if math.prod(min(math.lcm(a.stride, a.dilation), a.output_size) for a in layer.geometry.axes) <= 4096:
        for m in (1,) if layer.exact else (1, 2, 3, 4):
            found[f"tiles of {m}"] = tiles(layer, m)
    return found
