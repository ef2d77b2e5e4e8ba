"""Reach, through a stack of layers: which input samples an output sample depends on, and the other way round.

A stack is a sequence of ("conv", layer) and ("conv_transpose", layer), first layer first, each a `Layer` or a
`Geometry`.  A conv goes from the geometry's output_size to its input_size.

    conv              sample j reads  s j + d t - cb
    conv_transpose    sample p reads  (p + cb - d t) / s        where that is an integer

Positions count from the first sample of a signal.  With a `Layer` a signal goes on without end; with a `Geometry` it
ends.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from deconvlib.arguments import briefly, ceil_div, entries, integer
from deconvlib.geometry import Geometry, Layer

MOST = 4_000_000  # pairs of samples and taps that are followed in one layer

Stack = Sequence[tuple[str, Geometry | Layer]]


@dataclass(frozen=True)
class ReceptiveField:
    """The input samples that an output sample depends on, along one axis and away from the borders.

    Output sample p looks at samples around  jump p + offset,  `size` of them from the first to the last.
    Through a transposed convolution the field can differ from phase to phase: `size` is the largest, and `offset` is
    right on average over the phases.  The offset is None where no tap reaches the output at all.

    The offset says how input and output are aligned.  A layer of jump 1/s that is centered like a resized picture has
    1/(2 s) - 1/2: for stride 2 that is -1/4, as kernel size 4 with padding 1 has.
    """

    size: int
    jump: Fraction
    offset: Fraction | None


Span = tuple[float, float]  # the first and the last of the outputs that read something; both are integers or infinite
EVERYWHERE: tuple[Span, ...] = ((-math.inf, math.inf),)


@dataclass(frozen=True)
class _Phase:
    """Output samples  every n + first  for all integers n; each reads the samples  step n + b  for b in reads.

    reads: for each b the outputs that do so.  Others would do so by way of a sample that a signal between has not got.
    """

    every: int
    first: int
    step: int
    reads: dict[int, tuple[Span, ...]]

    def within(self, span: Span, low: int, high: int) -> range:
        """The n in low .. high whose output lies in the span."""
        first, last = span
        if first > -math.inf:
            low = max(low, ceil_div(int(first) - self.first, self.every))
        if last < math.inf:
            high = min(high, (int(last) - self.first) // self.every)
        return range(low, high + 1)


class _Step(NamedTuple):
    """A layer on one axis, with the sizes that it takes and gives where they are known."""

    kind: str
    kernel_size: int
    stride: int
    dilation: int
    begin: int  # the crop there
    takes: int | None
    gives: int | None


def receptive_field(layers: Stack) -> tuple[ReceptiveField, ...]:
    """The receptive field of a stack of layers, one `ReceptiveField` an axis.

    `layers` are pairs of "conv" or "conv_transpose" and a `Layer` or `Geometry`, the layer nearest to the input first.
    The crop is the padding; a pool counts as a "conv".  Sizes play no part, so a `Layer` is enough.

        down = ("conv", Layer(3, stride=2, crop=(1, 1)))
        receptive_field([down] * 3)     ==  (ReceptiveField(size=15, jump=8, offset=0),)

    Each layer changes the jump, which is 1 at the input:

        conv              jump * s
        conv_transpose    jump / s

    It is exact with dilation, with kernels shorter than the stride, and with phases that no tap reaches.

    Raises ValueError when there is no layer, one is named otherwise, or two sizes don't fit.
    For convolutions alone the closed form is in Araujo et al., 2019 (doi:10.23915/distill.00021).
    """
    free = [(kind, layer.layer if isinstance(layer, Geometry) else layer) for kind, layer in _checked(layers)]
    return tuple(_field(*_phases(steps)) for steps in _axes(free))


def _field(phases: list[_Phase], jump: Fraction) -> ReceptiveField:
    if not phases:
        return ReceptiveField(0, jump, None)
    ends = [(min(phase.reads), max(phase.reads)) for phase in phases]
    size = max(last - first + 1 for first, last in ends)
    offsets = [Fraction(first + last, 2) - jump * phase.first for phase, (first, last) in zip(phases, ends)]
    return ReceptiveField(size, jump, sum(offsets, Fraction()) / len(offsets))


def inputs_needed(layers: Stack, outputs: Any) -> tuple[range, ...]:
    """The range of input samples that a range of output samples needs, through a stack of layers; one range an axis.

    `layers` are as `receptive_field` takes them; `outputs` is a range or a pair (start, stop), or one of them an axis.
    The result starts with the first sample that some output reads and ends with the last; between them may be samples
    that none reads.

        double = ("conv_transpose", Layer(4, stride=2, crop=(1, 1)))
        inputs_needed([double], (100, 200))     ==  (range(49, 101),)

    Where a layer is a Geometry, its signals end where it says, and what lies beyond is zero: nothing reads it.
    """
    layers = _checked(layers)
    found = []
    for steps, wanted in zip(_axes(layers), _ranges("outputs", outputs, len(layers[0][1].kernel_size))):
        firsts, lasts = [], []
        for phase, read, span in _lanes(steps):
            low = ceil_div(wanted.start - phase.first, phase.every)
            high = (wanted.stop - 1 - phase.first) // phase.every
            places = phase.within(span, low, high)
            if places:
                firsts.append(phase.step * places[0] + read)
                lasts.append(phase.step * places[-1] + read)
        found.append(_hull(firsts, lasts))
    return tuple(found)


def outputs_touched(layers: Stack, inputs: Any) -> tuple[range, ...]:
    """The range of output samples that a range of input samples reaches, through a stack of layers; one range an axis.

    `inputs` is a range or a pair (start, stop), or one of them an axis.  See `inputs_needed`.
    """
    layers = _checked(layers)
    found = []
    for steps, given in zip(_axes(layers), _ranges("inputs", inputs, len(layers[0][1].kernel_size))):
        firsts, lasts = [], []
        for phase, read, span in _lanes(steps):
            low = ceil_div(given.start - read, phase.step)
            high = (given.stop - 1 - read) // phase.step
            places = phase.within(span, low, high)
            if places:
                firsts.append(phase.every * places[0] + phase.first)
                lasts.append(phase.every * places[-1] + phase.first)
        found.append(_hull(firsts, lasts))
    return tuple(found)


def _hull(firsts: list[int], lasts: list[int]) -> range:
    return range(min(firsts), max(lasts) + 1) if firsts else range(0)


def _lanes(steps: list[_Step]) -> Iterator[tuple[_Phase, int, Span]]:
    """Each phase with each b that it reads, and with the outputs that read it."""
    for phase in _phases(steps)[0]:
        for read, spans in phase.reads.items():
            for span in spans:
                yield phase, read, span


def _phases(steps: list[_Step]) -> tuple[list[_Phase], Fraction]:
    """Every phase of the output that reads something, and the jump from one output sample to the next.

    It goes from the last layer to the first.  A conv scales what is read; a transposed convolution splits a phase into
    those in which its taps fall on samples.  There are as many as taps that meet, however large a stride is.
    """
    phases = [_Phase(1, 0, 1, {0: EVERYWHERE})]
    jump = Fraction(1)
    for step in reversed(steps):
        k, s, d = step.kernel_size, step.stride, step.dilation
        shifts = range(-step.begin, d * k - step.begin, d)
        meetings = k * sum(len(phase.reads) for phase in phases)
        if meetings > MOST:
            raise ValueError(
                f"at most {MOST:,} pairs of samples and taps can be followed through a stack, got {meetings:,} in a "
                f"layer of kernel size {k}; take a shorter stack, or shorter kernels"
            )
        phases = _inside(phases, step.gives)
        if step.kind == "conv":
            jump *= s
            phases = [_scaled(phase, s, shifts) for phase in phases]
        else:
            jump /= s
            phases = [finer for phase in phases for finer in _split(phase, s, shifts)]
        phases = _inside(phases, step.takes)
    return phases, jump


def _scaled(phase: _Phase, s: int, shifts: range) -> _Phase:
    """The phase before a conv, whose output q reads  s q + shift."""
    reads: dict[int, list[Span]] = {}
    for read, spans in phase.reads.items():
        for shift in shifts:
            reads.setdefault(s * read + shift, []).extend(spans)
    return _Phase(phase.every, phase.first, phase.step * s, _joined(reads))


def _split(phase: _Phase, s: int, shifts: range) -> Iterator[_Phase]:
    """The phases n = parts m + r in which  (step n + b - shift) / s  is an integer for some b and shift."""
    common = math.gcd(phase.step, s)
    parts = s // common
    inverse = pow(phase.step // common, -1, parts)
    reads: dict[int, dict[int, list[Span]]] = {}
    for (read, spans), shift in itertools.product(phase.reads.items(), shifts):
        if (shift - read) % common == 0:
            r = (shift - read) // common * inverse % parts
            before = (phase.step * r + read - shift) // s
            reads.setdefault(r, {}).setdefault(before, []).extend(spans)
    for r, found in sorted(reads.items()):
        yield _Phase(phase.every * parts, phase.first + phase.every * r, phase.step * parts // s, _joined(found))


def _joined(reads: dict[int, list[Span]]) -> dict[int, tuple[Span, ...]]:
    """Outputs that read the same sample by several ways are said once."""
    return {read: _union(spans) for read, spans in reads.items()}


def _union(spans: list[Span]) -> tuple[Span, ...]:
    if spans[0] == EVERYWHERE[0]:
        return EVERYWHERE
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return tuple(found)


def _inside(phases: list[_Phase], size: int | None) -> list[_Phase]:
    """The phases without what would be read before a signal begins, or after it ends."""
    if size is None:
        return phases
    found = []
    for phase in phases:
        reads = {}
        for read, spans in phase.reads.items():
            low = phase.every * ceil_div(-read, phase.step) + phase.first
            high = phase.every * ((size - 1 - read) // phase.step) + phase.first
            both = [(max(first, low), min(last, high)) for first, last in spans]
            reads[read] = tuple(span for span in both if span[0] <= span[1])
        reads = {read: spans for read, spans in reads.items() if spans}
        if reads:
            found.append(_Phase(phase.every, phase.first, phase.step, reads))
    return found


def _checked(layers: Any) -> list[tuple[str, Geometry | Layer]]:
    """The stack as a list, whose layers are what they should be and fit one another."""
    remedy = "write [('conv', layer), ('conv_transpose', layer)], each layer a deconvlib.Layer or Geometry"
    if isinstance(layers, (str, Geometry, Layer)) or entries("layers", layers) is None:
        raise TypeError(f"layers must be a list of pairs, got {briefly(layers)}; {remedy}")
    found: list[tuple[str, Geometry | Layer]] = []
    for number, one in enumerate(layers):
        if not isinstance(one, (tuple, list)) or len(one) != 2:
            raise TypeError(f"layer {number} must be a pair, got {briefly(one)}; {remedy}")
        kind, layer = one
        if kind not in ("conv", "conv_transpose"):
            raise ValueError(
                f"a layer must be ('conv', geometry) or ('conv_transpose', geometry), got {briefly(kind)}; {remedy}"
            )
        if not isinstance(layer, (Geometry, Layer)):
            raise TypeError(f"layer {number} must have a deconvlib.Layer or Geometry, got {layer!r}; {remedy}")
        found.append((kind, layer))
    if not found:
        raise ValueError(f"layers must have one layer at least, got {briefly(layers)}; {remedy}")
    for number, ((_, before), (_, layer)) in enumerate(itertools.pairwise(found), start=1):
        if len(layer.kernel_size) != len(before.kernel_size):
            raise ValueError(
                f"layer {number} must have as many axes as the layer before it, {len(before.kernel_size)}, got "
                f"{len(layer.kernel_size)}; give each layer one kernel size an axis"
            )
        gives, takes = _sizes(found[number - 1])[1], _sizes(found[number])[0]
        if gives is not None and takes is not None and gives != takes:
            raise ValueError(
                f"layer {number} must take what the layer before it gives, {gives}; it takes {takes}; "
                "sizes that are not known are left out with deconvlib.Layer"
            )
    return found


def _sizes(layer: tuple[str, Geometry | Layer]) -> tuple[tuple[int, ...] | None, tuple[int, ...] | None]:
    """What a layer takes and what it gives, where that is known."""
    kind, geometry = layer
    if isinstance(geometry, Layer):
        return None, None
    both = geometry.input_size, geometry.output_size
    return both if kind == "conv_transpose" else both[::-1]


def _axes(layers: Any) -> list[list[_Step]]:
    """The stack of each axis."""
    checked = _checked(layers)
    stacks: list[list[_Step]] = [[] for _ in checked[0][1].kernel_size]
    for kind, layer in checked:
        takes, gives = _sizes((kind, layer))
        for axis, stack in enumerate(stacks):
            stack.append(
                _Step(
                    kind,
                    layer.kernel_size[axis],
                    layer.stride[axis],
                    layer.dilation[axis],
                    layer.crop[axis][0],
                    None if takes is None else takes[axis],
                    None if gives is None else gives[axis],
                )
            )
    return stacks


def _ranges(name: str, value: Any, axes: int) -> list[range]:
    """One range an axis, from a range or a pair, or from one of them an axis."""
    one_for_all = isinstance(value, range) or all(entries(name, one) is None for one in entries(name, value) or ())
    several = [value] * axes if one_for_all else list(value)
    if len(several) != axes:
        raise ValueError(
            f"{name} must be one range, or one for each of the {axes} axes, got {briefly(value)}; see range()"
        )
    found = []
    for one in several:
        both = (one.start, one.stop) if isinstance(one, range) else entries(name, one)
        if both is None or len(both) != 2 or (isinstance(one, range) and one.step != 1):
            raise ValueError(
                f"{name} must be a range or a pair (start, stop), got {briefly(one)}; write range(start, stop)"
            )
        found.append(range(integer(name, both[0]), integer(name, both[1])))
    return found
