"""ONNX: the operator ConvTranspose, versions 1, 11 and 22.

Kernels are (in, out / group, *k).  The rules are those of the specification; where it leaves a choice, those of its
reference evaluator and of onnxruntime, compared with thousands of their calls (onnx 1.23.2, onnxruntime 1.32).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deconvlib.arguments import at_least_one, briefly, count_axes, entries, per_axis
from deconvlib.checks import Array
from deconvlib.frameworks._call import (
    Call,
    Crop,
    Size,
    arrays,
    check_channels,
    compute,
    kernel_array,
    layer_of,
    pairs,
    size_text,
    with_sizes,
    with_zeros,
)
from deconvlib.geometry import Axis, Geometry, Layer
from deconvlib.names import own_words, samples

__all__ = ["call", "conv_transpose", "from_kernel", "geometry", "kernel"]

NAMES = ("X", "W")
LAYOUT = "[batch, in, *space] and [in, out / group, *k]"

MODES = ("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID")


@own_words
@with_sizes
def geometry(
    input_size: Size,
    kernel_size: Size,
    auto_pad: str | bytes = "NOTSET",
    dilations: Size | None = None,
    group: int = 1,
    kernel_shape: Size | None = None,
    output_padding: Size | None = None,
    output_shape: Size | None = None,
    pads: Sequence[int] | None = None,
    strides: Size | None = None,
) -> Geometry:
    """The geometry of ConvTranspose with these attributes.  `pads` is ONNX's flat list: all begins, then all ends.

        pads           cb = pad begin,  ce = pad end - a       a the output_padding; VALID: pads are 0
        output_shape   o as given,  total = max(F + a - o, 0);  SAME_UPPER: cb = total // 2,  else total - total // 2
        SAME_*         o = i s,  total = F + a - o, and the same split

    The specification leaves open what a negative total means, which k < s makes.  With an explicit output_shape zeros
    are added at the end: onnxruntime.  With SAME_* alone the total is split, rounding down: the reference evaluator;
    onnxruntime then returns F + a samples, against the specified i s.  An output_shape makes ONNX ignore `pads`, and
    the crop depend on the input size; it may carry entries for batch and channels, which are not read.

    Raises ValueError for another auto_pad, for pads together with auto_pad, for negative pads, for a kernel_shape that
    is not kernel_size, where no output is left, and unless  0 <= output_padding < strides  and  output_shape < F + s
    (the specification says "stride/dilation"; onnxruntime and the reference evaluator compare with the stride).
    """
    mode = auto_pad.decode() if isinstance(auto_pad, bytes) else auto_pad  # as onnx.helper reads it from a model
    mode = "NOTSET" if isinstance(mode, str) and not mode else mode  # so does onnxruntime
    if not isinstance(mode, str) or mode not in MODES:
        raise ValueError(f"ONNX takes auto_pad {', '.join(MODES)}, got {briefly(auto_pad)}; words are in capitals")
    axes = count_axes(input_size=input_size, kernel_size=kernel_size)
    kernel_size = per_axis("kernel_size", kernel_size, axes)
    sides = _sides(pads, axes, mode)
    table = zip(
        per_axis("input_size", input_size, axes),
        kernel_size,
        per_axis("strides", 1 if strides is None else strides, axes),
        per_axis("dilations", 1 if dilations is None else dilations, axes),
        per_axis("output_padding", 0 if output_padding is None else output_padding, axes),
        (None,) * axes if output_shape is None else _output_shape(output_shape, axes),
        per_axis("kernel_shape", kernel_size if kernel_shape is None else kernel_shape, axes),
    )
    found = [_axis(n, mode, pair, *row) for n, (pair, row) in enumerate(zip(sides, table))]
    return Geometry(found, groups=at_least_one("group", group), one_size=output_shape is not None)


def _output_shape(value: Any, axes: int) -> tuple[int, ...]:
    given = entries("output_shape", value)
    return per_axis("output_shape", given[2:] if given is not None and len(given) == axes + 2 else value, axes)


def _sides(pads: Any, axes: int, mode: str) -> list[Crop]:
    """The flat list of all begins and all ends, as one pair an axis."""
    if pads is None:
        return [(0, 0)] * axes
    if mode != "NOTSET":
        raise ValueError(
            f"ONNX takes pads or auto_pad, not both, got pads {briefly(pads)} and auto_pad {mode!r}; leave one out"
        )
    flat = entries("pads", pads) or ()
    if len(flat) != 2 * axes or min(per_axis("pads", flat, 2 * axes)) < 0:
        raise ValueError(
            f"ONNX needs pads >= 0, the begins of all {axes} axes and then their ends, got {briefly(pads)}; "
            "add zeros to the result instead of a negative pad"
        )
    whole = per_axis("pads", flat, 2 * axes)
    return list(zip(whole[:axes], whole[axes:]))


def _axis(n: int, mode: str, pair: Crop, i: int, k: int, s: int, d: int, a: int, o: int | None, shape: int) -> Axis:
    full = Axis(i, k, s, d).full_size
    if shape != k:
        raise ValueError(
            f"ONNX needs kernel_shape to be the kernel's own, got {shape} for {k} taps on axis {n}; leave it out"
        )
    if not 0 <= a < s:
        raise ValueError(
            f"ONNX needs 0 <= output_padding < strides, got output_padding {a} and strides {s} on axis {n}; "
            "use smaller pads, or add zeros to the result"
        )
    if o is None and not mode.startswith("SAME"):
        begin, o = pair[0], full + a - sum(pair)
    else:
        o, total = (i * s, full + a - i * s) if o is None else (o, max(full + a - o, 0))
        begin = total // 2 if mode == "SAME_UPPER" else total - total // 2
    if not 1 <= o < full + s:
        raise ValueError(
            f"ONNX needs between 1 and {samples(full + s - 1)} of output on axis {n}, got {o}; "
            "change pads or output_shape, or add zeros to the result"
        )
    return Axis(i, k, s, d, (begin, full - begin - o))


@own_words
def conv_transpose(
    X: ArrayLike,
    W: ArrayLike,
    B: ArrayLike | None = None,
    auto_pad: str | bytes = "NOTSET",
    dilations: Size | None = None,
    group: int = 1,
    kernel_shape: Size | None = None,
    output_padding: Size | None = None,
    output_shape: Size | None = None,
    pads: Sequence[int] | None = None,
    strides: Size | None = None,
    *,
    method: str = "auto",
) -> Array:
    """The operator ConvTranspose on NumPy arrays, with ONNX's layouts and attributes.

    X [batch, in, *space], W [in, out / group, *k], B [out]; the result is [batch, out, *space'].
    `method` is one of `deconvlib.METHODS`.

    Raises ValueError or TypeError, as `geometry` does, and where the arrays don't fit.
    """
    x, w = arrays(NAMES, X, W, LAYOUT)
    check_channels(NAMES, x, x.shape[1], w, w.shape[0], LAYOUT)
    attributes = (auto_pad, dilations, group, kernel_shape, output_padding, output_shape, pads, strides)
    said = geometry(x.shape[2:], w.shape[2:], *attributes)
    result = compute(np.moveaxis(x, 1, -1), from_kernel(w, groups=group), B, said, method)
    return np.moveaxis(result, -1, 1)


def call(geometry: Geometry | Layer, *, groups: int | None = None) -> Call:
    """One ConvTranspose with explicit pads and output_padding, run by onnxruntime.

    Only a negative crop at the beginning, or one of at least the stride at the end, needs zeros around the input.
    The reference evaluator is not used: it fails on grouped kernels.  onnxruntime has no float64 for this operator.
    """
    layer = layer_of(geometry, groups)
    zeros, inner = with_zeros(layer, [s - 1 for s in layer.stride])
    begins, ends = zip(*inner.crop)
    arguments = {
        "dilations": inner.dilation,
        "group": layer.groups,
        "output_padding": tuple(max(-end, 0) for end in ends),
        "pads": (*begins, *(max(end, 0) for end in ends)),
        "strides": inner.stride,
    }
    said = ", ".join(f"{name}={value}" for name, value in arguments.items())
    code = ["import numpy as np", "import onnxruntime", "from onnx import helper", ""]
    code += ["x, kernel = np.asarray(x), np.asarray(kernel)", *size_text(geometry, channels_first=True)]
    if zeros:
        code += [f"x = np.pad(x, {pairs(zeros, channels_first=True)})"]
    code += [
        "node = helper.make_node(",
        '    "ConvTranspose", ["x", "kernel"], ["y"],',
        f"    {said},",
        ")",
        "dtype = helper.np_dtype_to_tensor_dtype(x.dtype)",
        'infos = [helper.make_tensor_value_info(name, dtype, None) for name in ("x", "kernel", "y")]',
        'graph = helper.make_graph([node], "conv_transpose", infos[:2], infos[2:])',
        'model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=8)',
        'session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])',
        '(y,) = session.run(None, {"x": x, "kernel": kernel})',
    ]
    return Call(arguments, None, "\n".join(code) + "\n", zeros)


def kernel(kernel: ArrayLike, *, groups: int = 1) -> Array:
    """deconvlib's (*k, out / groups, in) as ONNX's (in, out / group, *k), a new array."""
    return np.moveaxis(kernel_array(kernel, groups, -1), (-1, -2), (0, 1)).copy()


def from_kernel(array: ArrayLike, *, groups: int = 1) -> Array:
    """ONNX's (in, out / group, *k) as deconvlib's (*k, out / groups, in), a new array."""
    return np.moveaxis(kernel_array(array, groups, 0), (0, 1), (-1, -2)).copy()


def __dir__() -> list[str]:
    return __all__
