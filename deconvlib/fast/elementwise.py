"""Groups of one input channel have no product: each sample is multiplied by weights of its own, and added up.

    y[s b + r] = sum over the taps of residue r of  kernel[t] * x[b - q],        s q + r = d t - cb

The taps of a residue are evenly spaced, and so are their q (bands.py).  So all that its blocks read is one strided view
of the samples in a line, and one call multiplies and adds.  Kernel 3, stride 2, no crop: output 2 b is the sum of
kernel[0] x[b] and kernel[2] x[b - 1], output 2 b + 1 is kernel[1] x[b]; for an image there are four calls.

A call is fast when its innermost loop is long.  So the weights of all channels are written down side by side, until
they fill a row of some thousand numbers, and the line of samples is cut into rows of that length.
"""

from __future__ import annotations

import functools
import itertools
import math
from functools import partial

import numpy as np

from deconvlib.fast.bands import Lines, bands, brought, residues, writes
from deconvlib.fast.cost import Cost, SizedLayer
from deconvlib.fast.numbers import bound, ceil_div, spacing
from deconvlib.fast.program import BoundStep, Branch, Job, Program, Step, View, Weights, padding
from deconvlib.fast.ways import Way, Work, strides
from deconvlib.geometry import Axis

__all__ = ["Elementwise", "phases", "repeats"]

SCRATCH = 4 << 20  # bytes of samples and sums held at a time: long calls keep two threads out of each other's way
ROW, WEIGHTS = 1 << 12, 1 << 20  # the most numbers in a row of weights, and in all of them


