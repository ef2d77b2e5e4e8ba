"""First all products, then their sums (col2im): the kernel as it comes, for few output channels and for single calls.

    columns[t, j] = kernel[t] @ x[j],        y[o] = sum of columns[t, j] over all (t, j) with  s j + d t - cb = o

Tap t brings sample j to residue r of block j + q (bands.py).  So the taps that share q are added all at once, each to
its residue, q blocks further along a line of samples.  With kernel 4, stride 2 and crop 1 these are the taps 0; 1 and
2; 3: three sums for a line, nine for an image.

The channels come before the samples, a plane for each residue and channel, so that sums take long steps.
"""

from __future__ import annotations

import functools
import itertools
import math
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from deconvlib.fast.bands import Lines, bands, brought, writes
from deconvlib.fast.blas import Kind
from deconvlib.fast.cost import Cost, SizedLayer, effort
from deconvlib.fast.numbers import row_major, shares
from deconvlib.fast.program import BoundStep, Branch, Job, Program, Step, View, Weights, padding
from deconvlib.fast.ways import Way, Work, strides
from deconvlib.geometry import Axis

__all__ = ["Planes", "Sum", "reach", "sums"]

SCRATCH = 1 << 20  # bytes of columns, or of their sums, that a helper holds at a time
ALONE = 16 << 20  # and the calling thread, where the threads of BLAS share its products: whole ones are fast
SAMPLES = 16 << 20  # bytes of samples
START = 40  # multiplications of an output that BLAS could have done before the first


class Sum(NamedTuple):
    """What is added at once: these taps of these samples, to these residues and places."""

    taps: tuple[slice, ...]
    residues: tuple[slice, ...]
    samples: slice
    places: slice


def reach(axis: Axis) -> list[tuple[int, slice, slice]]:
    """(q, taps, their residues) of an axis, for each q that brings some sample to a block."""
    found = []
    for q, same in itertools.groupby(brought(axis), key=lambda met: met[1]):
        taps, _, residues = zip(*same)
        found.append((q, slice(taps[0], taps[-1] + 1), slice(residues[0], residues[-1] + 1, axis.dilation)))
    return found


def sums(lines: Lines) -> list[Sum]:
    """All additions, the largest first."""
    found = []
    for each in itertools.product(*map(reach, lines.geometry.axes)):
        moved, taps, residues = zip(*each)
        by = sum(q * step for q, step in zip(moved, lines.step))
        begin, end = max(0, by), min(lines.places, lines.samples + by)
        if begin < end:
            found.append(Sum(taps, residues, slice(begin - by, end - by), slice(begin, end)))
    return sorted(found, key=lambda one: -_size(one))


def _size(one: Sum) -> int:
    taps = math.prod(int(tap.stop - tap.start) for tap in one.taps)
    return taps * int(one.places.stop - one.places.start)


