"""What a way costs: multiplications, bytes and calls, each counted from the geometry, and added up.

Each way counts its own, beside its code.  The speeds are those of a core with the kind of BLAS that the layer names
(blas.py); only their proportions decide anything.  For a product of a million multiplications in float32 that reads and
writes 0.1 MB, with BLAS of the kind "packing":

    10^6 / 42e9  +  10^5 / 28e9  +  one call  =  24 + 3.5 + 1.5 = 29 microseconds
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np

from deconvlib.fast import blas
from deconvlib.geometry import Geometry

__all__ = ["CALL", "STACKED", "WAKE", "Cost", "Layer", "product"]

CALL = 1.5e-6  # seconds of a NumPy call
STACKED = 0.1e-6  # seconds of each product in a stack of them
WAKE = 1.5e-4  # seconds until workers have begun, each on a core of its own, and ended
GATHER = 2.5  # how much longer a byte takes that is prepared: weights are gathered, transposed, and cut into blocks
FLOAT = np.dtype(np.float32)
CUT = 1.4  # how much longer products take that are cut where the second matrix is transposed
HELP = 0.9  # of a core, from each further thread of BLAS, which waits awake


@dataclass(frozen=True)
class Layer:
    """What the choice depends on.  inputs and outputs are channels, of all groups together."""

    geometry: Geometry
    batch: int
    inputs: int
    outputs: int
    groups: int = 1
    dtype: np.dtype = FLOAT
    exact: bool = False  # every output is the sum of its products
    once: bool = False  # the kernel is prepared for one call
    kind: blas.Kind = field(default_factory=blas.kind)

    @property
    def group_inputs(self) -> int:
        return self.inputs // self.groups

    @property
    def group_outputs(self) -> int:
        return self.outputs // self.groups

    def alone(self, threads: int) -> int | None:
        """How many multiplications a product may have: None where BLAS may use its threads."""
        return self.kind.alone if threads > 1 or self.kind.cut_alone else None


@dataclass(frozen=True)
class Cost:
    """Counted quantities of one call, and of preparing the kernel."""

    multiplications: float = 0
    bytes: float = 0
    calls: float = 0
    stacked: float = 0  # products of one call after the other
    weights: float = 0  # bytes of the kernel that come from memory
    prepared: float = 0  # bytes moved beforehand, in memory
    unshared: float = 0  # more than zero where the calling thread does all, with the threads of BLAS
    whole: float = 0  # more than zero where it does its products whole, with the threads of BLAS, but helpers cut them

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def __mul__(self, times: int) -> Cost:
        return Cost(*(getattr(self, f.name) * times for f in fields(self)))

    def seconds(self, kind: blas.Kind, threads: int = 1, once: bool = False) -> float:
        return min(self._each(kind, threads)) + (GATHER * self.prepared / kind.memory if once else 0)

    def workers(self, kind: blas.Kind, threads: int) -> bool:
        """Whether workers are worth their start."""
        alone, shared = self._each(kind, threads)
        return shared < alone

    def _each(self, kind: blas.Kind, threads: int) -> tuple[float, float]:
        """Seconds on the calling thread, where only the products may use more, those of BLAS; and on workers."""
        products = max(self.multiplications / kind.multiplications, self.weights / kind.memory)  # read meanwhile
        rest = self.bytes / kind.bytes + self.calls * CALL + self.stacked * STACKED
        helped = 1 if kind.cut_alone and not self.unshared and not self.whole else 1 + HELP * (threads - 1)
        alone = products / helped + rest
        if self.unshared:
            return alone, alone + WAKE
        return alone, (products * (CUT if self.whole else 1) + rest) / threads + WAKE


def product(rows: int, depth: int, columns: int, itemsize: int, start: int = 8) -> float:
    """Multiplications, with those that BLAS could have done while it starts a product, and fills its registers."""
    return (rows + 4) * (depth + start) * (columns + 8) * itemsize / 4
