"""PyTorch: `torch.nn.functional.conv_transpose1d` to `3d`, and the modules `torch.nn.ConvTranspose1d` to `3d`.

Kernels are (in, out / groups, *k).  The rules are those of torch 2.13, from its documentation and a sweep of its calls.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from deconvlib.frameworks._call import Call, crop_text, group_count, kernel_array, keywords, leftover, rows, with_zeros
from deconvlib.geometry import Axis, Geometry

__all__ = ["call", "from_kernel", "geometry", "kernel"]


def geometry(
    input_size, kernel_size, stride=1, padding=0, output_padding=0, groups=1, dilation=1, output_size=None
) -> Geometry:
    """The geometry of `torch.nn.functional.conv_transpose2d` (or 1d, 3d) with these arguments.

        cb = p,  ce = p - a        p the padding, a the output_padding; therefore  o = F - 2 p + a

    `output_size` is that of the modules' forward: it chooses a = output_size - (F - 2 p), which must be in 0 .. s - 1,
    and takes precedence over output_padding.  It may carry the batch and channel entries too, as in PyTorch.

    Raises ValueError unless padding >= 0,  0 <= output_padding < max(stride, dilation),  and some output is left.
    """
    group_count(groups)
    axes = []
    if output_size is not None and not isinstance(output_size, int):
        output_size = tuple(output_size)[-len(rows(input_size, kernel_size, stride=stride)) :]
    table = rows(
        input_size,
        kernel_size,
        stride=stride,
        dilation=dilation,
        padding=padding,
        output_padding=output_padding,
        output_size=output_size,
    )
    if len(table) > 3:
        raise ValueError(f"PyTorch has 1, 2 or 3 spatial axes in a transposed convolution, got {len(table)}")
    for n, (i, k, s, d, p, a, size) in enumerate(table):
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
                f"PyTorch needs some output: padding {p} cuts all {full} samples of axis {n}; "
                f"take a padding of at most {(full + a - 1) // 2}"
            )
        axes.append(Axis(i, k, s, d, (p, p - a)))
    return Geometry(tuple(axes))


def call(geometry: Geometry, *, groups: int = 1) -> Call:
    """`torch.nn.functional.conv_transpose`, with the padding and output_padding that leave least to crop.

    PyTorch has one padding for both sides, and output_padding takes from it at the end only.  What needs more is
    sliced off the result; zeros at the begin come from zeros around the input.
    """
    most = tuple(max(axis.stride, axis.dilation) - 1 for axis in geometry.axes)  # the largest output_padding
    zeros, inner = with_zeros(geometry, most)
    padding = tuple(min(axis.crop[0], axis.crop[1] + a) for axis, a in zip(inner.axes, most))
    arguments = {
        "stride": inner.stride,
        "padding": padding,
        "output_padding": tuple(max(p - axis.crop[1], 0) for p, axis in zip(padding, inner.axes)),
        "groups": group_count(groups),
        "dilation": inner.dilation,
    }
    crop = leftover(inner, _said(inner, arguments))
    said = keywords(arguments, padding=0, output_padding=0, groups=1, dilation=1)
    code = ["import torch", "import torch.nn.functional as F", ""]
    code += ["x, kernel = torch.as_tensor(x), torch.as_tensor(kernel)"]
    if zeros:  # F.pad takes the last axis first
        code += [f"x = F.pad(x, {tuple(n for pair in reversed(zeros) for n in pair)})"]
    code += [f"y = F.conv_transpose{len(inner.axes)}d(x, kernel, {said})", *crop_text(crop, channels_first=True)]
    return Call(arguments, crop, "\n".join(code) + "\n", zeros)


def _said(sizes: Geometry, arguments: dict[str, Any]) -> Geometry:
    """What these arguments say at the sizes of a geometry."""
    return geometry(sizes.input_size, sizes.kernel_size, **arguments)


def kernel(kernel, *, groups: int = 1) -> np.ndarray:
    """deconvlib's (*k, out / groups, in) as PyTorch's (in, out / groups, *k), a new array."""
    return np.moveaxis(kernel_array(kernel, groups, -1), (-1, -2), (0, 1)).copy()


def from_kernel(array, *, groups: int = 1) -> np.ndarray:
    """PyTorch's (in, out / groups, *k) as deconvlib's (*k, out / groups, in), a new array."""
    return np.moveaxis(kernel_array(array, groups, 0), (0, 1), (-1, -2)).copy()
