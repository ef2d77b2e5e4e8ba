"""Sizes and positions of the transposed convolution: integers only, no arrays.

Every framework's padding rule ends in the same two integers per axis, the *crop*: how much of the full output is cut
from its beginning and from its end.  Symbols are those of Dumoulin & Visin (arXiv:1603.07285).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from deconvlib.arguments import (
    MOST_AXES,
    at_least_one,
    briefly,
    ceil_div,
    check_count,
    count_axes,
    entries,
    integer,
    pair,
    per_axis,
)
from deconvlib.names import own_words, samples

C = TypeVar("C")


def _own_words_class(cls: type[C]) -> type[C]:
    type.__setattr__(cls, "__init__", own_words(cls.__init__))
    return cls


@_own_words_class
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
            object.__setattr__(self, name, at_least_one(name, getattr(self, name)))
        object.__setattr__(self, "crop", pair("crop", self.crop))
        if self.output_size < 1:
            raise ValueError(
                f"crop must leave at least one of the {samples(self.full_size)} of the full output, "
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
    @own_words
    def of_convolution(
        cls, size: int, kernel_size: int, stride: int = 1, dilation: int = 1, padding: tuple[int, int] = (0, 0)
    ) -> Axis:
        """The axis whose *forward* convolution takes `size` samples, padded by (begin, end).

            i = floor((o + pb + pe - ke) / s) + 1        cb = pb        ce = pe - (o + pb + pe - ke) mod s

        The remainder is what the last step of the convolution did not reach.  It is the output padding that brings the
        transposed convolution back to `size` (relationship 14 of Dumoulin & Visin).
        """
        one = cls(1, kernel_size, stride, dilation)  # checks the arguments
        size, (begin, end) = at_least_one("size", size), pair("padding", padding)
        room = size + begin + end - one.span
        if room < 0:
            raise ValueError(
                f"the kernel must fit into the padded input: its span is {one.span} and the input has {samples(size)} "
                f"padded by {(begin, end)}; pad more, or take a smaller kernel or dilation"
            )
        steps, unreached = divmod(room, one.stride)
        return replace(one, input_size=steps + 1, crop=(begin, end - unreached))

    def meets(self, tap: int) -> range:
        """The input samples j that meet a tap inside of the output:  0 <= s j + d t - cb < o."""
        nearest = self.crop[0] - self.dilation * integer("tap", tap)
        first = max(ceil_div(nearest, self.stride), 0)
        last = min((nearest + self.output_size - 1) // self.stride, self.input_size - 1)
        return range(first, max(last + 1, first))

    def unit_stride(self) -> Axis:
        """The same output from an input with s - 1 zeros between its samples; what is left has stride 1."""
        return replace(self, input_size=self.stride * (self.input_size - 1) + 1, stride=1)

    def phases(self) -> Iterator[tuple[slice, slice, Axis | None]]:
        """The stride-1 axes hidden in this one: for each residue modulo s (output samples, taps, axis).

        Output samples  r, r + s, r + 2 s, ...  read only the taps t with  d t = r + cb  (mod s).  These lie s / g apart
        and step through the input by d / g, g = gcd(s, d).  The axis is None where no tap reaches the phase.
        """
        g = math.gcd(self.stride, self.dilation)
        every = self.stride // g  # neighbouring taps of a phase lie so far apart
        inverse = pow(self.dilation // g, -1, every)
        for r in range(min(self.stride, self.output_size)):
            samples = slice(r, None, self.stride)
            reached = r + self.crop[0]
            first = reached // g * inverse % every  # the smallest t >= 0 with  d t = r + cb  (mod s)
            if reached % g or first >= self.kernel_size:
                yield samples, slice(0), None
                continue
            taps = slice(first, None, every)
            axis = Axis(self.input_size, ceil_div(self.kernel_size - first, every), 1, self.dilation // g)
            begin = (reached - self.dilation * first) // self.stride
            size = ceil_div(self.output_size - r, self.stride)
            yield samples, taps, replace(axis, crop=(begin, axis.full_size - begin - size))


@dataclass(frozen=True, init=False)
class Geometry:
    """The axes of a transposed convolution, outermost first; `Geometry.of` makes one from sizes.

    Each property of `Axis` is one of the geometry, too, with one entry an axis, as a tuple.

    - `groups`: into how many groups the channels are divided.  Functions that take a geometry take the groups from it,
      unless they are called with groups of their own.
    - `one_size`: whether the crop is right at this input size alone, because a call named its output size.

    Geometries that differ in `groups` or `one_size` alone are equal: their samples and taps meet in the same places.
    """

    axes: tuple[Axis, ...]
    groups: int = field(compare=False)
    one_size: bool = field(compare=False)

    def __init__(self, axes: Iterable[Axis], *sizes: object, groups: int = 1, one_size: bool = False) -> None:
        if sizes or not isinstance(axes, Iterable) or getattr(axes, "ndim", 1) == 0:
            raise TypeError(
                f"Geometry takes one Axis for each spatial axis, got {briefly((axes, *sizes))}; "
                "from sizes it is made by Geometry.of(input_size, kernel_size, stride, dilation, crop)"
            )
        axes = tuple(itertools.islice(axes, MOST_AXES + 1))
        if not axes or not all(isinstance(axis, Axis) for axis in axes):
            raise TypeError(
                f"Geometry takes one Axis for each spatial axis and at least one, got {briefly(axes)}; "
                "from sizes it is made by Geometry.of(input_size, kernel_size, stride, dilation, crop)"
            )
        check_count(len(axes))
        object.__setattr__(self, "axes", axes)
        object.__setattr__(self, "groups", at_least_one("groups", groups))
        if not isinstance(one_size, bool):
            raise TypeError(f"one_size must be True or False, got {briefly(one_size)}; leave it out for False")
        object.__setattr__(self, "one_size", one_size)

    def __repr__(self) -> str:
        parts = [f"{_times(self.input_size)} -> {_times(self.output_size)}", f"k={_one(self.kernel_size)}"]
        if self.stride != (1,) * len(self.axes):
            parts.append(f"s={_one(self.stride)}")
        if self.dilation != (1,) * len(self.axes):
            parts.append(f"d={_one(self.dilation)}")
        if self.crop != ((0, 0),) * len(self.axes):
            parts.append(f"crop={_one(self.crop)}")
        if self.groups > 1:
            parts.append(f"groups={self.groups}")
        return f"Geometry({', '.join(parts)})"

    @classmethod
    @own_words
    def of(
        cls,
        input_size: int | Sequence[int],
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] = 1,
        dilation: int | Sequence[int] = 1,
        crop: Sequence[int] | Sequence[Sequence[int]] = (0, 0),
        *,
        groups: int = 1,
    ) -> Geometry:
        """From one value an axis; a scalar (or one crop pair) stands for every axis.

        The number of axes is that of `input_size`, or that of `kernel_size` where `input_size` is a scalar.
        """
        axes = count_axes(input_size=input_size, kernel_size=kernel_size)
        return Layer(per_axis("kernel_size", kernel_size, axes), stride, dilation, crop, groups=groups).at(input_size)

    @property
    def layer(self) -> Layer:
        """What does not depend on the input size: the same kernel, stride, dilation and crop at every size."""
        return Layer(self.kernel_size, self.stride, self.dilation, self.crop, groups=self.groups)

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


@dataclass(frozen=True)
class Layer:
    """What a geometry keeps at every input size: kernel size, stride, dilation and crop, one entry an axis.

        Layer((3, 3), stride=2, crop=(0, 1)).at((8, 8))      ==  Geometry.of((8, 8), 3, 2, crop=(0, 1))

    A scalar (or one crop pair) stands for every axis; the number of axes is that of `kernel_size`, or where it is a
    scalar that of the first other argument that has one entry an axis.  Errors are those of Axis.
    """

    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    crop: tuple[tuple[int, int], ...]
    groups: int = field(compare=False)

    @own_words
    def __init__(
        self,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] = 1,
        dilation: int | Sequence[int] = 1,
        crop: Sequence[int] | Sequence[Sequence[int]] = (0, 0),
        *,
        groups: int = 1,
    ) -> None:
        axes = count_axes(kernel_size=kernel_size, stride=stride, dilation=dilation)
        columns = {"kernel_size": kernel_size, "stride": stride, "dilation": dilation}
        for name, column in columns.items():
            values = tuple(at_least_one(name, value) for value in per_axis(name, column, axes))
            object.__setattr__(self, name, values)
        crops = entries("crop", crop)
        if crops is None:
            raise ValueError(
                f"crop must be a pair (begin, end), got {briefly(crop)}; write (1, 1) to cut 1 from both ends"
            )
        if all(entries("crop", one) is None for one in crops):
            crops = (crops,) * axes
        if len(crops) != axes:
            raise ValueError(
                f"crop must have one (begin, end) pair for each of the {axes} axes, got {briefly(crop)}; "
                "one pair (begin, end) stands for every axis"
            )
        object.__setattr__(self, "crop", tuple(pair("crop", one) for one in crops))
        object.__setattr__(self, "groups", at_least_one("groups", groups))

    def cropped(self, crop: Sequence[tuple[int, int]]) -> Layer:
        """The same layer with another crop."""
        return Layer(self.kernel_size, self.stride, self.dilation, crop, groups=self.groups)

    def at(self, input_size: int | Sequence[int]) -> Geometry:
        """The geometry at an input size; a scalar stands for every axis.  ValueError where no output is left."""
        size = per_axis("input_size", input_size, len(self.kernel_size))
        rows = zip(size, self.kernel_size, self.stride, self.dilation, self.crop)
        return Geometry((Axis(*row) for row in rows), groups=self.groups)


def _times(size: tuple[int, ...]) -> str:
    return "x".join(map(str, size))


def _one(values: tuple[Any, ...]) -> Any:
    """One for all, where they are equal."""
    return values[0] if len(set(values)) == 1 else values
