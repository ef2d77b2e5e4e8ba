"""What an axis computes: a few dense stride-1 correlations, whatever its stride and dilation.

Output sample o reads input sample j by tap t where  o + cb = s j + d t.  With the period  S = lcm(s, d)  the outputs
o = S q + r  of one residue r read, with every (S / d)-th tap, every (S / s)-th input: a correlation of stride 1.
Neighbouring residues often read the same inputs; such a *run* is one product with their taps side by side.
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
    """Output samples  period q + first + p,  q < count,  p < len(taps), that read the same inputs.

    y[period q + first + p] = sum over u of  x[step (q + start + u) + origin] * kernel[taps[p][u]]
    """

    period: int
    first: int
    count: int
    step: int
    origin: int
    start: int
    taps: tuple[tuple[int, ...], ...]  # for each residue, in the order of the inputs

    @property
    def length(self) -> int:
        """How many taps each output has."""
        return len(self.taps[0])


@functools.lru_cache(1024)
def runs(axis: Axis) -> tuple[Run, ...]:
    """The runs of an axis.  Together they hold each output once; without taps it stays zero."""
    period = math.lcm(axis.stride, axis.dilation)
    step = period // axis.stride

    def residue(r):
        reached = r + axis.crop[0]
        meets = (t for t in range(axis.kernel_size) if (axis.dilation * t - reached) % axis.stride == 0)
        taps = tuple(meets)[::-1]
        shift, origin = divmod((reached - axis.dilation * taps[-1]) // axis.stride, step) if taps else (0, 0)
        return (len(range(r, axis.output_size, period)), origin, shift - len(taps) + 1, len(taps)), r, taps

    residues = map(residue, range(min(period, axis.output_size)))
    found = []
    for (count, origin, start, _), same in itertools.groupby(residues, lambda item: item[0]):
        _, members, taps = zip(*same)
        found.append(Run(period, members[0], count, step, origin, start, taps))
    return tuple(found)
