"""The checkerboard, counted: how many stamps reach each output sample, and when that is even."""

from __future__ import annotations

import functools
import math

import numpy as np

from deconvlib.arguments import ceil_div
from deconvlib.checks import Array, check_geometry
from deconvlib.geometry import Axis, Geometry


def overlap(geometry: Geometry) -> Array:
    """How many pairs (input sample j, tap t) reach each output sample p: integers of shape output_size.

        overlap[p] = #{ (j, t) : s j + d t - cb = p }        the product over the axes in more dimensions

    Where it varies, a constant input gives a patterned output: the checkerboard (Odena et al., 2016,
    doi:10.23915/distill.00003).
    """
    return functools.reduce(np.multiply.outer, [_axis_overlap(axis) for axis in check_geometry(geometry).axes])


def _axis_overlap(axis: Axis) -> Array:
    counts = np.zeros(axis.output_size, np.int64)
    if axis.input_size < axis.kernel_size:  # samples and taps may change places: the same pairs, in fewer steps
        axis = Axis(axis.kernel_size, axis.input_size, axis.dilation, axis.stride, axis.crop)
    for tap in range(axis.kernel_size):
        met = axis.meets(tap)
        if met:
            first = axis.stride * met.start + axis.dilation * tap - axis.crop[0]
            last = first + axis.stride * (met.stop - 1 - met.start)
            counts[first : last + 1 : axis.stride] += 1
    return counts


def even_overlap(geometry: Geometry) -> bool:
    """Whether each output sample is reached by equally many pairs, away from the borders.

    It is even iff, on every axis, the stride divides the kernel size and shares no factor with the dilation,

        k mod s = 0    and    gcd(s, d) = 1        or s = 1,

    for the taps d t fall on the s phases of the output in turn: on all of them, equally often, or else on every
    gcd(s, d)-th only.
    """
    return all(
        axis.kernel_size % axis.stride == 0 and math.gcd(axis.stride, axis.dilation) == 1
        for axis in check_geometry(geometry).axes
    )


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
    return ceil_div(axis.kernel_size, axis.stride) * axis.stride
