"""What the five frameworks share: the answer of `call`, and the few moves from which its text is put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from deconvlib.geometry import Axis, Geometry, ceil_div, integer, per_axis


@dataclass(frozen=True)
class Call:
    """How a framework says a geometry.

    arguments: the keyword arguments of the framework's function, as `geometry` of the same module takes them back.
    crop: one slice a spatial axis to take from the result, or None where the result is already right.
    zeros: one (begin, end) pair a spatial axis, the zeros to put around the input before the call, or None.
    code: Python text that says all of it.  It imports what it needs, reads `x` and `kernel` in the framework's own
    layout, and leaves the result in `y`.
    """

    arguments: dict
    crop: tuple[slice, ...] | None
    code: str
    zeros: tuple[tuple[int, int], ...] | None = None


def rows(input_size, kernel_size, **arguments) -> list[tuple]:
    """One row (input size, kernel size, *arguments) an axis; a scalar stands for every axis, None stays None."""
    columns = {"input_size": input_size, "kernel_size": kernel_size, **arguments}
    axes = next((len(tuple(v)) for v in columns.values() if isinstance(v, Iterable)), 1)
    values = [(None,) * axes if v is None else per_axis(name, v, axes) for name, v in columns.items()]
    return list(zip(*values))


def with_zeros(geometry: Geometry, reveal: tuple[int, ...]) -> tuple[tuple[tuple[int, int], ...] | None, Geometry]:
    """The same output from an input with zeros around it, so that the crop is >= 0 at the begin, >= -reveal at the end.

    Each zero sample at an end makes the full output s samples longer there, and all that it adds is zero.
    """
    zeros, axes = [], []
    for axis, most in zip(geometry.axes, reveal):
        begin = ceil_div(max(-axis.crop[0], 0), axis.stride)
        end = ceil_div(max(-axis.crop[1] - most, 0), axis.stride)
        crop = axis.crop[0] + axis.stride * begin, axis.crop[1] + axis.stride * end
        zeros.append((begin, end))
        axes.append(replace(axis, input_size=axis.input_size + begin + end, crop=crop))
    return (tuple(zeros) if any(map(any, zeros)) else None), Geometry(tuple(axes))


def leftover(wanted: Geometry, native: Geometry) -> tuple[slice, ...] | None:
    """The slices that are left to take when the framework's own crop is `native`; None where that is all."""
    if native == wanted:
        return None
    firsts = [axis.crop[0] - own.crop[0] for axis, own in zip(wanted.axes, native.axes)]
    return tuple(slice(first, first + size) for first, size in zip(firsts, wanted.output_size))


def covers(native: Axis, wanted: Axis) -> bool:
    """Whether a crop of `native` gives `wanted`."""
    return native.crop[0] <= wanted.crop[0] and native.crop[1] <= wanted.crop[1]


def keywords(arguments: dict, **defaults) -> str:
    """`name=value, ...` without the defaults; a tuple of equal integers is said by one of them."""
    short = {name: v[0] if isinstance(v, tuple) and len(set(v)) == 1 else v for name, v in arguments.items()}
    return ", ".join(f"{name}={v!r}" for name, v in short.items() if name not in defaults or v != defaults[name])


def pairs(zeros, *, channels_first: bool = False) -> list[list[int]]:
    """`zeros` with the (0, 0) of batch and channels."""
    outer = [[0, 0]] * (2 if channels_first else 1)
    return [*outer, *map(list, zeros), *([] if channels_first else [[0, 0]])]


def crop_text(crop, *, channels_first: bool = False) -> list[str]:
    """The line that takes the slices from y, or none."""
    if crop is None:
        return []
    return [f"y = y[{', '.join([':'] * (2 if channels_first else 1) + [f'{s.start}:{s.stop}' for s in crop])}]"]


def groups_text(one: str, groups: int, split: str, join: str) -> list[str]:
    """The lines that call `one`, a text with places for input and kernel, on every group, where it knows no groups."""
    if groups == 1:
        return [f"y = {one.format('x', 'kernel')}"]
    return [
        f"parts = zip({split}(x, {groups}, axis=-1), {split}(kernel, {groups}, axis=-1))",
        f"y = {join}([{one.format('a', 'k')} for a, k in parts], axis=-1)",
    ]


def dilate_text(geometry: Geometry, pad: str, take: str) -> list[str]:
    """The lines that write the zeros between the taps out, so that what is left has dilation 1.

    TensorFlow on a CPU has no dilation unless oneDNN is on, and even then not with explicit padding.
    """
    lines = []
    for n, axis in enumerate(geometry.axes):
        if axis.dilation > 1:
            k, d = axis.kernel_size, axis.dilation
            chosen = [k if t % d else t // d for t in range(axis.span)]  # entry k is the row of zeros
            one = [[0, int(n == m)] for m in range(len(geometry.axes) + 2)]
            lines.append(f"kernel = {take}({pad}(kernel, {one}), {chosen}, axis={n})")
    note = "# the zeros between the taps written out: not every device has dilation"
    return [note, *lines] if lines else []


def group_count(groups: int, name: str = "groups") -> int:
    """The number of groups, at least one."""
    if integer(name, groups) < 1:
        raise ValueError(
            f"{name} must be at least 1, got {groups}; 1 means that every input channel meets every output"
        )
    return integer(name, groups)


def kernel_array(kernel, groups: int, channels: int) -> np.ndarray:
    """The kernel as an array, whose axis `channels` holds all channels of one side and divides into the groups."""
    kernel = np.asarray(kernel)
    if kernel.ndim < 3:
        raise ValueError(f"a kernel has two channel axes and at least one spatial axis, got shape {kernel.shape}")
    if kernel.shape[channels] % group_count(groups):
        raise ValueError(
            f"groups must divide the {kernel.shape[channels]} channels on axis {channels} of a kernel of shape "
            f"{kernel.shape}, got {groups}"
        )
    return kernel
