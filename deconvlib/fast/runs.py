"""What an axis computes: a few dense stride-1 correlations (polyphase components), whatever its stride and dilation.

Output sample o reads input sample j by tap t where  o + cb = s j + d t.  With the period  S = lcm(s, d)  the outputs
o = S q + r  of one residue r read, with every (S / d)-th tap, every (S / s)-th input: a correlation of stride 1.
Neighbouring residues often read the same inputs; such a *run* is one product with their taps side by side.

Kernel 4, stride 2 and crop 1 make two runs.  Output 2 q reads inputs q - 1 and q by taps 3 and 1, output 2 q + 1 reads
inputs q and q + 1 by taps 2 and 0.  Kernel 4, stride 4 and no crop make one: outputs 4 q to 4 q + 3 read input q.
Kernel 3 with dilation 2 makes two: outputs 2 q read inputs 2 q - 4, 2 q - 2 and 2 q, step 2 from origin 0; odd outputs
read odd inputs, from origin 1.
"""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import dataclass

from deconvlib.geometry import Axis

__all__ = ["Run", "runs"]


@dataclass(frozen=True)
class Run:
    """Output samples  period q + first + p,  q < periods,  p < len(taps), that read the same inputs.

    y[period q + first + p] = sum over u of  x[step (q + start + u) + origin] * kernel[taps[p][u]]
    """

    period: int
    first: int
    periods: int
    step: int
    origin: int
    start: int
    taps: tuple[tuple[int, ...], ...]  # for each residue, in the order of the inputs

    @property
    def length(self) -> int:
        """How many taps each output has."""
        return len(self.taps[0])


@functools.lru_cache(256)
def runs(axis: Axis) -> tuple[Run, ...]:
    """The runs of an axis.  Together they hold each output once; an output without taps is zero."""
    period = math.lcm(axis.stride, axis.dilation)
    residues = [_residue(axis, period, r) for r in range(min(period, axis.output_size))]
    found = []
    for (periods, origin, start, _), same in itertools.groupby(residues, key=lambda residue: residue[0]):
        _, members, taps = zip(*same)
        found.append(Run(period, members[0], periods, period // axis.stride, origin, start, taps))
    return tuple(found)


def _residue(axis: Axis, period: int, r: int) -> tuple[tuple[int, int, int, int], int, tuple[int, ...]]:
    """(periods, origin, start, number of taps), the residue, and its taps: those in one run share the first four."""
    reached = r + axis.crop[0]
    periods = len(range(r, axis.output_size, period))
    taps = tuple(t for t in range(axis.kernel_size) if (axis.dilation * t - reached) % axis.stride == 0)[::-1]
    if not taps:
        return (periods, 0, 0, 0), r, taps
    nearest = (reached - axis.dilation * taps[-1]) // axis.stride  # the input that the last of its taps meets
    shift, origin = divmod(nearest, period // axis.stride)
    return (periods, origin, shift - len(taps) + 1, len(taps)), r, taps
