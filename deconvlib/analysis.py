"""What a geometry does to signals: the overlap of taps (the checkerboard), rank and null space, receptive fields."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from deconvlib.checks import check_kernel
from deconvlib.geometry import Axis, Geometry
from deconvlib.matrix import conv_matrix

__all__ = ["ReceptiveField", "even_kernel_size", "even_overlap", "null_space", "overlap", "rank", "receptive_field"]


def overlap(geometry: Geometry) -> np.ndarray:
    """How many pairs (input sample j, tap t) reach each output sample p: integers of shape output_size.

        overlap[p] = #{ (j, t) : s j + d t - cb = p }        the product over the axes in more dimensions

    Where it varies, a constant input gives a patterned output: the checkerboard (Odena et al., 2016,
    doi:10.23915/distill.00003).
    """
    return functools.reduce(np.multiply.outer, [_axis_overlap(axis) for axis in geometry.axes])


def _axis_overlap(axis: Axis) -> np.ndarray:
    counts = np.zeros(axis.output_size, np.int64)
    taps = axis.dilation * np.arange(axis.kernel_size)
    reached = np.add.outer(axis.stride * np.arange(axis.input_size), taps) - axis.crop[0]
    np.add.at(counts, reached[(reached >= 0) & (reached < axis.output_size)], 1)
    return counts


def even_overlap(geometry: Geometry) -> bool:
    """Whether each output sample is reached by equally many pairs, away from the borders: no checkerboard.

    It is even iff, on every axis, the stride divides the kernel size and shares no factor with the dilation,

        k mod s = 0    and    gcd(s, d) = 1        or s = 1,

    for the taps d t fall on the s phases of the output in turn: on all of them, equally often, or else on every
    gcd(s, d)-th only.
    """
    return all(_even(axis.kernel_size, axis.stride, axis.dilation) for axis in geometry.axes)


def _even(kernel_size: int, stride: int, dilation: int) -> bool:
    return kernel_size % stride == 0 and math.gcd(stride, dilation) == 1


def even_kernel_size(kernel_size: int, stride: int, dilation: int = 1) -> int:
    """The smallest kernel size, from `kernel_size` on, whose overlap is even: the next multiple of the stride.

    Raises ValueError where stride and dilation share a factor, for then there is none.
    """
    axis = Axis(1, kernel_size, stride, dilation)
    if math.gcd(axis.stride, axis.dilation) > 1:
        raise ValueError(
            f"an even overlap needs a stride and a dilation without a common factor, got {stride} and {dilation}; "
            "some output samples are reached by no tap, whatever the kernel size"
        )
    return math.ceil(axis.kernel_size / axis.stride) * axis.stride


def rank(kernel, geometry: Geometry) -> int:
    """The rank of C, that is how many independent numbers of a signal survive the convolution, or its transpose.

    kernel [*k, out, in].  By the singular values of the dense C in double precision: for small sizes.
    """
    return int(np.linalg.matrix_rank(_double_matrix(kernel, geometry)))


def null_space(kernel, geometry: Geometry, *, transpose: bool = False) -> np.ndarray:
    """An orthonormal basis of the signals that the convolution maps to zero, as one batch [n, *output_size, out].

    With `transpose=True` those that the transposed convolution maps to zero, [n, *input_size, in].  What lies in the
    null space of the convolution is exactly what its transpose can't produce, up to conjugation.
    By the singular values of the dense C in double precision: for small sizes.
    """
    matrix = _double_matrix(kernel, geometry)
    kernel = np.asarray(kernel)
    size, channels = (geometry.input_size, kernel.shape[-1]) if transpose else (geometry.output_size, kernel.shape[-2])
    matrix = matrix.T if transpose else matrix
    _, _, rows = np.linalg.svd(matrix)
    found = rows[np.linalg.matrix_rank(matrix) :].conj()
    return found.reshape(len(found), *size, channels)


def _double_matrix(kernel, geometry) -> np.ndarray:
    kernel = check_kernel(kernel, geometry)
    return conv_matrix(kernel.astype(np.result_type(kernel, np.float64)), geometry)


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
    layers = [tuple(layer) for layer in layers]
    _check_layers(layers)
    axes = len(layers[0][1].axes)
    return tuple(_axis_field([(kind, geometry.axes[axis]) for kind, geometry in layers]) for axis in range(axes))


def _axis_field(layers: list[tuple[str, Axis]]) -> ReceptiveField:
    steps = [Fraction(axis.stride) if kind == "conv" else Fraction(1, axis.stride) for kind, axis in reversed(layers)]
    jumps = [math.prod(steps[: n + 1]) for n in range(len(steps))]
    period = math.lcm(*(jump.denominator for jump in jumps))  # after so many samples every layer's phases come back
    fields = {p: field for p in range(period) if (field := _reads(layers, p))}
    if not fields:
        return ReceptiveField(0, jumps[-1], None)
    size = max(max(field) - min(field) + 1 for field in fields.values())
    offsets = [Fraction(min(field) + max(field), 2) - jumps[-1] * p for p, field in fields.items()]
    return ReceptiveField(size, jumps[-1], sum(offsets) / len(offsets))


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


def _check_layers(layers) -> None:
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
