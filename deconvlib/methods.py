"""One operation, several methods that must agree: the transposed convolution in a few lines each.

Every method takes inputs [batch, *space, in], a kernel [*k, out, in] and a Geometry, and returns
[batch, *output_size, out].  With C the matrix of the forward convolution, all of them compute  C.T @ inputs:

    y[s j + d t - cb]  +=  kernel[t] @ x[j]        for every input sample j and tap t,

where what falls outside of the output is cropped.
To add a method, write a function in this module, methods.py, and put `@method` above it.

NaN and infinity reach the outputs whose sums read them, and no others: in `scatter`, and in `fast`.  The other methods
multiply zeros that they wrote themselves, and zero times NaN is NaN.  In `matrix` a NaN sample reaches its whole image;
in `padded`, `fractional_stride` and `subpixel` a NaN in the kernel reaches outputs where its tap meets padding.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from deconvlib.arrays import correlate, insert_zeros, pad_or_crop, product, taps
from deconvlib.checks import Array, check_arrays, check_groups
from deconvlib.geometry import Geometry
from deconvlib.matrix import conv_matrix

Method = Callable[[Array, Array, Geometry], Array]
METHODS: dict[str, Method] = {}
"""Each method by its name: a function of (inputs, kernel, geometry)."""


def method(function: Method) -> Method:
    """Enter a method into METHODS, under its name, with its arguments checked."""
    compute = accumulate(function)

    @functools.wraps(function)
    def checked(inputs: Array, kernel: Array, geometry: Geometry) -> Array:
        return each_group(compute, *check_arrays(inputs, kernel, geometry), geometry)

    METHODS[function.__name__] = checked
    return checked


def each_group(function: Method, inputs: Array, kernel: Array, geometry: Geometry) -> Array:
    """Group g reads its share of the input channels and of the kernel's last axis; the results stand side by side."""
    if geometry.groups == 1:
        return function(inputs, kernel, geometry)
    check_groups(geometry.groups, inputs.shape[-1])
    one = replace(geometry, groups=1)
    shares = zip(np.split(inputs, geometry.groups, -1), np.split(kernel, geometry.groups, -1))
    return np.concatenate([function(x, w, one) for x, w in shares], -1)


def accumulate(function: Callable[..., Array]) -> Callable[..., Array]:
    """Floating point shorter than float32 is added up in float32, and rounded once."""

    @functools.wraps(function)
    def accumulated(inputs: Array, kernel: Array, *rest: Any) -> Array:
        dtype = np.result_type(inputs, kernel)
        wide = accumulator(dtype)
        if wide != dtype:
            inputs, kernel = inputs.astype(wide), kernel.astype(wide)
        return function(inputs, kernel, *rest).astype(dtype, copy=False)

    return accumulated


def accumulator(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype to add up in: float32 for shorter floating point, otherwise the dtype itself."""
    short = dtype.itemsize < 4 and dtype.name.startswith(("float", "bfloat"))
    return np.dtype(np.float32) if short else dtype


@method
def matrix(inputs: Array, kernel: Array, geometry: Geometry) -> Array:
    """Write the convolution as a matrix, and multiply by its transpose."""
    flat: Array = inputs.reshape(len(inputs), math.prod(inputs.shape[1:])) @ conv_matrix(kernel, geometry)
    return flat.reshape(len(inputs), *geometry.output_size, kernel.shape[-2])


@method
def padded(inputs: Array, kernel: Array, geometry: Geometry) -> Array:
    """Pad the input, turn the kernel around, and convolve.  This is for stride 1.

    The kernel is rotated by 180 degrees on its spatial axes, and its two channel axes change places.
    The padding is  ke - 1 - c  on each side; where that is negative, input is cropped.
    """
    if set(geometry.stride) != {1}:
        raise ValueError(f"padded needs stride 1 on every axis, got {geometry.stride}; use method='fractional_stride'")
    border = tuple((axis.span - 1 - axis.crop[0], axis.span - 1 - axis.crop[1]) for axis in geometry.axes)
    rotated = np.flip(kernel, tuple(range(len(border)))).swapaxes(-1, -2)
    return correlate(pad_or_crop(inputs, border), rotated, geometry.stride, geometry.dilation)


@method
def fractional_stride(inputs: Array, kernel: Array, geometry: Geometry) -> Array:
    """Insert stride - 1 zeros between input samples; what is left has stride 1."""
    return padded(insert_zeros(inputs, geometry.stride), kernel, geometry.unit_stride())


@method
def scatter(inputs: Array, kernel: Array, geometry: Geometry) -> Array:
    """Each input sample stamps a scaled copy of the kernel on the output; the crop cuts the margin away."""
    channels = kernel.shape[-2]
    full = np.zeros((len(inputs), *geometry.full_size, channels), np.result_type(inputs, kernel))
    for tap, samples in taps(geometry.input_size, geometry.kernel_size, geometry.stride, geometry.dilation):
        full[samples] += product(inputs, kernel[tap].T)
    return pad_or_crop(full, tuple((-begin, -end) for begin, end in geometry.crop))


@method
def subpixel(inputs: Array, kernel: Array, geometry: Geometry) -> Array:
    """Each phase of the output is a stride-1 transposed convolution with every s-th tap; interleave the phases."""
    out = np.zeros((len(inputs), *geometry.output_size, kernel.shape[-2]), np.result_type(inputs, kernel))
    phases = [tuple(axis.phases()) for axis in geometry.axes]
    for chosen in np.ndindex(*map(len, phases)):
        samples, kernel_taps, axes = zip(*(of_axis[r] for of_axis, r in zip(phases, chosen)))
        if None not in axes:  # a phase that no tap reaches stays zero
            out[(slice(None), *samples)] = padded(inputs, kernel[kernel_taps], Geometry(axes))
    return out


def convolve(inputs: Array, kernel: Array, geometry: Geometry) -> Array:
    """The forward convolution, C @ inputs: pad by the crop, and correlate.  The adjoint of every method.

    inputs [batch, *output_size, out], kernel [*k, out, in], the result [batch, *input_size, in].
    """
    return correlate(pad_or_crop(inputs, geometry.crop), kernel, geometry.stride, geometry.dilation)
