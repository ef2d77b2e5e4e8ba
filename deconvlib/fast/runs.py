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

    @property
    def begin(self) -> int:
        """The first input sample that is read; it may lie before the input."""
        return self.step * self.start + self.origin

    @property
    def end(self) -> int:
        """Behind the last input sample that is read."""
        return self.begin + self.step * (self.count + self.length - 2) + 1 if self.length else 0

    @property
    def tap(self) -> int:
        """The tap that meets the first."""
        return self.taps[0][0] if self.length else 0

    @property
    def spacing(self) -> int:
        """From one tap to the next, in the order of the inputs."""
        return self.taps[0][1] - self.taps[0][0] if self.length > 1 else 0


@functools.lru_cache(1024)
def runs(axis: Axis, single: bool = False) -> tuple[Run, ...]:
    """The runs of an axis, or its single residues.  Together they hold each output once; without taps it stays zero."""
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
    for ((count, origin, start, _), *_), same in itertools.groupby(residues, lambda item: item[: 1 + single]):
        _, members, taps = zip(*same)
        found.append(Run(period, members[0], count, step, origin, start, taps))
    return tuple(found)
