"""The definition itself: for each tap one product, and one sum.

    y[s j + d t - cb]  +=  kernel[t] @ x[j]

and for the forward convolution  y[j]  +=  x[s j + d t - cb] @ kernel[t].

No number meets a zero that was written for convenience.  So NaN and infinity reach the outputs whose sums read them,
and no others: a NaN in sample j those of its stamp, a NaN in tap t those where this tap meets a sample.  Whatever
another way cannot do with certainty is done again by this one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from deconvlib.arrays import product
from deconvlib.fast.cost import Cost, SizedLayer, effort
from deconvlib.fast.program import Job, Weights
from deconvlib.fast.ways import Way, Work
from deconvlib.geometry import Axis, Geometry

__all__ = ["Taps", "forward", "meet", "transposed"]


def meet(axis: Axis, tap: int) -> tuple[slice, slice]:
    """The samples that a tap brings to the output, and where: 0 and 1 to outputs 1 and 3 for tap 1 and stride 2."""
    samples = axis.meets(tap)
    begin = axis.stride * samples.start + axis.dilation * tap - axis.crop[0]
    outputs = slice(begin, begin + axis.stride * len(samples), axis.stride)
    return slice(samples.start, samples.stop), outputs


def _meetings(geometry: Geometry) -> Iterator[tuple[tuple[int, ...], tuple[slice, ...], tuple[slice, ...]]]:
    """(tap, samples, outputs) of each tap that brings something to the output."""
    for tap in np.ndindex(*geometry.kernel_size):
        samples, outputs = zip(*map(meet, geometry.axes, tap))
        if all(some.start < some.stop for some in samples):
            yield tap, (slice(None), *samples), (slice(None), *outputs)


def transposed(x: np.ndarray, kernel: np.ndarray, geometry: Geometry, groups: int, out: np.ndarray) -> None:
    """Write the transposed convolution of x into out."""
    out[...] = 0
    shares = zip(*(np.split(array, groups, -1) for array in (x, kernel, out)))
    for of_group, weights, total in shares:
        for tap, samples, outputs in _meetings(geometry):
            total[outputs] += product(of_group[samples], weights[tap].T)


def forward(x: np.ndarray, kernel: np.ndarray, geometry: Geometry, groups: int, out: np.ndarray) -> None:
    """Write the forward convolution of x [batch, *output_size, out] into out; kernel [*k, out / groups, in]."""
    out[...] = 0
    shares = zip(*(np.split(array, groups, -1) for array in (x, kernel, out)))
    for of_group, weights, total in shares:
        for tap, samples, outputs in _meetings(geometry):
            total[samples] += product(of_group[outputs], weights[tap])


class Taps(Way):
    name = "taps"

    def cost(self, layer: SizedLayer) -> Cost | None:
        geometry, size = layer.geometry, layer.dtype.itemsize
        samples, taps = math.prod(geometry.input_size) * layer.batch, math.prod(geometry.kernel_size)
        made = samples * (3 * layer.outputs + 2 * layer.inputs) * taps + math.prod(geometry.output_size) * layer.outputs
        done = effort(samples, layer.group_inputs, layer.group_outputs, size) * taps * layer.groups
        read = taps * layer.group_inputs * layer.outputs
        return Cost(
            multiplications=samples * read,
            whole=2 * done,  # every product and sum is written to memory that is fresh
            cut=math.inf,
            bytes=4 * made * size,
            calls=6 * taps * layer.groups,
            weights=read * size,
        )

    def weights(self, kernel: np.ndarray, work: Work) -> Weights:
        return {"kernel": [kernel]}

    def jobs(self, layer: SizedLayer, threads: int) -> list[Job]:
        return []

    def run(self, x: np.ndarray, out: np.ndarray, weights: Weights, work: Work) -> bool:
        transposed(x, weights["kernel"][0], work.layer.geometry, work.layer.groups, out)
        return True
