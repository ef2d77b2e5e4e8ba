"""JAX: `jax.lax.conv_transpose`, and `jax.lax.conv_general_dilated` for groups.

By default kernels are (*k, in, out) and are not turned around: JAX correlates the zero-filled input with the kernel as
it stands.  With transpose_kernel=True they are (*k, out, in), which is deconvlib's own layout.  The rules are those of
jax 0.10.2 (`jax/_src/lax/convolution.py`), and were swept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from deconvlib.frameworks._call import Call, group_count, kernel_array, rows
from deconvlib.geometry import Axis, Geometry

__all__ = ["call", "from_kernel", "geometry", "kernel"]


def geometry(
    input_size,
    kernel_size,
    strides,
    padding,
    rhs_dilation=None,
    transpose_kernel=False,
    use_consistent_padding=False,
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
    rhs_dilation = 1 if rhs_dilation is None else rhs_dilation
    table = rows(input_size, kernel_size, strides=strides, rhs_dilation=rhs_dilation)
    unit_stride = not use_consistent_padding and all(s == 1 for _, _, s, _ in table)
    pads = _pads(padding, [d * (k - 1) + 1 for _, k, _, d in table], unit_stride)
    axes = []
    for n, ((i, k, s, d), pad) in enumerate(zip(table, pads)):
        full = Axis(i, k, s, d)
        ke = full.span
        if pad in ("SAME", "VALID"):
            begin = max((ke - s) // 2, 0) if pad == "SAME" else 0
            end = full.full_size - begin - (i * s if pad == "SAME" else (i - 1) * s + max(ke, s))
        elif use_consistent_padding:
            begin, end = pad
        else:
            begin, end = ke - 1 - pad[0], ke - 1 - pad[1]
        if full.full_size - begin - end < 1:
            raise ValueError(
                f"padding {pad} leaves {full.full_size - begin - end} samples on axis {n} (JAX would answer with an "
                f"empty array, or raise); {'lower' if use_consistent_padding else 'raise'} the padding"
            )
        axes.append(Axis(i, k, s, d, (begin, end)))
    return Geometry(tuple(axes))


def _pads(padding, spans: list[int], unit_stride: bool) -> list:
    """One string or one pair an axis."""
    if padding in ("SAME", "VALID"):
        return [padding] * len(spans)
    if isinstance(padding, str):
        if not unit_stride or padding.upper() not in ("SAME", "SAME_LOWER", "VALID"):
            raise ValueError(f"JAX takes padding='SAME', padding='VALID' or one pair an axis, got {padding!r}")
        totals = [0 if padding.upper() == "VALID" else ke - 1 for ke in spans]
        pairs = [(total // 2, total - total // 2) for total in totals]
        return [pair[::-1] for pair in pairs] if padding.upper() == "SAME_LOWER" else pairs
    pairs = list(padding) if isinstance(padding, Iterable) else [padding]
    if len(pairs) != len(spans) or not all(isinstance(p, Iterable) and len(tuple(p)) == 2 for p in pairs):
        raise ValueError(
            f"JAX takes one (begin, end) pair for each of the {len(spans)} spatial axes, got {padding!r}; "
            "a scalar or a flat tuple is not enough"
        )
    return [tuple(pair) for pair in pairs]


def call(geometry: Geometry, *, groups: int = 1) -> Call:
    """One `jax.lax.conv_transpose`; with groups one `jax.lax.conv_general_dilated`, because the former has none.

    JAX says every geometry in one call: pads may be negative, and any number of axes is allowed.  On a CPU, jax 0.10.2
    aborts the process on a few legal calls, in XLA's simplifier: on 2 of 4,000 random ones with two axes.
    """
    group_count(groups)
    arguments = {"strides": geometry.stride, "padding": None, "rhs_dilation": geometry.dilation}
    explicit = tuple(tuple(axis.span - 1 - c for c in axis.crop) for axis in geometry.axes)
    for padding in ("SAME", "VALID", explicit):
        arguments["padding"] = padding
        if groups == 1 and _said(geometry, arguments) == geometry:
            break
    axes = "HWD"[: len(geometry.axes)] if len(geometry.axes) <= 3 else "".join(map(str, range(len(geometry.axes))))
    names = f"dimension_numbers=('N{axes}C', '{axes}IO', 'N{axes}C')"
    said = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    if groups > 1:
        said = said.replace("strides=", f"window_strides={(1,) * len(geometry.axes)}, lhs_dilation=")
        code = f"y = lax.conv_general_dilated(x, kernel, {said}, {names}, feature_group_count={groups})"
    else:
        code = f"y = lax.conv_transpose(x, kernel, {said}{'' if len(axes) <= 3 else ', ' + names})"
    return Call(arguments, None, f"from jax import lax\n\n{code}\n")


def _said(sizes: Geometry, arguments: dict[str, Any]) -> Geometry:
    """What these arguments say at the sizes of a geometry."""
    return geometry(sizes.input_size, sizes.kernel_size, **arguments)


def kernel(kernel, *, groups: int = 1, transpose_kernel: bool = False) -> np.ndarray:
    """deconvlib's (*k, out / groups, in) as JAX's (*k, in / groups, out), turned around; a new array.

    With transpose_kernel=True it stays as it is: JAX then turns it around itself (groups have no such call).
    """
    kernel = kernel_array(kernel, groups, -1)
    if transpose_kernel:
        return kernel.copy()
    return _regroup(np.flip(kernel, tuple(range(kernel.ndim - 2))), groups)


def from_kernel(array, *, groups: int = 1, transpose_kernel: bool = False) -> np.ndarray:
    """JAX's (*k, in / groups, out) as deconvlib's (*k, out / groups, in), turned around; a new array."""
    return kernel(array, groups=groups, transpose_kernel=transpose_kernel)  # it is its own inverse


def _regroup(kernel: np.ndarray, groups: int) -> np.ndarray:
    """(*k, a, groups b) to (*k, b, groups a): within each group the channel axes change places."""
    *size, a, gb = kernel.shape
    split = kernel.reshape(*size, a, groups, gb // groups)
    return split.swapaxes(-1, -3).reshape(*size, gb // groups, groups * a).copy()
