"""Sizes and positions of the transposed convolution: integers only, no arrays.

Every framework's padding rule ends in the same two integers per axis, the *crop*: how much of the full output is cut
from its beginning and from its end.  Symbols are those of Dumoulin & Visin (arXiv:1603.07285).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Axis:
    """One spatial axis of a transposed convolution.

    Input sample j and kernel tap t meet in output sample  s j + d t - cb.  Therefore

        span         ke = d (k - 1) + 1
        full_size    F  = s (i - 1) + ke
        output_size  o  = F - cb - ce

    Sizes are in samples.  `input_size` is the input of the *transposed* convolution.  A negative crop adds zeros.

    Raises ValueError when a size, stride or dilation is below 1 or the crop leaves nothing; TypeError when one is not
    an integer.
    """

    input_size: int  # i
    kernel_size: int  # k
    stride: int = 1  # s
    dilation: int = 1  # d
    crop: tuple[int, int] = (0, 0)  # (cb, ce)

    def __post_init__(self) -> None:
        for name in ("input_size", "kernel_size", "stride", "dilation"):
            value = integer(name, getattr(self, name))
            if value < 1:
                raise ValueError(f"{name} must be at least 1, got {value}")
            object.__setattr__(self, name, value)
        if not isinstance(self.crop, Sequence) or len(self.crop) != 2:
            raise ValueError(f"crop must be a pair (begin, end), got {self.crop!r}")
        object.__setattr__(self, "crop", tuple(integer("crop", c) for c in self.crop))
        if self.output_size < 1:
            raise ValueError(
                f"crop must leave at least one of the {self.full_size} samples of the full output, "
                f"got {self.crop}, which leaves {self.output_size}; crop less"
            )

    @property
    def span(self) -> int:
        """ke, the samples from the first tap to the last (the effective kernel size)."""
        return self.dilation * (self.kernel_size - 1) + 1

    @property
    def full_size(self) -> int:
        """F, every output sample that some tap reaches, and the gaps between them."""
        return self.stride * (self.input_size - 1) + self.span

    @property
    def output_size(self) -> int:
        """o, what the crop leaves of the full output."""
        return self.full_size - sum(self.crop)

    @classmethod
    def of_convolution(
        cls, size: int, kernel_size: int, stride: int = 1, dilation: int = 1, padding: tuple[int, int] = (0, 0)
    ) -> Axis:
        """The axis whose *forward* convolution takes `size` samples, padded by (begin, end).

            i = floor((o + pb + pe - ke) / s) + 1        cb = pb        ce = pe - (o + pb + pe - ke) mod s

        The remainder is what the last step of the convolution did not reach.  It is the output padding that brings the
        transposed convolution back to `size` (relationship 14 of Dumoulin & Visin).
        """
        one = cls(1, kernel_size, stride, dilation)  # checks the arguments
        room = integer("size", size) + sum(padding) - one.span
        if room < 0:
            raise ValueError(
                f"the kernel must fit into the padded input: its span is {one.span} and the input has {size} samples "
                f"padded by {tuple(padding)}; pad more, or take a smaller kernel or dilation"
            )
        steps, unreached = divmod(room, one.stride)
        return replace(one, input_size=steps + 1, crop=(padding[0], padding[1] - unreached))

    def unit_stride(self) -> Axis:
        """The same output from an input with s - 1 zeros between its samples; what is left has stride 1."""
        return replace(self, input_size=self.stride * (self.input_size - 1) + 1, stride=1)

    def phases(self) -> Iterator[tuple[slice, slice, Axis | None]]:
        """The stride-1 axes hidden in this one: for each residue modulo s (output samples, taps, axis).

        Output samples  r, r + s, r + 2 s, ...  read only the taps t with  d t = r + cb  (mod s).  These lie s / g apart
        and step through the input by d / g, g = gcd(s, d).  The axis is None where no tap reaches the phase.
        """
        g = math.gcd(self.stride, self.dilation)
        for r in range(min(self.stride, self.output_size)):
            reached = r + self.crop[0]
            first = next((t for t in range(self.kernel_size) if (self.dilation * t - reached) % self.stride == 0), None)
            samples, taps = slice(r, None, self.stride), slice(first, None, self.stride // g)
            if first is None:
                yield samples, slice(0), None
                continue
            axis = Axis(self.input_size, len(range(self.kernel_size)[taps]), 1, self.dilation // g)
            begin = (reached - self.dilation * first) // self.stride
            size = len(range(self.output_size)[samples])
            yield samples, taps, replace(axis, crop=(begin, axis.full_size - begin - size))


@dataclass(frozen=True)
class Geometry:
    """The axes of a transposed convolution, outermost first.  Each property gives one entry an axis, as a tuple."""

    axes: tuple[Axis, ...]

    def __post_init__(self) -> None:
        axes = tuple(self.axes)
        if not axes or not all(isinstance(axis, Axis) for axis in axes):
            raise TypeError(f"Geometry takes one Axis for each spatial axis and at least one, got {self.axes!r}")
        object.__setattr__(self, "axes", axes)

    @classmethod
    def of(
        cls,
        input_size: int | Sequence[int],
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] = 1,
        dilation: int | Sequence[int] = 1,
        crop: Sequence[int] | Sequence[Sequence[int]] = (0, 0),
    ) -> Geometry:
        """From one value an axis; a scalar (or one crop pair) stands for every axis.

        The number of axes is that of `input_size`, or of `kernel_size` where the former is a scalar.
        """
        axes = next((len(v) for v in (input_size, kernel_size) if isinstance(v, Iterable)), 1)
        one_for_all = all(not isinstance(c, Iterable) for c in crop)
        crops: list[Any] = [crop] * axes if one_for_all else list(crop)
        if len(crops) != axes:
            raise ValueError(f"crop must have one (begin, end) pair for each of the {axes} axes, got {crop!r}")
        columns = {"input_size": input_size, "kernel_size": kernel_size, "stride": stride, "dilation": dilation}
        rows = [per_axis(name, value, axes) for name, value in columns.items()]
        return cls(tuple(Axis(*row) for row in zip(*rows, map(tuple, crops), strict=True)))

    @property
    def input_size(self) -> tuple[int, ...]:
        return tuple(axis.input_size for axis in self.axes)

    @property
    def kernel_size(self) -> tuple[int, ...]:
        return tuple(axis.kernel_size for axis in self.axes)

    @property
    def stride(self) -> tuple[int, ...]:
        return tuple(axis.stride for axis in self.axes)

    @property
    def dilation(self) -> tuple[int, ...]:
        return tuple(axis.dilation for axis in self.axes)

    @property
    def crop(self) -> tuple[tuple[int, int], ...]:
        return tuple(axis.crop for axis in self.axes)

    @property
    def span(self) -> tuple[int, ...]:
        return tuple(axis.span for axis in self.axes)

    @property
    def full_size(self) -> tuple[int, ...]:
        return tuple(axis.full_size for axis in self.axes)

    @property
    def output_size(self) -> tuple[int, ...]:
        return tuple(axis.output_size for axis in self.axes)

    def unit_stride(self) -> Geometry:
        """Every axis with its zeros inserted, at stride 1."""
        return Geometry(tuple(axis.unit_stride() for axis in self.axes))


def integer(name: str, value: Any) -> int:
    """The value as an int, or a TypeError that names it."""
    if isinstance(value, bool):
        raise TypeError(f"{name} must be an integer, got {value!r}")
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, got {value!r}") from None


def integer_or_none(name: str, value: Any) -> int | None:
    """The value as an int, or None as it is."""
    return None if value is None else integer(name, value)


def per_axis(name: str, value: Any, axes: int, entry: Callable[[str, Any], Any] = integer) -> tuple[Any, ...]:
    """One integer an axis: a scalar stands for every axis."""
    if not isinstance(value, Iterable):
        return (entry(name, value),) * axes
    values = tuple(entry(name, v) for v in value)
    if len(values) != axes:
        raise ValueError(f"{name} must be one integer or one for each of the {axes} spatial axes, got {values}")
    return values


def ceil_div(a: int, b: int) -> int:
    """a / b, rounded up: ceil_div(7, 2) is 4."""
    return -(-a // b)
