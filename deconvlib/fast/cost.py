"""What a way costs: multiplications, bytes and calls, each counted from the geometry, and added up.

Each way counts its own, beside its code.  The speeds are those of a core with the kind of BLAS that the layer names
(blas.py); only their proportions decide anything.  For a product of a million multiplications in float32 that reads and
writes 0.1 MB, with BLAS of the kind "packing":

    10^6 / 50e9  +  10^5 / 28e9  +  one call  =  20 + 3.6 + 1.5 = 25 microseconds
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, field, fields

import numpy as np

from deconvlib.fast import blas
from deconvlib.geometry import Geometry

__all__ = ["CALL", "STACKED", "WAKE", "Cost", "SizedLayer", "effort"]

CALL = 1.5e-6  # seconds of a NumPy call
STACKED = 0.1e-6  # seconds of each product in a stack of them
WAKE = 1.5e-4  # seconds until workers have begun, each on a core of its own, and ended
GATHER = 3  # how much longer a byte takes that is prepared: weights are gathered, transposed, and cut into blocks
FLOAT = np.dtype(np.float32)
HELP = 0.9  # of a core, from each further thread of BLAS, which waits awake


@dataclass(frozen=True)
class SizedLayer:
    """What the choice depends on: a layer at one size, with its batch.  (deconvlib.Layer is without any size.)

    inputs and outputs are channels, of all groups together.
    """

    geometry: Geometry
    batch: int
    inputs: int
    outputs: int
    groups: int = 1
    dtype: np.dtype = FLOAT
    exact: bool = False  # every output is the sum of its products
    once: bool = False  # the kernel is prepared for one call
    kind: blas.Kind = field(default_factory=blas.kind)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", self.kind.of(self.dtype))

    @property
    def group_inputs(self) -> int:
        return self.inputs // self.groups

    @property
    def group_outputs(self) -> int:
        return self.outputs // self.groups


@dataclass(frozen=True)
class Cost:
    """Counted quantities of one call, and of preparing the kernel.

    Products are done whole, by the calling thread and the threads of BLAS, or cut into such as one thread does alone.
    `whole` and `cut` say how many multiplications at full speed take as long.  Infinite: this way never does that.
    """

    multiplications: float = 0  # for the reader of `explain` alone
    whole: float = 0
    cut: float = 0
    bytes: float = 0
    calls: float = 0
    stacked: float = 0  # products of one call after the other
    weights: float = 0  # bytes of the kernel that come from memory
    prepared: float = 0  # bytes moved beforehand, in memory

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def __mul__(self, times: int) -> Cost:
        return Cost(*(getattr(self, f.name) * times for f in fields(self)))

    def seconds(self, kind: blas.Kind, threads: int = 1, once: bool = False) -> float:
        return min(self._each(kind, threads)) + (GATHER * self.prepared / kind.memory_a_second / threads if once else 0)

    def workers(self, kind: blas.Kind, threads: int) -> int:
        """So many threads; one where workers are not worth their start."""
        alone, shared = self._each(kind, threads)
        return threads if shared < alone else 1

    def _each(self, kind: blas.Kind, threads: int) -> tuple[float, float]:
        """Seconds on the calling thread, with those of BLAS; and on workers."""
        helped = 1 + HELP * (threads - 1)
        whole, cut = self.whole / kind.multiplications_a_second / helped, self.cut / kind.multiplications_a_second
        read = self.weights / kind.memory_a_second
        rest = self.bytes / kind.bytes_a_second + self.calls * CALL + self.stacked * STACKED
        both = operator.add if kind.pack else max  # weights are packed before they are multiplied, or read meanwhile
        return both(min(whole, cut), read / helped) + rest, (both(cut, read) + rest) / threads + WAKE


def effort(rows: int, depth: int, columns: int, itemsize: int, start: int = 8, narrow: int = 8) -> float:
    """How many multiplications of float32, at full speed, take as long as this product.

    Each size counts as larger by a constant: BLAS starts, and fills its registers.  The 409,600 of 100 x 64 by
    64 x 64 count as 539,136.
    """
    return (rows + 4) * (depth + start) * (columns + narrow) * itemsize / 4
