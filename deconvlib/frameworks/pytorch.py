"""PyTorch: `torch.nn.functional.conv_transpose1d` to `3d`, and the modules `torch.nn.ConvTranspose1d` to `3d`.

Kernels are (in, out / groups, *k).  The rules are those of torch 2.14, from its documentation and thousands
of its calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deconvlib.arguments import briefly, entries, integer, per_axis
from deconvlib.checks import Array, as_array
from deconvlib.frameworks._call import (
    Call,
    Size,
    arrays,
    check_channels,
    compute,
    crop_text,
    kernel_array,
    keywords,
    layer_of,
    leftover,
    size_text,
    spatial_axes,
    with_sizes,
    with_zeros,
)
from deconvlib.geometry import Axis, Geometry, Layer
from deconvlib.names import own_words, samples

__all__ = ["call", "conv_transpose", "from_kernel", "geometry", "kernel"]

NAMES = ("input", "weight")
LAYOUT = "[batch, in, *space] and [in, out / groups, *k]"


@own_words
@with_sizes
def geometry(
    input_size: Size,
    kernel_size: Size,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
    output_size: Sequence[int] | None = None,
) -> Geometry:
    """The geometry of `torch.nn.functional.conv_transpose2d` (or 1d, 3d) with these arguments.

        cb = p,  ce = p - a        p the padding, a the output_padding; therefore  o = F - 2 p + a

    `output_size` is that of the modules' forward: it chooses a = output_size - (F - 2 p), which must be in 0 .. s - 1,
    and takes precedence over output_padding.  It may carry the batch and channel entries too, as in PyTorch.  It makes
    the crop depend on the input size.

    A tuple of length one stands for every axis, as in PyTorch; `groups` moves no sample, and `call` finds it again.

    Raises ValueError unless padding >= 0,  0 <= output_padding < max(stride, dilation),  and some output is left.
    """
    axes = spatial_axes("PyTorch", input_size, kernel_size)
    if isinstance(padding, str):
        word = briefly(padding)
        raise ValueError(
            f"PyTorch has no padding={word} in a transposed convolution, only integers; for Keras's meaning write "
            f"pytorch.call(keras.geometry(input_size, kernel_size, strides, padding={word})), or where k - s is "
            "even padding=(k - s) // 2"
        )
    shown = _output_size(output_size, axes)
    table = zip(
        per_axis("input_size", input_size, axes),
        per_axis("kernel_size", kernel_size, axes),
        _each("stride", stride, axes),
        _each("dilation", dilation, axes),
        _each("padding", padding, axes),
        _each("output_padding", output_padding, axes),
        (None,) * axes if shown is None else shown,
    )
    found = [_axis(n, *row) for n, row in enumerate(table)]
    return Geometry(found, groups=groups, one_size=shown is not None)


def _each(name: str, value: Any, axes: int) -> tuple[int, ...]:
    """One integer an axis; PyTorch takes a tuple of length one for all of them."""
    given = entries(name, value)
    if given is not None and len(given) == 1:
        return (integer(name, given[0]),) * axes
    return per_axis(name, value, axes)


def _output_size(value: Any, axes: int) -> tuple[int, ...] | None:
    """The spatial entries of an output_size, which may have those of batch and channels before them."""
    if value is None:
        return None
    given = entries("output_size", value)
    if given is None or len(given) not in (axes, axes + 2):
        raise ValueError(
            f"PyTorch needs output_size as a tuple of {axes} or {axes + 2} entries, got {briefly(value)}; "
            "write one for each spatial axis, such as skip.shape[2:]"
        )
    return per_axis("output_size", given[-axes:], axes)


def _axis(n: int, i: int, k: int, s: int, d: int, p: int, a: int, size: int | None) -> Axis:
    full = Axis(i, k, s, d).full_size
    if p < 0:
        raise ValueError(f"PyTorch needs padding >= 0, got {p} on axis {n}; add zeros to the result instead")
    if size is not None:
        a = size - (full - 2 * p)
        if not 0 <= a < s:
            raise ValueError(
                f"PyTorch needs output_size between {full - 2 * p} and {full - 2 * p + s - 1} on axis {n}, "
                f"got {size}; change padding, or crop the result"
            )
    if not 0 <= a < max(s, d):
        raise ValueError(
            f"PyTorch needs 0 <= output_padding < max(stride, dilation) = {max(s, d)} on axis {n}, got {a}; "
            "use less padding, or add zeros to the result"
        )
    if full - 2 * p + a < 1:
        raise ValueError(
            f"PyTorch needs some output: padding {p} leaves nothing of {samples(full)} on axis {n}; "
            f"take a padding of at most {(full + a - 1) // 2}"
        )
    return Axis(i, k, s, d, (p, p - a))


@own_words
def conv_transpose(
    input: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
    *,
    output_size: Sequence[int] | None = None,
    method: str = "auto",
) -> Array:
    """`torch.nn.functional.conv_transpose1d`, 2d and 3d on NumPy arrays, with PyTorch's layouts and arguments.

    input [batch, in, *space], or without batch as in PyTorch; weight [in, out / groups, *k]; bias [out];
    the result is [batch, out, *space'].  `output_size` is that of the modules, `method` one of `deconvlib.METHODS`.

    Raises ValueError or TypeError, as `geometry` does, and where the arrays don't fit.
    """
    x, w = as_array("input", input), as_array("weight", weight)
    batched = x.ndim == w.ndim
    x, w = arrays(NAMES, x if batched else x[None], w, LAYOUT)
    check_channels(NAMES, x, x.shape[1], w, w.shape[0], LAYOUT)
    said = geometry(x.shape[2:], w.shape[2:], stride, padding, output_padding, groups, dilation, output_size)
    result = compute(np.moveaxis(x, 1, -1), from_kernel(w, groups=groups), bias, said, method)
    result = np.moveaxis(result, -1, 1)
    return result if batched else result[0]


def call(geometry: Geometry | Layer, *, groups: int | None = None) -> Call:
    """`torch.nn.functional.conv_transpose`, with the padding and output_padding that leave least to crop.

    PyTorch has one padding for both sides, and output_padding takes from it at the end only.  What needs more is
    sliced off the result; zeros at the beginning come from zeros around the input.
    """
    layer = layer_of(geometry, groups)
    axes = spatial_axes("PyTorch", layer.kernel_size, layer.kernel_size)
    most = [max(s, d) - 1 for s, d in zip(layer.stride, layer.dilation)]  # the largest output_padding
    zeros, inner = with_zeros(layer, most)
    padding = tuple(min(begin, end + a) for (begin, end), a in zip(inner.crop, most))
    output_padding = tuple(max(p - end, 0) for p, (_, end) in zip(padding, inner.crop))
    native = inner.cropped([(p, p - a) for p, a in zip(padding, output_padding)])
    arguments = {
        "stride": inner.stride,
        "padding": padding,
        "output_padding": output_padding,
        "groups": layer.groups,
        "dilation": inner.dilation,
    }
    crop = leftover(inner, native)
    said = keywords(arguments, padding=0, output_padding=0, groups=1, dilation=1)
    code = ["import torch", "import torch.nn.functional as F", ""]
    code += ["x, kernel = torch.as_tensor(x), torch.as_tensor(kernel)"]
    code += size_text(geometry, channels_first=True)
    if zeros:  # F.pad takes the last axis first
        code += [f"x = F.pad(x, {tuple(n for pair in reversed(zeros) for n in pair)})"]
    code += [f"y = F.conv_transpose{axes}d(x, kernel, {said})", *crop_text(crop, channels_first=True)]
    return Call(arguments, crop, "\n".join(code) + "\n", zeros)


def kernel(kernel: ArrayLike, *, groups: int = 1) -> Array:
    """deconvlib's (*k, out / groups, in) as PyTorch's (in, out / groups, *k), a new array."""
    return np.moveaxis(kernel_array(kernel, groups, -1), (-1, -2), (0, 1)).copy()


def from_kernel(array: ArrayLike, *, groups: int = 1) -> Array:
    """PyTorch's (in, out / groups, *k) as deconvlib's (*k, out / groups, in), a new array."""
    return np.moveaxis(kernel_array(array, groups, 0), (0, 1), (-1, -2)).copy()


def __dir__() -> list[str]:
    return __all__
