"""Reach: which input samples an output sample depends on, through a stack of layers."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from deconvlib.geometry import Axis, Geometry


@dataclass(frozen=True)
class ReceptiveField:
    """The input samples that an output sample depends on, along one axis and away from the borders.

    Output sample p looks at samples around  jump p + offset,  `size` of them from the first to the last.
    Through a transposed convolution the field can differ from phase to phase: `size` is the largest, and `offset` is
    right on average over the phases.  It is None where nothing reaches the output.
    """

    size: int
    jump: Fraction
    offset: Fraction | None


def receptive_field(layers: Iterable[tuple[str, Geometry]]) -> tuple[ReceptiveField, ...]:
    """The receptive field of a stack of layers, one `ReceptiveField` an axis.

        conv              sample j reads  s j + d t - cb            jump * s
        conv_transpose    sample p reads  (p + cb - d t) / s        jump / s        (where that is an integer)

    layers: ("conv", geometry) or ("conv_transpose", geometry), first layer first.  A conv goes from the geometry's
    output_size to its input_size.  The fields are found sample by sample, so that they are exact with dilation, with
    kernels shorter than the stride, and with phases that no tap reaches.

    Raises ValueError when there is no layer, one is named otherwise, or two sizes don't fit.
    For convolutions alone the closed form is in Araujo et al., 2019 (doi:10.23915/distill.00021).
    """
    layers = list(layers)
    _check_layers(layers)
    axes = len(layers[0][1].axes)
    return tuple(_axis_field([(kind, geometry.axes[axis]) for kind, geometry in layers]) for axis in range(axes))


def _axis_field(layers: list[tuple[str, Axis]]) -> ReceptiveField:
    steps = [Fraction(axis.stride) if kind == "conv" else Fraction(1, axis.stride) for kind, axis in reversed(layers)]
    jumps = list(itertools.accumulate(steps, operator.mul))
    period = math.lcm(*(jump.denominator for jump in jumps))  # after so many samples every layer's phases come back
    fields = {p: field for p in range(period) if (field := _reads(layers, p))}
    if not fields:
        return ReceptiveField(0, jumps[-1], None)
    size = max(max(field) - min(field) + 1 for field in fields.values())
    offsets = [Fraction(min(field) + max(field), 2) - jumps[-1] * p for p, field in fields.items()]
    return ReceptiveField(size, jumps[-1], sum(offsets, Fraction()) / len(offsets))


def _reads(layers: list[tuple[str, Axis]], sample: int) -> set[int]:
    """The input samples that an output sample reads, as if every signal went on without end."""
    samples = {sample}
    for kind, axis in reversed(layers):
        shifts = [axis.dilation * t - axis.crop[0] for t in range(axis.kernel_size)]
        if kind == "conv":
            samples = {axis.stride * p + shift for p in samples for shift in shifts}
        else:
            samples = {
                (p - shift) // axis.stride for p in samples for shift in shifts if (p - shift) % axis.stride == 0
            }
    return samples


def _check_layers(layers: Sequence[tuple[str, Geometry]]) -> None:
    if not layers:
        raise ValueError("receptive_field needs at least one layer: ('conv', geometry) or ('conv_transpose', geometry)")
    reached = None
    for number, (kind, geometry) in enumerate(layers):
        if kind not in ("conv", "conv_transpose"):
            raise ValueError(f"a layer must be ('conv', geometry) or ('conv_transpose', geometry), got {kind!r}")
        sizes = geometry.output_size, geometry.input_size
        takes, gives = sizes if kind == "conv" else reversed(sizes)
        if reached not in (None, takes):
            raise ValueError(f"layer {number} must take what the layer before it gives, {reached}; it takes {takes}")
        reached = gives
