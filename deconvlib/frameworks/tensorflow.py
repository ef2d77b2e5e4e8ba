"""TensorFlow: `tf.nn.conv_transpose`, and `tf.nn.conv1d_transpose` to `conv3d_transpose`.

Kernels are (*k, out, in), which is deconvlib's own layout.  TensorFlow computes the input gradient of a forward
convolution, so the caller has to name the output size, and any size is legal from which the forward convolution makes
i samples again.  The rules are those of tensorflow 2.21, and were swept.
"""

from __future__ import annotations

from collections.abc import Iterable

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

__all__ = ["call", "from_kernel", "geometry", "kernel"]


def geometry(
    input_size, kernel_size, output_shape, strides, padding="SAME", data_format=None, dilations=None
) -> Geometry:
    """The geometry of `tf.nn.conv_transpose` with these arguments.

        VALID      cb = 0,                    legal where  (o - ke) // s + 1 = i,  that is  F <= o <= F + s - 1
        SAME       cb = max(F - o, 0) // 2,   legal where  ceil(o / s) = i
        explicit   cb = pad begin,            legal where  (o + begin + end - ke) // s + 1 = i

    output_shape, strides and dilations have one entry a spatial axis, or also those of batch and channels, which
    `data_format` ("NHWC" and so on; channels last where it is None) tells apart.  Explicit padding is TensorFlow's
    list of one pair for each of the four axes of a 2-D convolution.

    Raises ValueError for a size that is not legal, naming those that are, and for another padding.  (With oneDNN on,
    TensorFlow also takes VALID with i = 1 and  ke - s < o < ke.)
    """
    axes = len(rows(input_size, kernel_size))
    if axes > 3:
        raise ValueError(f"TensorFlow has 1, 2 or 3 spatial axes in a transposed convolution, got {axes}")
    space = slice(2, None) if data_format is not None and data_format.startswith("NC") else slice(1, -1)
    output_shape, strides, dilations = (
        tuple(v)[space] if isinstance(v, Iterable) and len(tuple(v)) == axes + 2 else v
        for v in (output_shape, strides, 1 if dilations is None else dilations)
    )
    pads = _pads(padding, axes, space)
    table = rows(input_size, kernel_size, strides=strides, dilations=dilations, output_shape=output_shape)
    return Geometry(tuple(_axis(n, pad, *row) for n, (pad, row) in enumerate(zip(pads, table))))


def _pads(padding, axes: int, space: slice) -> list:
    """One string or one pair a spatial axis."""
    if isinstance(padding, str):
        if padding not in ("SAME", "VALID"):
            raise ValueError(f"TensorFlow takes padding='SAME', 'VALID' or a list of pairs, got {padding!r}")
        return [padding] * axes
    pairs = [tuple(pair) for pair in padding]
    if axes != 2 or len(pairs) != 4 or any(len(pair) != 2 for pair in pairs):
        raise ValueError(
            "TensorFlow takes explicit padding for two spatial axes only, as one pair for each of the four axes, "
            f"got {padding!r}; use padding='VALID' and crop the result"
        )
    spatial = pairs[space]
    if min(map(min, pairs)) < 0 or sum(map(sum, pairs)) != sum(map(sum, spatial)):
        raise ValueError(f"TensorFlow needs explicit padding >= 0, and 0 on batch and channels, got {padding!r}")
    return spatial


def _axis(n: int, pad, i: int, k: int, s: int, d: int, o: int) -> Axis:
    full = Axis(i, k, s, d).full_size
    if pad == "SAME":
        begin, low, high = max(full - o, 0) // 2, (i - 1) * s + 1, i * s
    else:
        begin, end = (0, 0) if pad == "VALID" else pad
        low = max(full - begin - end, 1)
        high = full - begin - end + s - 1
    if not low <= o <= high:
        legal = f"between {low} and {high}" if low <= high else "of which there is none"
        raise ValueError(
            f"TensorFlow needs an output_shape {legal} on axis {n}, got {o}: the forward convolution (strides {s}, "
            f"padding {pad}) must make {i} samples of it again"
        )
    return Axis(i, k, s, d, (begin, full - begin - o))


def call(geometry: Geometry, *, groups: int = 1) -> Call:
    """`tf.nn.conv_transpose`, with the padding and output_shape that leave least to crop.

    With two spatial axes explicit padding says everything; with one or three, VALID or SAME and a slice.  The code runs
    on a plain CPU: groups, whose gradient TensorFlow has not got there, are split and concatenated, and dilation is
    written out as zeros.
    """
    group_count(groups)
    if len(geometry.axes) > 3:
        raise ValueError(f"TensorFlow has 1, 2 or 3 spatial axes in a transposed convolution, got {len(geometry.axes)}")
    zeros, inner = with_zeros(geometry, tuple(s - 1 for s in geometry.stride))
    native, padding = min(_choices(inner), key=lambda choice: sum(choice[0].output_size))
    arguments = {
        "output_shape": native.output_size,
        "strides": inner.stride,
        "padding": padding,
        "dilations": inner.dilation,
    }
    crop = leftover(inner, native)
    said = keywords({"strides": inner.stride, "padding": padding})
    size = ", ".join(map(str, native.output_size))
    one = f"tf.nn.conv_transpose({{}}, {{}}, (x.shape[0], {size}, kernel.shape[-2]), {said})"
    code = ["import tensorflow as tf", "", *dilate_text(inner, "tf.pad", "tf.gather")]
    if zeros:
        code += [f"x = tf.pad(x, {pairs(zeros)})"]
    code += groups_text(one, groups, "tf.split", "tf.concat")
    return Call(arguments, crop, "\n".join([*code, *crop_text(crop)]) + "\n", zeros)


def _choices(wanted: Geometry):
    """(geometry, padding) of every call that leaves nothing but a crop, simplest first."""
    for padding in ("VALID", "SAME"):
        chosen = []
        for axis in wanted.axes:
            i, k, s, d = axis.input_size, axis.kernel_size, axis.stride, axis.dilation
            first = axis.full_size if padding == "VALID" else (i - 1) * s + 1
            given = [_axis(0, padding, i, k, s, d, o) for o in range(first, first + s)]
            chosen.append([own for own in given if covers(own, axis)][:1])
        if all(chosen):
            yield Geometry(tuple(own for (own,) in chosen)), padding
    if len(wanted.axes) == 2:
        yield wanted, pairs([(begin, max(end, 0)) for begin, end in wanted.crop])


def kernel(kernel, *, groups: int = 1) -> np.ndarray:
    """deconvlib's (*k, out / groups, in) is TensorFlow's own; a new array."""
    return kernel_array(kernel, groups, -1).copy()


def from_kernel(array, *, groups: int = 1) -> np.ndarray:
    """TensorFlow's (*k, out, in) is deconvlib's own; a new array."""
    return kernel_array(array, groups, -1).copy()
