"""TensorFlow: `tf.nn.conv_transpose`, and `tf.nn.conv1d_transpose` to `conv3d_transpose`.

Kernels are (*k, out, in), which is deconvlib's own layout.  TensorFlow computes the input gradient of a forward
convolution, so the caller has to name the output size, and any size is legal from which the forward convolution makes
i samples again.  The rules are those of tensorflow 2.21, compared with thousands of its calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deconvlib.arguments import briefly, entries, integer, pair, per_axis
from deconvlib.checks import Array
from deconvlib.frameworks._call import (
    Call,
    Crop,
    Size,
    arrays,
    at_size_of,
    check_channels,
    compute,
    crop_text,
    cut,
    dilate_text,
    from_kernel,
    groups_text,
    halves,
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
from deconvlib.names import own_words, samples

__all__ = ["call", "conv_transpose", "from_kernel", "geometry", "kernel"]

NAMES = ("input", "filters")
LAYOUT = "[batch, *space, in] and [*k, out, in]"

FORMATS = {1: ("NWC", "NCW"), 2: ("NHWC", "NCHW"), 3: ("NDHWC", "NCDHW")}


@own_words
@with_sizes
def geometry(
    input_size: Size,
    kernel_size: Size,
    output_shape: Size,
    strides: Size,
    padding: str | Sequence[Sequence[int]] = "SAME",
    data_format: str | None = None,
    dilations: Size | None = None,
) -> Geometry:
    """The geometry of `tf.nn.conv_transpose` with these arguments.

        VALID      cb = 0,                    legal where  (o - ke) // s + 1 = i,  that is  F <= o <= F + s - 1
        SAME       cb = max(F - o, 0) // 2,   legal where  ceil(o / s) = i
        explicit   cb = pad begin,            legal where  (o + begin + end - ke) // s + 1 = i

    output_shape, strides and dilations have one entry a spatial axis, or also those of batch and channels, which
    `data_format` ("NHWC" and so on; channels last where it is None) tells apart; strides and dilations are 1 there.
    One entry stands for every axis.  Explicit padding is TensorFlow's list of one pair for each of the four axes of a
    2-D convolution.

    The crop that comes out is kept at other input sizes: there output_shape is as much longer as the full output is.
    That is so where it is computed from the input, as with  o = i s;  with the same numbers TensorFlow refuses.

    Raises ValueError for a size that is not legal, naming those that are, and for another padding.  (With oneDNN on,
    TensorFlow also takes VALID with i = 1 and  ke - s < o < ke.)
    """
    axes = spatial_axes("TensorFlow", input_size, kernel_size)
    if data_format is not None and (not isinstance(data_format, str) or data_format not in FORMATS[axes]):
        raise ValueError(
            f"TensorFlow takes data_format {FORMATS[axes][0]!r} or {FORMATS[axes][1]!r} with {axes} spatial axes, "
            f"got {briefly(data_format)}; leave it at None for channels last"
        )
    space = slice(2, None) if data_format is not None and data_format.startswith("NC") else slice(1, -1)
    pads = _pads(padding, axes, space)
    table = zip(
        per_axis("input_size", input_size, axes),
        per_axis("kernel_size", kernel_size, axes),
        _spatial("strides", strides, axes, space),
        _spatial("dilations", 1 if dilations is None else dilations, axes, space),
        _output_shape(output_shape, axes, space),
    )
    found = [_axis(n, pad, *row) for n, (pad, row) in enumerate(zip(pads, table))]
    return Geometry(found)


def _spatial(name: str, value: Any, axes: int, space: slice) -> tuple[int, ...]:
    """The spatial entries of a list of 1, n or n + 2 integers."""
    given = entries(name, value)
    if given is not None and len(given) == axes + 2:
        whole = per_axis(name, given, axes + 2)
        if sum(whole) - sum(whole[space]) != 2 or min(whole) < 1:
            raise ValueError(
                f"TensorFlow needs {name} of 1 on batch and channels, got {briefly(value)}; "
                "give the spatial entries alone"
            )
        return whole[space]
    if given is not None and len(given) == 1:
        return (integer(name, given[0]),) * axes
    return per_axis(name, value, axes)


def _output_shape(value: Any, axes: int, space: slice) -> tuple[int, ...]:
    if value is None:
        raise ValueError(
            "TensorFlow needs an output_shape, got None; name it: stride * input size is always legal with 'SAME'"
        )
    given = entries("output_shape", value)
    return per_axis("output_shape", given[space] if given is not None and len(given) == axes + 2 else value, axes)


def _pads(padding: Any, axes: int, space: slice) -> Sequence[str | Crop]:
    """One string or one pair a spatial axis."""
    if isinstance(padding, str) and padding in ("SAME", "VALID"):
        return [padding] * axes
    given = None if isinstance(padding, str) else entries("padding", padding)
    if given is None:
        raise ValueError(
            f"TensorFlow takes padding='SAME', 'VALID' or a list of pairs, got {briefly(padding)}; "
            "words are in capitals, and numbers a pair for each of the four axes"
        )
    if axes != 2 or len(given) != 4 or any(len(entries("padding", one) or ()) != 2 for one in given):
        raise ValueError(
            "TensorFlow takes explicit padding for two spatial axes only, as one pair for each of the four axes, "
            f"got {briefly(padding)}; use padding='VALID' and crop the result"
        )
    both = [pair("padding", one) for one in given]
    if min(map(min, both)) < 0 or sum(map(sum, both)) != sum(map(sum, both[space])):
        raise ValueError(
            f"TensorFlow needs explicit padding >= 0, and 0 on batch and channels, got {briefly(padding)}; "
            "add zeros to the result instead"
        )
    return both[space]


def _axis(n: int, pad: str | Crop, i: int, k: int, s: int, d: int, o: int) -> Axis:
    full = Axis(i, k, s, d).full_size
    if pad == "SAME":
        begin, low, high = max(full - o, 0) // 2, (i - 1) * s + 1, i * s
    else:
        begin, end = (0, 0) if isinstance(pad, str) else pad
        low = max(full - begin - end, 1)
        high = full - begin - end + s - 1
    if not low <= integer("output_shape", o) <= high:
        legal = f"between {low} and {high}" if low <= high else "of which there is none"
        raise ValueError(
            f"TensorFlow needs an output_shape {legal} on axis {n}, got {o}: the forward convolution (strides {s}, "
            f"padding {pad}) must make {samples(i)} of it again"
        )
    return Axis(i, k, s, d, (begin, full - begin - o))


@own_words
def conv_transpose(
    input: ArrayLike,
    filters: ArrayLike,
    output_shape: Size,
    strides: Size,
    padding: str | Sequence[Sequence[int]] = "SAME",
    data_format: str | None = None,
    dilations: Size | None = None,
    *,
    method: str = "auto",
) -> Array:
    """`tf.nn.conv_transpose` on NumPy arrays, with TensorFlow's layouts and arguments.

    input [batch, *space, in], or [batch, in, *space] with a data_format such as "NCHW"; filters [*k, out, in].  The
    result has the layout of the input.  `method` is one of `deconvlib.METHODS`.

    Raises ValueError or TypeError, as `geometry` does, and where the arrays or output_shape don't fit.
    """
    x, w = arrays(NAMES, input, filters, LAYOUT)
    first = isinstance(data_format, str) and data_format.startswith("NC")
    x = np.moveaxis(x, 1, -1) if first else x
    check_channels(NAMES, x, x.shape[-1], w, w.shape[-1], LAYOUT)
    said = geometry(x.shape[1:-1], w.shape[:-2], output_shape, strides, padding, data_format, dilations)
    result = compute(x, w, None, said, method)
    result = np.moveaxis(result, -1, 1) if first else result
    named = entries("output_shape", output_shape)
    if named is not None and len(named) == x.ndim and named != result.shape:
        raise ValueError(
            f"TensorFlow needs the batch and the output channels in output_shape, got {briefly(output_shape)} "
            f"for a result of {result.shape}; name the whole shape, or the spatial entries alone"
        )
    return result


def call(geometry: Geometry | Layer, *, groups: int | None = None) -> Call:
    """`tf.nn.conv_transpose`, with the padding and output_shape that leave least to crop.

    The code computes the output_shape from `x`.  In `arguments` it is that of the geometry's input size, or None for a
    Layer, which has none.  With two spatial axes explicit padding says everything; with one or three, VALID or SAME and
    a slice.  The code runs on a plain CPU: groups, whose gradient TensorFlow has not got there, are split and
    concatenated, and dilation is written out as zeros.
    """
    layer = layer_of(geometry, groups)
    axes = spatial_axes("TensorFlow", layer.kernel_size, layer.kernel_size)
    zeros, inner = with_zeros(layer, [s - 1 for s in layer.stride])
    native, padding = min(_choices(inner), key=lambda choice: cut(inner, choice[0]))
    here = at_size_of(geometry, native, zeros)
    arguments = {
        "output_shape": None if here is None else here.output_size,
        "strides": inner.stride,
        "padding": padding,
        "dilations": inner.dilation,
    }
    crop = leftover(inner, native)
    said = keywords({"strides": inner.stride, "padding": padding})
    code = ["import tensorflow as tf", "", *size_text(geometry), *dilate_text(inner, "tf.pad", "tf.gather")]
    if zeros:
        code += [f"x = tf.pad(x, {pairs(zeros)})"]
    code += ["size = tf.shape(x)"]
    size = ", ".join(_size_text(native, n) for n in range(axes))
    one = f"tf.nn.conv_transpose({{}}, {{}}, (size[0], {size}, kernel.shape[-2]), {said})"
    code += groups_text(one, layer.groups, "tf.split", "tf.concat")
    return Call(arguments, crop, "\n".join([*code, *crop_text(crop)]) + "\n", zeros)


def _size_text(layer: Layer, n: int) -> str:
    """The output size of an axis, computed from the input:  o = s i + (ke - s - cb - ce)."""
    k, s, d, crop = layer.kernel_size[n], layer.stride[n], layer.dilation[n], layer.crop[n]
    more = d * (k - 1) + 1 - s - sum(crop)
    scaled = f"size[{n + 1}]" if s == 1 else f"{s} * size[{n + 1}]"
    return scaled if more == 0 else f"{scaled} {'+' if more > 0 else '-'} {abs(more)}"


def _choices(wanted: Layer) -> Iterator[tuple[Layer, str | list[list[int]]]]:
    """(layer, padding) of every call that leaves nothing but a crop, simplest first."""
    yield wanted.cropped([(0, min(end, 0)) for _, end in wanted.crop]), "VALID"
    crops = []
    for k, s, d, crop in zip(wanted.kernel_size, wanted.stride, wanted.dilation, wanted.crop):
        span = d * (k - 1) + 1
        total = min(most_within(crop), span - 1)  # the output is as short as SAME allows, (i - 1) s + 1, or longer
        if total >= span - s:  # i s samples are the longest
            crops.append(halves(total))
    if len(crops) == len(wanted.crop):
        yield wanted.cropped(crops), "SAME"
    if len(wanted.crop) == 2:
        yield wanted, pairs([(begin, max(end, 0)) for begin, end in wanted.crop])


def __dir__() -> list[str]:
    return __all__
