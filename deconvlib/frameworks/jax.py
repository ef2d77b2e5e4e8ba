"""JAX: `jax.lax.conv_transpose`, and `jax.lax.conv_general_dilated` for groups.

By default kernels are (*k, in, out) and are not turned around: JAX correlates the zero-filled input with the kernel as
it stands.  With transpose_kernel=True they are (*k, out, in), which is deconvlib's own layout.  The rules are those of
jax 0.10.2 (`jax/_src/lax/convolution.py`), compared with thousands of its calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deconvlib.arguments import briefly, count_axes, entries, integer, pair, per_axis
from deconvlib.checks import Array, check_flag
from deconvlib.frameworks._call import (
    Call,
    Crop,
    Size,
    arrays,
    check_channels,
    compute,
    crop_text,
    kernel_array,
    layer_of,
    leftover,
    size_text,
    with_sizes,
)
from deconvlib.geometry import Axis, Geometry, Layer
from deconvlib.names import own_words

__all__ = ["call", "conv_transpose", "from_kernel", "geometry", "kernel"]

NAMES = ("lhs", "rhs")
LAYOUT = "[batch, *space, in] and [*k, in, out], or [*k, out, in] with transpose_kernel=True"


@own_words
@with_sizes
def geometry(
    input_size: Size,
    kernel_size: Size,
    strides: Size,
    padding: str | Sequence[Sequence[int]],
    rhs_dilation: Size | None = None,
    transpose_kernel: bool = False,
    use_consistent_padding: bool = False,
) -> Geometry:
    """The geometry of `jax.lax.conv_transpose` with these arguments.

        SAME           o = i s,                    cb = max((ke - s) // 2, 0)
        VALID          o = (i - 1) s + max(ke, s), cb = 0
        pairs (a, b)   cb = ke - 1 - a,  ce = ke - 1 - b     they pad the zero-filled input
        pairs (a, b) and use_consistent_padding=True:  cb = a,  ce = b

    `transpose_kernel` says how the kernel is stored and changes no size.  At stride 1 on every axis JAX (without
    use_consistent_padding) also takes "SAME_LOWER" and any capitals, and then pads as a forward convolution of stride 1
    does: "valid" is the pair (0, 0), which is not what "VALID" means.

    Raises ValueError for another string, for anything but one pair an axis, and where no output is left.
    """
    check_flag("transpose_kernel", transpose_kernel)
    check_flag("use_consistent_padding", use_consistent_padding)
    axes = count_axes(input_size=input_size, kernel_size=kernel_size)
    table = [
        Axis(*row)
        for row in zip(
            per_axis("input_size", input_size, axes),
            per_axis("kernel_size", kernel_size, axes),
            per_axis("strides", strides, axes),
            per_axis("rhs_dilation", 1 if rhs_dilation is None else rhs_dilation, axes),
        )
    ]
    unit_stride = not use_consistent_padding and all(axis.stride == 1 for axis in table)
    pads = _pads(padding, [axis.span for axis in table], unit_stride)
    return Geometry([_axis(n, axis, pad, use_consistent_padding) for n, (axis, pad) in enumerate(zip(table, pads))])


def _axis(n: int, axis: Axis, pad: str | Crop, consistent: bool) -> Axis:
    """The axis with the crop that the padding means."""
    crop = _crop(axis.span, axis.stride, pad, consistent)
    size = axis.full_size - sum(crop)
    if size < 1:
        raise ValueError(
            f"padding {pad} leaves {size} samples on axis {n} (JAX would answer with an empty array, or raise); "
            f"{'lower' if consistent else 'raise'} the padding"
        )
    return replace(axis, crop=crop)


def _crop(span: int, stride: int, pad: str | Crop, consistent: bool = False) -> Crop:
    if pad == "SAME":
        begin = max((span - stride) // 2, 0)
        return begin, span - stride - begin
    if pad == "VALID":
        return 0, span - max(span, stride)
    begin, end = pair("padding", pad)
    return (begin, end) if consistent else (span - 1 - begin, span - 1 - end)


def _pads(padding: Any, spans: list[int], unit_stride: bool) -> Sequence[str | Crop]:
    """One string or one pair an axis."""
    if isinstance(padding, str) and padding in ("SAME", "VALID"):
        return [padding] * len(spans)
    if isinstance(padding, str):
        if not unit_stride or padding.upper() not in ("SAME", "SAME_LOWER", "VALID"):
            raise ValueError(
                f"JAX takes padding='SAME', padding='VALID' or one pair an axis, got {briefly(padding)}; "
                "words are in capitals unless every stride is 1"
            )
        totals = [0 if padding.upper() == "VALID" else span - 1 for span in spans]
        pairs = [(total // 2, total - total // 2) for total in totals]
        return [(end, begin) for begin, end in pairs] if padding.upper() == "SAME_LOWER" else pairs
    given = entries("padding", padding) or ()
    if len(given) != len(spans) or not all(len(entries("padding", one) or ()) == 2 for one in given):
        raise ValueError(
            f"JAX takes one (begin, end) pair for each of the {len(spans)} spatial axes, got {briefly(padding)}; "
            "a scalar or a flat tuple is not enough"
        )
    return [pair("padding", one) for one in given]


@own_words
def conv_transpose(
    lhs: ArrayLike,
    rhs: ArrayLike,
    strides: Size,
    padding: str | Sequence[Sequence[int]],
    rhs_dilation: Size | None = None,
    transpose_kernel: bool = False,
    use_consistent_padding: bool = False,
    *,
    method: str = "auto",
) -> Array:
    """`jax.lax.conv_transpose` on NumPy arrays, with JAX's arguments and the layouts that it has by default.

    lhs [batch, *space, in]; rhs [*k, in, out], not turned around, or [*k, out, in] with transpose_kernel=True; the
    result is [batch, *space', out].  `method` is one of `deconvlib.METHODS`.

    Raises ValueError or TypeError, as `geometry` does, and where the arrays don't fit.
    """
    x, w = arrays(NAMES, lhs, rhs, LAYOUT)
    check_flag("transpose_kernel", transpose_kernel)
    w = from_kernel(w, transpose_kernel=transpose_kernel)
    check_channels(NAMES, x, x.shape[-1], w, w.shape[-1], LAYOUT)
    said = geometry(
        x.shape[1:-1], w.shape[:-2], strides, padding, rhs_dilation, transpose_kernel, use_consistent_padding
    )
    return compute(x, w, None, said, method)


def call(geometry: Geometry | Layer, *, groups: int | None = None) -> Call:
    """One `jax.lax.conv_transpose`; with groups one `jax.lax.conv_general_dilated`, because the former has none.

    JAX says nearly every geometry in one call: pads may be negative, and any number of axes is allowed.  But with
    stride 1 on every axis and a negative pad at the beginning, jax 0.10.2 on a CPU returns numbers that are in no
    input, for some shapes: there the pad is 0, and the result is sliced.  On a CPU it also aborts the process on a few
    legal calls, in XLA's simplifier: on 2 of 4,000 random ones with two axes.
    """
    layer = layer_of(geometry, groups)
    padding, native = _padding(layer)
    crop = leftover(layer, native)
    arguments = {"strides": layer.stride, "padding": padding, "rhs_dilation": layer.dilation}
    axes = len(layer.kernel_size)
    names = "HWD"[:axes] if axes <= 3 else "".join(map(str, range(axes)))
    numbers = f"dimension_numbers=('N{names}C', '{names}IO', 'N{names}C')"
    if layer.groups > 1:
        said = f"window_strides={(1,) * axes}, lhs_dilation={layer.stride}, padding={padding!r}, "
        said += f"rhs_dilation={layer.dilation}, {numbers}, feature_group_count={layer.groups}"
        line = f"y = lax.conv_general_dilated(x, kernel, {said})"
    else:
        said = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
        line = f"y = lax.conv_transpose(x, kernel, {said}{'' if axes <= 3 else ', ' + numbers})"
    code = ["from jax import lax", "", *size_text(geometry), line, *crop_text(crop)]
    return Call(arguments, crop, "\n".join(code) + "\n")


def _padding(layer: Layer) -> tuple[str | tuple[Crop, ...], Layer]:
    """The padding that says most of the crop, and the layer that it says: a word where one fits."""
    spans = [d * (k - 1) + 1 for k, d in zip(layer.kernel_size, layer.dilation)]
    for word in ("SAME", "VALID"):
        crop = tuple(_crop(span, s, word) for span, s in zip(spans, layer.stride))
        if layer.groups == 1 and crop == layer.crop:
            return word, layer
    pads = [(span - 1 - begin, span - 1 - end) for span, (begin, end) in zip(spans, layer.crop)]
    if set(layer.stride) == {1}:
        pads = [(max(begin, 0), end) for begin, end in pads]
    native = [(span - 1 - begin, span - 1 - end) for span, (begin, end) in zip(spans, pads)]
    return tuple(pads), layer.cropped(native)


def kernel(kernel: ArrayLike, *, groups: int = 1, transpose_kernel: bool = False) -> Array:
    """deconvlib's (*k, out / groups, in) as JAX's (*k, in / groups, out), turned around; a new array.

    With transpose_kernel=True it stays as it is: JAX then turns it around itself (groups have no such call).
    """
    kernel = kernel_array(kernel, groups, -1)
    check_flag("transpose_kernel", transpose_kernel)
    if transpose_kernel:
        return kernel.copy()
    return _regroup(np.flip(kernel, tuple(range(kernel.ndim - 2))), integer("groups", groups))


def from_kernel(array: ArrayLike, *, groups: int = 1, transpose_kernel: bool = False) -> Array:
    """JAX's (*k, in / groups, out) as deconvlib's (*k, out / groups, in), turned around; a new array.

    With transpose_kernel=True it stays as it is, (*k, out, in).
    """
    return kernel(array, groups=groups, transpose_kernel=transpose_kernel)  # it is its own inverse


def _regroup(kernel: Array, groups: int) -> Array:
    """(*k, a, groups b) to (*k, b, groups a): within each group the channel axes change places."""
    *size, a, gb = kernel.shape
    split = kernel.reshape(*size, a, groups, gb // groups)
    return split.swapaxes(-1, -3).reshape(*size, gb // groups, groups * a).copy()


def __dir__() -> list[str]:
    return __all__
