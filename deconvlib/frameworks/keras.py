"""Keras: `keras.ops.conv_transpose`, the layers `Conv1DTranspose` to `Conv3DTranspose`, and `keras.ops.conv`.

Kernels are (*k, out, in), which is deconvlib's own layout.  The rules are those of keras 3.15.1
(`keras/src/backend/common/backend_utils.py`), compared with thousands of calls of its NumPy, JAX,
PyTorch and TensorFlow backends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deconvlib.arguments import briefly, integer_or_none, per_axis
from deconvlib.checks import Array, check_data_format
from deconvlib.frameworks._call import (
    Call,
    Crop,
    Size,
    arrays,
    check_channels,
    compute,
    covers,
    crop_text,
    cut,
    dilate_text,
    from_kernel,
    groups_text,
    kernel,
    keywords,
    layer_of,
    leftover,
    most_within,
    pairs,
    size_text,
    spatial_axes,
    with_sizes,
    with_zeros,
)
from deconvlib.geometry import Axis, Geometry, Layer
from deconvlib.names import own_words
from deconvlib.padding import forward, is_word, transposed

__all__ = ["call", "conv_transpose", "forward_geometry", "from_kernel", "geometry", "kernel"]

NAMES = ("inputs", "kernel")
LAYOUT = "[batch, *space, in] and [*k, out, in]"


@own_words
@with_sizes
def geometry(
    input_size: Size,
    kernel_size: Size,
    strides: Size = 1,
    padding: str = "valid",
    output_padding: int | Sequence[int | None] | None = None,
    dilation_rate: Size = 1,
) -> Geometry:
    """The geometry of `keras.ops.conv_transpose` with these arguments.

        valid                     o = F + a,  cb = 0;                 a = None means max(ke, s) - ke
        same, output_padding None o = i s,    cb = max((ke - s) // 2, 0)
        same, output_padding a    o = (i - 1) s + ke % 2 + a,  cb = max((ke - ke % 2 - a) // 2, 0)

    Raises ValueError for another padding, where no output is left, and for an output_padding outside of
    0 .. strides - 1: that is the documented rule, and the layers enforce it; the op leaves it to its backend, of which
    TensorFlow refuses and the others answer.  The layers also refuse strides > 1 together with dilation_rate > 1, and
    None for one axis alone; `keras.ops.conv_transpose`, and this function, take both.
    """
    axes = spatial_axes("Keras", input_size, kernel_size)
    word = _word(padding)
    shown = per_axis("output_padding", output_padding, axes, integer_or_none)
    found = []
    for n, (row, a) in enumerate(zip(_rows(axes, input_size, kernel_size, strides, dilation_rate), shown)):
        found.append(transposed(word, Axis(*row), a, f"axis {n}"))
    return Geometry(found)


@own_words
def forward_geometry(
    input_size: Size, kernel_size: Size, strides: Size = 1, padding: str = "valid", dilation_rate: Size = 1
) -> Geometry:
    """The geometry whose forward direction is `keras.ops.conv` on an input of this size, n samples an axis.

    Its output_size is the forward convolution's input, n, and its input_size the forward convolution's output, i:

        valid   i = (n - ke) // s + 1,  cb = 0
        same    i = ceil(n / s),        cb = max((i - 1) s + ke - n, 0) // 2, the zeros at the beginning

    With a stride the crop depends on the input size.
    """
    axes = spatial_axes("Keras", input_size, kernel_size)
    word = _word(padding)
    found = [forward(word, *row) for row in _rows(axes, input_size, kernel_size, strides, dilation_rate)]
    return Geometry(found, one_size=any(axis.stride > 1 for axis in found))


def _word(padding: Any) -> str:
    if not is_word(padding):
        raise ValueError(
            f"Keras takes padding='valid' or padding='same', got {briefly(padding)}; "
            "numbers are taken by deconvlib.conv_transpose, and by the rules of PyTorch and ONNX"
        )
    return str(padding)


def _rows(axes: int, input_size: Any, kernel_size: Any, strides: Any, dilation_rate: Any) -> Iterator[Any]:
    """(input size, kernel size, stride, dilation) of each axis."""
    return zip(
        per_axis("input_size", input_size, axes),
        per_axis("kernel_size", kernel_size, axes),
        per_axis("strides", strides, axes),
        per_axis("dilation_rate", dilation_rate, axes),
    )


@own_words
def conv_transpose(
    inputs: ArrayLike,
    kernel: ArrayLike,
    strides: Size = 1,
    padding: str = "valid",
    output_padding: int | Sequence[int | None] | None = None,
    data_format: str | None = None,
    dilation_rate: Size = 1,
    *,
    bias: ArrayLike | None = None,
    method: str = "auto",
) -> Array:
    """`keras.ops.conv_transpose` on NumPy arrays, and the layers with a `bias`, with Keras's layouts and arguments.

    inputs [batch, *space, in], or [batch, in, *space] with data_format="channels_first"; kernel [*k, out, in];
    bias [out].  The result has the layout of the inputs.  `method` is one of `deconvlib.METHODS`.

    Raises ValueError or TypeError, as `geometry` does, and where the arrays don't fit.
    """
    check_data_format("channels_last" if data_format is None else data_format)
    x, w = arrays(NAMES, inputs, kernel, LAYOUT)
    first = data_format == "channels_first"
    x = np.moveaxis(x, 1, -1) if first else x
    check_channels(NAMES, x, x.shape[-1], w, w.shape[-1], LAYOUT)
    said = geometry(x.shape[1:-1], w.shape[:-2], strides, padding, output_padding, dilation_rate)
    result = compute(x, w, bias, said, method)
    return np.moveaxis(result, -1, 1) if first else result


def call(geometry: Geometry | Layer, *, groups: int | None = None) -> Call:
    """`keras.ops.conv_transpose`, with the padding and output_padding that leave least to crop.

    The code runs on every backend: "same" with an even kernel and output_padding=0, which TensorFlow refuses, is never
    chosen; groups, which Keras has not got, are split and concatenated; dilation is written out as zeros.
    """
    layer = layer_of(geometry, groups)
    spatial_axes("Keras", layer.kernel_size, layer.kernel_size)
    zeros, inner = with_zeros(layer, [s - 1 for s in layer.stride])
    native, padding, output_padding = min(_choices(inner), key=lambda choice: cut(inner, choice[0]))
    arguments = {
        "strides": inner.stride,
        "padding": padding,
        "output_padding": output_padding,
        "dilation_rate": inner.dilation,
    }
    crop = leftover(inner, native)
    said = keywords({**arguments, "dilation_rate": 1}, output_padding=None, dilation_rate=1)
    code = ["from keras import ops", "", *size_text(geometry), *dilate_text(inner, "ops.pad", "ops.take")]
    if zeros:
        code += [f"x = ops.pad(x, {pairs(zeros)})"]
    code += groups_text(f"ops.conv_transpose({{}}, {{}}, {said})", layer.groups, "ops.split", "ops.concatenate")
    return Call(arguments, crop, "\n".join([*code, *crop_text(crop)]) + "\n", zeros)


def _choices(wanted: Layer) -> Iterator[tuple[Layer, str, tuple[int, ...] | None]]:
    """(layer, padding, output_padding) of every call that leaves nothing but a crop, simplest first."""
    rows = list(zip(wanted.kernel_size, wanted.stride, wanted.dilation, wanted.crop))
    for word in ("valid", "same"):
        crops = [_crop(word, k, s, d, None) for k, s, d, _ in rows]
        if all(map(covers, crops, wanted.crop)):
            yield wanted.cropped(crops), word, None
    for word in ("valid", "same"):
        shown = [_output_padding(word, *row) for row in rows]
        if all(a < s for a, s in zip(shown, wanted.stride)):
            crops = [_crop(word, k, s, d, a) for (k, s, d, _), a in zip(rows, shown)]
            yield wanted.cropped(crops), word, tuple(shown)


def _crop(word: str, k: int, s: int, d: int, a: int | None) -> Crop:
    """The crop that a word means, which depends on no input size: so of two samples, where some output is left."""
    return transposed(word, Axis(2, k, s, d), a).crop


def _output_padding(word: str, k: int, s: int, d: int, crop: Crop) -> int:
    """The smallest output_padding whose crop stays within this one; it is legal where it is below the stride."""
    if word == "valid":
        return max(-crop[1], 0)
    span = d * (k - 1) + 1
    least = 1 - span % 2  # TensorFlow refuses 0 for an even span
    return max(span - span % 2 - most_within(crop), least)


def __dir__() -> list[str]:
    return __all__