class Planes(Way):
    name = "planes"

    def _held(self, layer: SizedLayer, threads: int) -> float:
        """The part of the scratch memory that one place takes."""
        made = layer.outputs * max(map(math.prod, (layer.geometry.kernel_size, layer.geometry.stride)))
        return max(made / (ALONE if threads == 1 else SCRATCH), layer.inputs / SAMPLES) * layer.dtype.itemsize

    @staticmethod
    def _whole(layer: SizedLayer, lines: Lines) -> bool:
        """Whether the calling thread alone leaves its products whole."""
        taps = math.prod(layer.geometry.kernel_size)
        return layer.kind.wakes(taps * layer.group_outputs * layer.group_inputs * lines.samples, transposed=True)

    def cost(self, layer: SizedLayer) -> Cost | None:
        taps, residues = math.prod(layer.geometry.kernel_size), math.prod(layer.geometry.stride)
        inputs, columns, size, cost = layer.group_inputs, taps * layer.outputs, layer.dtype.itemsize, Cost()
        pack, (tall, wide) = layer.kind.pack, _block(inputs, layer.kind)
        for lines, _ in bands(layer, self._held(layer, 1), 1):
            moved = 2 * lines.samples * columns + 3 * lines.places * residues * layer.outputs
            far = layer.kind.far if lines.samples * columns * size > 4 * SCRATCH else 1
            done = effort(columns // layer.groups, inputs, lines.samples, size, START) * layer.groups
            cost += Cost(
                multiplications=columns * inputs * lines.samples,
                whole=done * (1 + 2 * pack / lines.samples) if self._whole(layer, lines) else math.inf,
                cut=done * layer.kind.transposed * (1 + pack / tall + pack / min(wide, lines.samples)),
                bytes=(moved * far + 2 * lines.samples * layer.inputs) * size,
                calls=10 + math.prod(len(reach(axis)) for axis in lines.geometry.axes),
                stacked=columns * lines.samples / (tall * wide),
                weights=columns * inputs * size,
            )
        return cost

    def weights(self, kernel: np.ndarray, work: Work) -> Weights:
        return {"kernel": [kernel.reshape(-1, work.layer.groups, work.layer.group_inputs).swapaxes(0, 1)]}

    def jobs(self, layer: SizedLayer, threads: int) -> list[Job]:
        program = functools.cache(partial(self._program, layer, threads))
        return [Job(program(lines), at) for lines, at in bands(layer, self._held(layer, threads), threads)]

    def _program(self, layer: SizedLayer, threads: int, lines: Lines) -> Program:
        geometry, outputs, size = lines.geometry, layer.group_outputs, layer.dtype.itemsize
        whole = threads == 1 and self._whole(layer, lines)
        block = None if whole else _block(layer.group_inputs, layer.kind)
        view = View((lines.sizes[0], *geometry.input_size, layer.inputs), 0, strides(layer)[0])
        sizes = (*lines.sizes, layer.inputs)
        pad = padding(view, sizes, (0,) * len(sizes), size)
        columns = (layer.groups, *geometry.kernel_size, outputs, lines.samples)
        total = (*lines.residues, layer.groups * outputs, *lines.blocks)
        steps: list[tuple[Step, tuple[int, ...]]] = [
            (partial(_columns, block, layer.group_inputs), columns),
            (partial(_added, layer.groups, sums(lines)), total),
        ]
        return Program(layer.dtype, view, pad, [Branch(steps, writes(layer, geometry, row_major(total, size), total))])


def _columns(block: tuple[int, int] | None, inputs: int, samples: np.ndarray, result: np.ndarray) -> BoundStep:
    """kernel @ x of each group: [groups, taps * out, in] by [groups, in, samples]."""
    groups = result.shape[0]
    samples = samples.reshape(-1, groups, inputs).transpose(1, 2, 0)
    result = result.reshape(groups, -1, result.shape[-1])
    _, rows, columns = result.shape
    tall, wide = block or (rows, columns)
    calls = []
    for up in _parts(rows, tall):
        high = shares(up.stop - up.start, tall)[0]
        for across in _parts(columns, wide):
            b, out = samples[..., across], result[:, up, across]
            long = shares(out.shape[2], wide)[0]
            b = b.reshape(groups, 1, inputs, -1, long).swapaxes(2, 3)
            calls.append((up, high, b, out.reshape(groups, -1, high, out.shape[2] // long, long).swapaxes(2, 3)))

    def run(weights: Weights) -> None:
        (kernel,) = weights["kernel"]
        for up, high, b, out in calls:
            np.matmul(kernel[:, up].reshape(groups, -1, 1, high, inputs), b, out=out)

    return run


def _block(inputs: int, kind: Kind) -> tuple[int, int]:
    """(rows of weights, samples) in one product: 12 and 32 for up to 2604 channels with BLAS of the kind "small"."""
    tall, wide = kind.block
    while tall * wide * inputs > kind.alone and tall * wide > 1:
        tall, wide = (tall, wide // 2) if wide >= tall else (tall // 2, wide)
    return tall, wide


def _parts(count: int, most: int) -> list[slice]:
    """Equal shares of at most `most`, together, and the rest."""
    size, number = shares(count, most)
    whole = size * number
    return [slice(0, whole)] + [slice(whole, count)] * (whole < count)


def _added(groups: int, additions: list[Sum], columns: np.ndarray, total: np.ndarray) -> BoundStep:
    """The sums [*residues, channels, places] of the columns [groups, *taps, out, samples]."""
    axes = columns.ndim - 3
    columns = np.moveaxis(columns, 0, axes)
    whole = total.reshape(*total.shape[:axes], groups, columns.shape[-2], -1)
    pairs = [(_some(whole, one.residues, one.places), _some(columns, one.taps, one.samples)) for one in additions]
    first = pairs.pop(0) if pairs and pairs[0][0].size == total.size else None

    def run(_: Weights) -> None:
        if first is None:
            total.fill(0)
        else:
            np.copyto(*first)
        for place, some in pairs:
            np.add(place, some, out=place)

    return run


def _some(array: np.ndarray, first: tuple[slice, ...], last: slice) -> np.ndarray:
    """A part of the first axes, and of the last."""
    index: tuple[Any, ...] = (*first, ..., last)
    view: np.ndarray = array[index]
    return view
