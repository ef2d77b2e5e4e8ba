"""What a way costs: multiplications, bytes and calls, each counted from the geometry, and added up.

The three speeds are those of one core of a common x86-64 server; only their ratios decide anything.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

from deconvlib.fast import direct
from deconvlib.fast import elementwise as each
from deconvlib.fast import tiles as tiled
from deconvlib.fast.bands import bands
from deconvlib.fast.tiles import pieces
from deconvlib.geometry import Geometry

__all__ = ["Cost", "Layer", "candidates"]

MULTIPLICATIONS = 42e9  # a second and core, in a product of float32
BYTES = 14e9  # a second and core, read or written by a call that does little else
CALL = 2e-6  # seconds of a NumPy call
SMALL = 0.06  # of a call, for each matrix in a stack of them
HELP = 0.5  # of a core, from each further thread of BLAS: the scheduler may leave it on the caller's core
WAKE = 6e-4  # seconds that workers have to save, for their wake-up and for what they share
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
    calls: float = 0
    repeated: float = 0  # bytes that each worker moves: the weights, where the samples are shared out
    prepared: float = 0  # bytes moved beforehand

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(getattr(self, f) + getattr(other, f) for f in self.__dataclass_fields__))

    def __mul__(self, times: int) -> Cost:
        return Cost(*(getattr(self, f) * times for f in self.__dataclass_fields__))

    def seconds(self, threads: int = 1, once: bool = False) -> float:
        return min(self._each(threads)) + (self.prepared / BYTES if once else 0)

    def workers(self, threads: int) -> bool:
        """Whether workers are worth their wake-up."""
        alone, shared = self._each(threads)
        return shared < alone

    def _each(self, threads: int) -> tuple[float, float]:
        """Seconds on one thread, where only the products may use more, those of BLAS; and on workers."""
        products, rest = self.multiplications / MULTIPLICATIONS, self.bytes / BYTES + self.calls * CALL
        repeated = self.repeated / BYTES
        return products / (1 + HELP * (threads - 1)) + rest + repeated, (products + rest) / threads + repeated + WAKE


def product(rows: int, depth: int, columns: int, itemsize: int) -> float:
    """Multiplications, with those that BLAS could have done while it packs small operands."""
    return (rows + 12) * (depth + 8) * (columns + 8) * itemsize / 4


def tiles(layer: Layer, largest: int) -> Cost:
    """Pieces in tiles of up to `largest` outputs: load, transform, multiply, transform, store."""
    cost, seen = Cost(), set()
    inputs, outputs = layer.inputs // layer.groups, layer.outputs // layer.groups
    for piece in pieces(layer.geometry, largest):
        count, depth, width = piece.count * layer.batch, piece.depth * inputs, math.prod(piece.residues) * outputs
        if not depth:
            continue
        chunks = -(-count // max(tiled.FEWEST, tiled.SCRATCH // (layer.itemsize * piece.scratch(inputs, outputs))))
        weights, passes = piece.points * depth * width * layer.itemsize, 3 if piece.transformed else 2
        moved = count * piece.points * (depth + width) * passes * layer.itemsize + weights * chunks
        done = piece.points * product(count, depth, width, layer.itemsize)
        if piece.transformed:
            done += product(piece.points, piece.points, count * inputs, layer.itemsize)
            done += product(math.prod(piece.tile), piece.points, count * width, layer.itemsize)
        calls, made = chunks * (12 + SMALL * piece.points), 4 * weights + math.prod(piece.taps) * depth * width * 4
        key = tuple(run.taps for run in piece.runs), piece.tile
        cost += Cost(done, moved, calls, prepared=made * (key not in seen)) * layer.groups
        seen.add(key)
    return cost


def sums(layer: Layer) -> Cost:
    """The products of all taps of each band; then their sums, and the samples in their order."""
    inputs, columns, cost = layer.inputs // layer.groups, math.prod(layer.geometry.kernel_size) * layer.outputs, Cost()
    for lines, *_ in bands(layer.geometry, layer.batch, columns * layer.itemsize / direct.SCRATCH, 1):
        done = product(lines.samples, inputs, columns // layer.groups, layer.itemsize) * layer.groups
        moved = 2 * lines.samples * columns + 3 * lines.places * math.prod(layer.geometry.stride) * layer.outputs
        moved += 2 * lines.samples * layer.inputs
        cost += Cost(done, moved * layer.itemsize, 8 + len(direct.sums(lines)), columns * inputs * layer.itemsize)
    return cost


def elementwise(layer: Layer) -> Cost:
    """The samples between zeros; one call for each residue; the sums in their order."""
    taps, residues = math.prod(layer.geometry.kernel_size), math.prod(layer.geometry.stride)
    width, held, cost = each.repeats(taps, layer.outputs) * layer.outputs, layer.outputs * layer.itemsize, Cost()
    for lines, *_ in bands(layer.geometry, layer.batch, (1 + residues) * held / each.SCRATCH, 1):
        done, stored = lines.places * taps * (1 + 64 / width), 2 * lines.samples + 3 * lines.places * residues
        cost += Cost(0, (done + stored) * held, 6 + 2 * residues)
    return cost


def matrix(layer: Layer) -> Cost:
    """One product with a matrix of mostly zeros, which has to be made first."""
    rows = math.prod(layer.geometry.input_size) * layer.inputs
    columns = math.prod(layer.geometry.output_size) * layer.outputs
    entries, taps = rows * columns * layer.itemsize, math.prod(layer.geometry.kernel_size)
    made = (taps + 2) * entries + 4 * CALL * BYTES
    return Cost(product(layer.batch, rows, columns, layer.itemsize), entries, 1, prepared=made)


@functools.lru_cache(512)
def candidates(layer: Layer) -> dict[str, Cost]:
    """Every way that can do this layer, by name, with its cost."""
    if not layer.inputs or not layer.outputs:
        return {"zeros": Cost()}
    size = math.prod(layer.geometry.input_size + layer.geometry.kernel_size + layer.geometry.output_size)
    found = {"planes": sums(layer)}
    weights = math.prod(layer.geometry.kernel_size) * layer.outputs
    if layer.groups == layer.inputs and layer.outputs > 1 and weights <= each.WEIGHTS:  # one would walk from tap to tap
        found["elementwise"] = elementwise(layer)
    if layer.groups == 1 and size <= DENSE and layer.inputs * layer.outputs <= 256:
        found["matrix"] = matrix(layer)
    if math.prod(min(math.lcm(a.stride, a.dilation), a.output_size) for a in layer.geometry.axes) <= 4096:
        for m in (1,) if layer.exact else (1, 2, 3, 4):
            found[f"tiles of {m}"] = tiles(layer, m)
    return found
