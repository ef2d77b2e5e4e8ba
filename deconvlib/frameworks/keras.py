"""Keras: `keras.ops.conv_transpose`, the layers `Conv1DTranspose` to `Conv3DTranspose`, and `keras.ops.conv`.

Kernels are (*k, out, in), which is deconvlib's own layout.  The rules are those of keras 3.15.1
(`keras/src/backend/common/backend_utils.py`), and were swept against its NumPy, JAX, PyTorch and TensorFlow backends.
"""

from __future__ import annotations

import numpy as np

from deconvlib.frameworks._call import (
    Call,
    check_groups,
    check_kernel,
    covers,
    crop_text,
    dilate_text,
    groups_text,
    keywords,
    leftover,
    pairs,
    rows,
    with_zeros,
)
from deconvlib.geometry import Axis, Geometry

__all__ = ["call", "forward_geometry", "from_kernel", "geometry", "kernel"]


def geometry(input_size, kernel_size, strides=1, padding="valid", output_padding=None, dilation_rate=1) -> Geometry:
    """The geometry of `keras.ops.conv_transpose` with these arguments.

        valid                     o = F + a,  cb = 0;                 a = None means max(ke, s) - ke
        same, output_padding None o = i s,    cb = max((ke - s) // 2, 0)
        same, output_padding a    o = (i - 1) s + ke % 2 + a,  cb = max((ke - ke % 2 - a) // 2, 0)

    Raises ValueError for another padding, where no output is left, and for an output_padding outside of
    0 .. strides - 1: that is the documented rule, and the layers enforce it; the op leaves it to its backend, of which
    TensorFlow refuses and the others answer.  The layers also refuse strides > 1 together with dilation_rate > 1;
    `keras.ops.conv_transpose`, and this function, take both.
    """
    same = _is_same(padding)
    table = rows(input_size, kernel_size, strides=strides, dilation_rate=dilation_rate, output_padding=output_padding)
    return Geometry(tuple(_axis(n, same, *row) for n, row in enumerate(table)))


def forward_geometry(input_size, kernel_size, strides=1, padding="valid", dilation_rate=1) -> Geometry:
    """The geometry whose forward direction is `keras.ops.conv` on an input of this size, n samples an axis.

    Its output_size is the forward convolution's input, n, and its input_size the forward convolution's output, i:

        valid   i = (n - ke) // s + 1,  cb = 0
        same    i = ceil(n / s),        cb = max((i - 1) s + ke - n, 0) // 2, the zeros at the begin
    """
    same, axes = _is_same(padding), []
    for size, k, s, d in rows(input_size, kernel_size, strides=strides, dilation_rate=dilation_rate):
        span = Axis(size, k, s, d).span  # checks that all are positive
        zeros = max((-(-size // s) - 1) * s + span - size, 0) if same else 0
        axes.append(Axis.of_convolution(size, k, s, d, (zeros // 2, zeros - zeros // 2)))
    return Geometry(tuple(axes))


def _is_same(padding) -> bool:
    if not isinstance(padding, str) or padding.lower() not in ("valid", "same"):
        raise ValueError(f"Keras takes padding='valid' or padding='same', got {padding!r}")
    return padding.lower() == "same"


def _axis(n: int, same: bool, i: int, k: int, s: int, d: int, a: int | None) -> Axis:
    full = Axis(i, k, s, d)
    ke = full.span
    if a is not None and not 0 <= a < s:
        raise ValueError(
            f"Keras needs 0 <= output_padding < strides on every axis, got output_padding {a} and strides {s} "
            f"on axis {n}; leave output_padding at None, or take one below {s}"
        )
    if not same:
        begin, size = 0, full.full_size + (max(ke, s) - ke if a is None else a)
    elif a is None:
        begin, size = max((ke - s) // 2, 0), i * s
    else:
        begin, size = max((ke - ke % 2 - a) // 2, 0), (i - 1) * s + ke % 2 + a
    if size < 1:
        raise ValueError(
            f"Keras padding='same' with output_padding {a} leaves {size} samples on axis {n} (input_size {i}, "
            f"kernel span {ke}, strides {s}); leave output_padding at None"
        )
    return Axis(i, k, s, d, (begin, full.full_size - begin - size))


def call(geometry: Geometry, *, groups: int = 1) -> Call:
    """`keras.ops.conv_transpose`, with the padding and output_padding that leave least to crop.

    The code runs on every backend: "same" with an even kernel and output_padding=0, which TensorFlow refuses, is never
    chosen; groups, which Keras has not got, are split and concatenated; dilation is written out as zeros.
    """
    check_groups(groups)
    if len(geometry.axes) > 3:
        raise ValueError(f"Keras has 1, 2 or 3 spatial axes in a transposed convolution, got {len(geometry.axes)}")
    zeros, inner = with_zeros(geometry, tuple(s - 1 for s in geometry.stride))
    native, padding, output_padding = min(_choices(inner), key=lambda choice: sum(choice[0].output_size))
    arguments = {
        "strides": inner.stride,
        "padding": padding,
        "output_padding": output_padding,
        "dilation_rate": inner.dilation,
    }
    crop = leftover(inner, native)
    said = keywords({**arguments, "dilation_rate": 1}, output_padding=None, dilation_rate=1)
    code = ["from keras import ops", "", *dilate_text(inner, "ops.pad", "ops.take")]
    if zeros:
        code += [f"x = ops.pad(x, {pairs(zeros)})"]
    code += groups_text(f"ops.conv_transpose({{}}, {{}}, {said})", groups, "ops.split", "ops.concatenate")
    return Call(arguments, crop, "\n".join([*code, *crop_text(crop)]) + "\n", zeros)


def _choices(wanted: Geometry):
    """(geometry, padding, output_padding) of every call that leaves nothing but a crop, simplest first."""
    for same in (False, True):
        inferred = Geometry(tuple(_axis(n, same, *_row(axis), None) for n, axis in enumerate(wanted.axes)))
        if all(map(covers, inferred.axes, wanted.axes)):
            yield inferred, "same" if same else "valid", None
    for same in (False, True):
        chosen = []
        for axis in wanted.axes:
            legal = range(1 - axis.span % 2 if same else 0, axis.stride)  # what TensorFlow takes too
            given = [(_axis(0, same, *_row(axis), a), a) for a in legal]
            chosen.append([(own, a) for own, a in given if covers(own, axis)][:1])
        if all(chosen):
            axes, output_padding = zip(*(first for (first,) in chosen))
            yield Geometry(axes), "same" if same else "valid", output_padding


def _row(axis: Axis) -> tuple[int, int, int, int]:
    return axis.input_size, axis.kernel_size, axis.stride, axis.dilation


def kernel(kernel, *, groups: int = 1) -> np.ndarray:
    """deconvlib's (*k, out / groups, in) is Keras's own; a new array."""
    return check_kernel(kernel, groups, -1).copy()


def from_kernel(array, *, groups: int = 1) -> np.ndarray:
    """Keras's (*k, out, in) is deconvlib's own; a new array."""
    return check_kernel(array, groups, -1).copy()
