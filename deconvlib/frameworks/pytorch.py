"""PyTorch: `torch.nn.functional.conv_transpose1d` to `3d`, and the modules `torch.nn.ConvTranspose1d` to `3d`.

Kernels are (in, out / groups, *k).  The rules are those of torch 2.13, from its documentation and a sweep of its calls.
"""

from __future__ import annotations

from deconvlib.frameworks._call import rows
from deconvlib.geometry import Axis, Geometry

__all__ = ["geometry"]


def geometry(
    input_size, kernel_size, stride=1, padding=0, output_padding=0, groups=1, dilation=1, output_size=None
) -> Geometry:
    """The geometry of `torch.nn.functional.conv_transpose2d` (or 1d, 3d) with these arguments.

        cb = p,  ce = p - a        p the padding, a the output_padding; therefore  o = F - 2 p + a

    `output_size` is that of the modules' forward: it chooses a = output_size - (F - 2 p), which must be in 0 .. s - 1,
    and takes precedence over output_padding.  It may carry the batch and channel entries too, as in PyTorch.

    Raises ValueError unless padding >= 0,  0 <= output_padding < max(stride, dilation),  and some output is left.
    """
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