def repeats(layer: SizedLayer) -> int:
    """How often the weights are written down side by side, for as many places."""
    taps = math.prod(layer.geometry.kernel_size)
    return max(1, min(min(ROW, WEIGHTS // taps) // layer.outputs, Lines(layer.geometry, 1).places))


@functools.lru_cache(1024)
def phases(axis: Axis) -> list[tuple[list[int], list[int]]]:
    """(taps, their q) of each residue."""
    met = ([(t, q) for t, q, r in brought(axis) if r == residue] for residue in range(residues(axis)))
    return [([t for t, _ in some], [q for _, q in some]) for some in met]


class Elementwise(Way):
    name = "elementwise"

    def _held(self, layer: SizedLayer) -> float:
        """The part of the scratch memory that one place takes."""
        return (1 + math.prod(layer.geometry.stride)) * layer.outputs * layer.dtype.itemsize / SCRATCH

    def cost(self, layer: SizedLayer) -> Cost | None:
        taps, stride = math.prod(layer.geometry.kernel_size), math.prod(layer.geometry.stride)
        if layer.groups != layer.inputs or taps * layer.outputs > WEIGHTS:
            return None
        if layer.outputs == 1:  # it would walk from tap to tap
            return None
        cost, width = Cost(), repeats(layer) * layer.outputs
        for lines, _ in bands(layer, self._held(layer), 1):
            done, stored = lines.places * taps * (1 + 64 / width), 2 * lines.samples + 3 * lines.places * stride
            cost += Cost(
                multiplications=lines.places * taps * layer.outputs,
                bytes=(done + stored) * layer.outputs * layer.dtype.itemsize,
                calls=6 + 2 * stride,
            )
        return cost

    def weights(self, kernel: np.ndarray, work: Work) -> Weights:
        """[*k, places * channels], and the largest sum of absolute weights, which bounds every result."""
        *taps, _, _ = kernel.shape
        row = kernel.swapaxes(-1, -2).reshape(*taps, 1, work.layer.outputs)
        with np.errstate(over="ignore", invalid="ignore"):
            gain = np.asarray(np.abs(row).sum(tuple(range(len(taps)))).max())
        return {
            "kernel": [np.broadcast_to(row, (*taps, repeats(work.layer), work.layer.outputs)).reshape(*taps, -1)],
            "gain": [gain],
        }

    def jobs(self, layer: SizedLayer, threads: int) -> list[Job]:
        """Each band looks at its samples.  But where a thread has only one, whoever is early looks at all of them."""
        found, look = list(bands(layer, self._held(layer), threads)), layer.dtype.kind in "fc"
        apart = look and len(found) == threads > 1
        program = functools.cache(partial(self._program, layer, look and not apart))
        jobs = [Job(program(lines), at) for lines, at in found]
        if apart:
            numbers = layer.batch * math.prod(layer.geometry.input_size) * layer.inputs
            samples = View((numbers,), 0, (layer.dtype.itemsize,))
            jobs.append(Job(Program(layer.dtype, samples, None, [], _bounded), (0, 0)))
        return jobs

    def _program(self, layer: SizedLayer, look: bool, lines: Lines) -> Program:
        geometry, channels, size = lines.geometry, layer.outputs, layer.dtype.itemsize
        width = min(repeats(layer), lines.places) * channels
        rows = ceil_div(lines.places * channels, width)
        front = lines.most * channels
        behind = max(0, rows * width - (lines.samples + lines.least) * channels)
        image, *along, item = strides(layer)[0]
        # each input channel is read by the outputs of its group
        view = View(
            (lines.sizes[0], *geometry.input_size, layer.groups, layer.group_outputs), 0, (image, *along, item, 0)
        )
        sizes = (*lines.sizes, layer.groups, layer.group_outputs)
        pad = padding(view, sizes, (0,) * len(sizes), size, (front, behind))
        steps: list[tuple[Step, tuple[int, ...]]] = [(partial(_sums, lines, channels), (*lines.residues, rows, width))]
        total = (*lines.residues, channels, *lines.blocks)
        write = writes(layer, geometry, self._strides(total, rows * width, size), total)
        return Program(layer.dtype, view, pad, [Branch(steps, write)], _bounded if look else None, looked_at=False)

    @staticmethod
    def _strides(total: tuple[int, ...], residue: int, size: int) -> tuple[int, ...]:
        """Bytes from one to the next on each axis of [*residues, channels, n, *blocks], so many numbers a residue."""
        axes = len(total) // 2 - 1
        outer = (size * residue * math.prod(total[axis + 1 : axes]) for axis in range(axes))
        channels = total[axes]
        inner = (size * channels * math.prod(total[axis + 1 :]) for axis in range(axes + 1, len(total)))
        return (*outer, size, *inner)


def _bounded(samples: np.ndarray, weights: Weights) -> bool:
    """Whether no sum overflows; of weights that are not finite none is bounded."""
    (gain,) = weights["gain"]
    return bound(samples) * float(gain) < float(np.finfo(samples.dtype).max) / 4


def _sums(lines: Lines, channels: int, line: np.ndarray, total: np.ndarray) -> BoundStep:
    """The sums of each residue, from its taps and their q on each axis."""
    axes, place = len(lines.residues), channels * line.itemsize
    reads, weighs, makes = [*range(axes + 2)], [*range(axes), axes + 1], [axes, axes + 1]
    empty, calls = [], []
    for residue, met in zip(np.ndindex(*lines.residues), itertools.product(*map(phases, lines.geometry.axes))):
        part, (taps, moved) = total[residue], zip(*met)
        if not all(taps):
            empty.append(part)
            continue
        some = (*(slice(t[0], t[-1] + 1, spacing(t)) for t in taps), slice(part.shape[-1]))
        begin = lines.most - sum(q[0] * step for q, step in zip(moved, lines.step))
        steps = (*(-spacing(q) * step * place for q, step in zip(moved, lines.step)), *part.strides)
        windows: np.ndarray = np.ndarray((*map(len, taps), *part.shape), line.dtype, line, begin * place, steps)
        calls.append((windows, some, part))

    def run(weights: Weights) -> None:
        (kernel,) = weights["kernel"]
        for part in empty:
            part.fill(0)
        for windows, some, part in calls:
            np.einsum(windows, reads, kernel[some], weighs, makes, out=part)

    return run
