"""`conv` and `conv_transpose`: padding words, layouts, groups and dtypes are dealt with here, once."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deconvlib import padding as words
from deconvlib.arguments import briefly, entries, integer, integer_or_none, per_axis
from deconvlib.checks import Array, as_array, check_data_format, check_geometry, check_groups
from deconvlib.fast import forward, transpose
from deconvlib.geometry import Axis, Geometry
from deconvlib.methods import METHODS, Method
from deconvlib.names import own_words

Ints = tuple[int, ...]
Padding = str | int | Sequence[int] | Sequence[tuple[int, int]]


@own_words
def conv_transpose(
    inputs: ArrayLike,
    kernel: ArrayLike,
    strides: int | Sequence[int] = 1,
    padding: Padding = "valid",
    output_padding: int | Sequence[int | None] | None = None,
    data_format: str = "channels_last",
    dilation_rate: int | Sequence[int] = 1,
    *,
    groups: int = 1,
    method: str = "auto",
) -> Array:
    """The transposed convolution, with the arguments of `keras.ops.conv_transpose`, in any number of dimensions.

        y[s j + d t - cb]  +=  kernel[t] @ x[j]
        o = s (i - 1) + d (k - 1) + 1 - cb - ce

    Shapes: inputs [batch, *space, in]; kernel [*k, out, in], with groups [*k, out / groups, in];
    the result [batch, *space', out].  `data_format="channels_first"` puts the channels of inputs and result second.

    - `padding` is "valid" or "same" with Keras's meaning, or the crop (cb, ce): an integer, one integer an axis, or one
      (begin, end) pair an axis.  The crop is the padding of the forward convolution, as in PyTorch and ONNX.
    - `output_padding` says how many more samples the output shows at its end, per axis.  None lets Keras's rule choose
      with "valid" and "same", and is 0 with a crop.  It must be less than the stride; with a crop, less than the larger
      of stride and dilation.
    - `method` is a name in `deconvlib.METHODS`, or "auto", which takes "fast".

    The result has the dtype that NumPy promotes both to.  Floating point shorter than float32 is accumulated in float32
    and rounded once.  Raises ValueError or TypeError, with the rule that was broken.
    """
    inputs, kernel = _arrays(inputs, kernel, data_format, "(*k, out, in)")
    geometry = _transposed(
        inputs.shape[1:-1],
        kernel.shape[:-2],
        plain("strides", strides),
        plain("padding", padding),
        plain("output_padding", output_padding),
        plain("dilation_rate", dilation_rate),
    )
    groups = check_groups(groups, inputs.shape[-1])
    _check_channels(inputs.shape[-1], kernel.shape[-1], "(*k, out / groups, in)")
    if isinstance(method, str) and method in ("auto", "fast"):
        result = transpose(inputs, kernel, geometry, groups)
    else:
        result = _method(method)(inputs, kernel, replace(geometry, groups=groups))
    return np.moveaxis(result, -1, 1) if data_format == "channels_first" else result


@own_words
def conv(
    inputs: ArrayLike,
    kernel: ArrayLike,
    strides: int | Sequence[int] = 1,
    padding: Padding = "valid",
    data_format: str = "channels_last",
    dilation_rate: int | Sequence[int] = 1,
    *,
    groups: int = 1,
) -> Array:
    """The convolution, with the arguments of `keras.ops.conv`, in any number of dimensions.

        y[j] = sum over taps t of  x[s j + d t - pb] @ kernel[t]
        i = floor((o + pb + pe - ke) / s) + 1

    Here o samples go in and i come out: the names are those of the way back, by the transposed convolution.
    As in every framework this is a cross-correlation: the kernel is not flipped.

    Shapes: inputs [batch, *space, in]; kernel [*k, in, out], with groups [*k, in / groups, out]: the array that
    `conv_transpose` takes to go back.  The result is [batch, *space', out].

    `padding` is "valid", "same", or the zeros on each side, written as in `conv_transpose`.
    dtypes and errors are those of `conv_transpose`.
    """
    inputs, kernel = _arrays(inputs, kernel, data_format, "(*k, in, out)")
    geometry = _forward(
        inputs.shape[1:-1],
        kernel.shape[:-2],
        plain("strides", strides),
        plain("padding", padding),
        plain("dilation_rate", dilation_rate),
    )
    groups = check_groups(groups, inputs.shape[-1], kernel.shape[-1])
    _check_channels(inputs.shape[-1], kernel.shape[-2] * groups, "(*k, in / groups, out)")
    result = forward(inputs, kernel, geometry, groups)
    return np.moveaxis(result, -1, 1) if data_format == "channels_first" else result


def _arrays(inputs: ArrayLike, kernel: ArrayLike, data_format: str, layout: str) -> tuple[Array, Array]:
    """Numeric arrays with a kernel that fits the rank, the channels of the inputs moved last."""
    inputs, kernel = as_array("inputs", inputs), as_array("kernel", kernel)
    check_data_format(data_format)
    if inputs.ndim < 3:
        raise ValueError(
            f"inputs must have a batch axis, at least one spatial axis and a channel axis, got shape {inputs.shape}; "
            "add the missing axes with inputs[None, ..., None]"
        )
    if kernel.ndim != inputs.ndim:
        raise ValueError(
            f"kernel must be {layout}, with as many axes as inputs of shape {inputs.shape}, got shape {kernel.shape}; "
            "it needs one k for each spatial axis, and both channel axes even where they are 1"
        )
    return (np.moveaxis(inputs, 1, -1) if data_format == "channels_first" else inputs), kernel


@functools.lru_cache(maxsize=1024)
def _transposed(
    input_size: Ints, kernel_size: Ints, strides: Any, padding: Any, output_padding: Any, dilation_rate: Any
) -> Geometry:
    """The geometry of `conv_transpose`; its arguments come from `plain`."""
    rows = _rows(input_size, kernel_size, strides, dilation_rate)
    if isinstance(padding, str):
        _check_word(padding)
        shown = per_axis("output_padding", output_padding, len(rows), integer_or_none)
        table = enumerate(zip(rows, shown))
        found = [words.transposed(padding, Axis(*row), a, f"axis {n}") for n, (row, a) in table]
        return check_geometry(Geometry(found))
    shown = per_axis("output_padding", 0 if output_padding is None else output_padding, len(rows))
    axes = []
    for (i, k, s, d), (begin, end), a in zip(rows, sides(padding, len(rows)), shown):
        if not 0 <= a < max(s, d):
            raise ValueError(
                f"output_padding must be at least 0 and less than the stride or the dilation, got {a} with stride {s} "
                f"and dilation {d}; to show more of the output make the end of the crop smaller"
            )
        axes.append(Axis(i, k, s, d, (begin, end - a)))
    return check_geometry(Geometry(axes))


@functools.lru_cache(maxsize=1024)
def _forward(size: Ints, kernel_size: Ints, strides: Any, padding: Any, dilation_rate: Any) -> Geometry:
    """The geometry of `conv`; its arguments come from `plain`."""
    rows = _rows(size, kernel_size, strides, dilation_rate)
    if isinstance(padding, str):
        _check_word(padding)
        return check_geometry(Geometry(words.forward(padding, *row) for row in rows))
    pads = sides(padding, len(rows))
    return check_geometry(Geometry(Axis.of_convolution(*row, pair) for row, pair in zip(rows, pads)))


def _rows(size: Ints, kernel_size: Ints, strides: Any, dilation_rate: Any) -> list[tuple[int, int, int, int]]:
    """(size, kernel size, stride, dilation) of each axis."""
    axes = len(size)
    columns = size, kernel_size, per_axis("strides", strides, axes), per_axis("dilation_rate", dilation_rate, axes)
    return list(zip(*columns))


WRAPPED = "deconvlib pads with zeros: pad the inputs first with numpy.pad(inputs, ..., mode='{}'), and crop the result"
REMEDIES = {
    "circular": WRAPPED.format("wrap"),
    "wrap": WRAPPED.format("wrap"),
    "reflect": WRAPPED.format("reflect"),
    "replicate": WRAPPED.format("edge"),
    "full": "for the full output write padding=0",
}


def _check_word(padding: str) -> None:
    if not words.is_word(padding):
        raise ValueError(
            f"padding must be 'valid', 'same', an integer, one integer an axis or one (begin, end) pair an axis, "
            f"got {briefly(padding)}; "
            + REMEDIES.get(padding.lower(), "a number is the padding of the forward convolution")
        )


def sides(padding: Any, axes: int) -> tuple[tuple[int, int], ...]:
    """(begin, end) for each axis, from an integer, one integer an axis, or one pair an axis; a pair, for one axis."""
    if axes == 1 and isinstance(padding, tuple) and len(padding) == 2:
        padding = (padding,)
    if isinstance(padding, tuple) and any(isinstance(p, tuple) for p in padding):
        if len(padding) != axes or not all(isinstance(p, tuple) and len(p) == 2 for p in padding):
            raise ValueError(
                f"padding must be one (begin, end) pair for each of the {axes} spatial axes, got {briefly(padding)}; "
                "write ((begin, end), ...), with (0, 0) for an axis that is left as it is"
            )
        return tuple((begin, end) for begin, end in (per_axis("padding", pair, 2) for pair in padding))
    if isinstance(padding, tuple) and len(padding) != axes:
        raise ValueError(
            f"padding must be one integer or one for each of the {axes} spatial axes, got {briefly(padding)}; "
            f"for two ends write one (begin, end) pair for each axis, such as {((0, 1),) * axes}"
        )
    return tuple((p, p) for p in per_axis("padding", padding, axes))


def plain(name: str, value: Any) -> Any:
    """Integers, words and None in tuples: a key for the cache, which holds 2, 2.0 and True for the same."""
    if value is None or isinstance(value, str):
        return value
    given = entries(name, value)
    return integer(name, value) if given is None else tuple(plain(name, entry) for entry in given)


def _check_channels(inputs: int, kernel: int, layout: str) -> None:
    if inputs != kernel:
        raise ValueError(
            f"inputs and kernel must have the same input channels, got {inputs} and {kernel}; "
            f"arrange the kernel as {layout}"
        )


def _method(name: str) -> Method:
    if not isinstance(name, str) or name not in METHODS:
        near = difflib.get_close_matches(briefly(name), ["auto", *METHODS], n=1, cutoff=0)[0]
        raise ValueError(
            f"method must be 'auto' or one of {', '.join(METHODS)}, got {briefly(name)}; did you mean {near!r}?"
        )
    return METHODS[name]
