"""Keras: `keras.ops.conv_transpose`, the layers `Conv1DTranspose` to `Conv3DTranspose`, and `keras.ops.conv`.

Kernels are (*k, out, in), which is deconvlib's own layout.  The rules are those of keras 3.15.1
(`keras/src/backend/common/backend_utils.py`), and were swept against its NumPy, JAX, PyTorch and TensorFlow backends.
"""

from __future__ import annotations

import numpy as np

from deconvlib.frameworks._call import (
    Call,
    covers,
    crop_text,
    dilate_text,
    group_count,
    groups_text,
    kernel_array,
    keywords,
    leftover,
    pairs,
    rows,
    with_zeros,
)
from deconvlib.geometry import Axis, Geometry
from deconvlib.padding import WORDS, forward, is_word, transposed

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
    word = _word(padding)
    table = rows(input_size, kernel_size, strides=strides, dilation_rate=dilation_rate, output_padding=output_padding)
    return Geometry(tuple(_axis(word, *row, f"axis {n}") for n, row in enumerate(table)))


def forward_geometry(input_size, kernel_size, strides=1, padding="valid", dilation_rate=1) -> Geometry:
    """The geometry whose forward direction is `keras.ops.conv` on an input of this size, n samples an axis.

    Its output_size is the forward convolution's input, n, and its input_size the forward convolution's output, i:

        valid   i = (n - ke) // s + 1,  cb = 0
        same    i = ceil(n / s),        cb = max((i - 1) s + ke - n, 0) // 2, the zeros at the begin
    """
    word = _word(padding)
    table = rows(input_size, kernel_size, strides=strides, dilation_rate=dilation_rate)
    return Geometry(tuple(forward(word, *row) for row in table))


def _word(padding) -> str:
    if not is_word(padding):
        raise ValueError(f"Keras takes padding='valid' or padding='same', got {padding!r}")
    return padding.lower()


def _axis(word: str, i: int, k: int, s: int, d: int, a: int | None, name: str = "axis 0") -> Axis:
    return transposed(word, Axis(i, k, s, d), a, name)


def call(geometry: Geometry, *, groups: int = 1) -> Call:
    """`keras.ops.conv_transpose`, with the padding and output_padding that leave least to crop.

    The code runs on every backend: "same" with an even kernel and output_padding=0, which TensorFlow refuses, is never
    chosen; groups, which Keras has not got, are split and concatenated; dilation is written out as zeros.
    """
    group_count(groups)
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
    for word in WORDS:
        inferred = Geometry(tuple(transposed(word, axis) for axis in wanted.axes))
        if all(map(covers, inferred.axes, wanted.axes)):
            yield inferred, word, None
    for word in WORDS:
        chosen = []
        for axis in wanted.axes:
            legal = range(1 - axis.span % 2 if word == "same" else 0, axis.stride)  # what TensorFlow takes too
            given = [(transposed(word, axis, a), a) for a in legal]
            chosen.append([(own, a) for own, a in given if covers(own, axis)][:1])
        if all(chosen):
            axes, output_padding = zip(*(first for (first,) in chosen))
            yield Geometry(axes), word, output_padding


def kernel(kernel, *, groups: int = 1) -> np.ndarray:
    """deconvlib's (*k, out / groups, in) is Keras's own; a new array."""
    return kernel_array(kernel, groups, -1).copy()


def from_kernel(array, *, groups: int = 1) -> np.ndarray:
    """Keras's (*k, out, in) is deconvlib's own; a new array."""
    return kernel_array(array, groups, -1).copy()
