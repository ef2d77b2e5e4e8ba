"""JAX: `jax.lax.conv_transpose`, and `jax.lax.conv_general_dilated` for groups.

By default kernels are (*k, in, out) and are not turned around: JAX correlates the zero-filled input with the kernel as
it stands.  With transpose_kernel=True they are (*k, out, in), which is deconvlib's own layout.  The rules are those of
jax 0.10.2 (`jax/_src/lax/convolution.py`), and were swept.
"""

from __future__ import annotations

from collections.abc import Iterable

from deconvlib.frameworks._call import rows
from deconvlib.geometry import Axis, Geometry

__all__ = ["geometry"]


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
