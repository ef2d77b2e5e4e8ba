"""The rules that arrays have to keep, each with an error that says the rule, the value, and what to do."""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deconvlib.arguments import briefly, integer
from deconvlib.geometry import Geometry

Array = NDArray[Any]  # of any dtype
ADDRESSES = 2**47  # bytes that a process can address


def as_array(name: str, value: ArrayLike) -> Array:
    """The value as an array of numbers: no strings, dates or records, and nothing that would be dropped.

    The bytes of each number come in this machine's order, as BLAS needs them.
    """
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} must be an array without a mask, got a masked one; write {name}.filled(0)")
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must be an array, got rows of different lengths; make them equally long") from error
    if array.dtype.kind in "USmM" or array.dtype.name.startswith(("void", "record")):
        raise TypeError(f"{name} must be numeric, got dtype {array.dtype}; convert it with astype")
    if array.dtype.kind == "O":
        _check_objects(name, array)
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def _check_objects(name: str, array: Array) -> None:
    """Fractions, symbols and the like; not None, words or lists."""
    for one in array.flat:
        if isinstance(one, (str, bytes, list, tuple)) or not (hasattr(one, "__mul__") and hasattr(one, "__add__")):
            raise TypeError(f"{name} must hold numbers, got {briefly(one)} in an array of objects; replace it")


def check_geometry(geometry: Geometry) -> Geometry:
    """A geometry whose samples NumPy can count."""
    if not isinstance(geometry, Geometry):
        raise TypeError(
            f"geometry must be a deconvlib.Geometry, got {type(geometry).__name__}; "
            "make one with deconvlib.Geometry.of(input_size, kernel_size, stride)"
        )
    for size in (geometry.input_size, geometry.full_size, geometry.output_size):
        check_shape(size)
    for axis in geometry.axes:
        far = max(axis.stride, axis.dilation, abs(axis.crop[0]), abs(axis.crop[1]))
        if far > ADDRESSES:
            raise ValueError(
                f"stride, dilation and crop must be numbers that NumPy can count to, got {far:,}; take less"
            )
    return geometry


def check_shape(shape: tuple[int, ...]) -> None:
    """A shape that an array can have.  What is merely huge is left to NumPy, whose MemoryError says the size."""
    if math.prod(shape) > ADDRESSES:
        raise ValueError(
            f"no array has room for {math.prod(shape):,} samples, the size {shape}; "
            "take smaller sizes, strides, dilations or paddings"
        )


def check_arrays(inputs: ArrayLike, kernel: ArrayLike, geometry: Geometry) -> tuple[Array, Array]:
    """Inputs [batch, *input_size, in] and a kernel [*k, out, in] that fit the geometry and each other."""
    inputs, kernel = as_array("inputs", inputs), check_kernel(kernel, geometry)
    _check_rank("inputs", inputs, "(batch, *space, in)", geometry)
    if inputs.shape[1:-1] != geometry.input_size:
        raise ValueError(
            f"inputs must have the geometry's input_size {geometry.input_size}, got {inputs.shape[1:-1]}; "
            "make a geometry of that size, or change the inputs"
        )
    if inputs.shape[-1] != kernel.shape[-1]:
        raise ValueError(
            f"inputs and kernel must have the same input channels, got {inputs.shape[-1]} and {kernel.shape[-1]}; "
            "arrange the kernel as (*k, out, in)"
        )
    return inputs, kernel


def check_kernel(kernel: ArrayLike, geometry: Geometry) -> Array:
    """A kernel [*k, out, in] that fits the geometry."""
    check_geometry(geometry)
    kernel = as_array("kernel", kernel)
    _check_rank("kernel", kernel, "(*k, out, in)", geometry)
    if kernel.shape[:-2] != geometry.kernel_size:
        raise ValueError(
            f"kernel must have the geometry's kernel_size {geometry.kernel_size}, got {kernel.shape[:-2]}; "
            "arrange it as (*k, out, in), or make a geometry for it"
        )
    return kernel


def check_groups(groups: int, inputs: int, outputs: int = 0) -> int:
    """Groups that divide the input channels and, where the kernel holds all of them, the output channels."""
    groups = integer("groups", groups)
    check_shape((groups,))
    if groups < 1 or inputs % groups or outputs % groups:
        raise ValueError(
            f"groups must be a positive integer that divides the channels, got {groups} for {inputs} input channels"
            + (f" and {outputs} output channels" if outputs else "")
            + "; take a common divisor, or 1"
        )
    return groups


def check_flag(name: str, value: bool) -> None:
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False, got {briefly(value)}; other values are not guessed at")


def check_data_format(data_format: str) -> None:
    if not isinstance(data_format, str) or data_format not in ("channels_last", "channels_first"):
        raise ValueError(
            f"data_format must be 'channels_last' or 'channels_first', got {briefly(data_format)}; "
            "'channels_first' is the order of PyTorch and ONNX"
        )


def _check_rank(name: str, array: Array, layout: str, geometry: Geometry) -> None:
    if array.ndim != len(geometry.axes) + 2:
        raise ValueError(
            f"{name} must be {layout} with {len(geometry.axes)} spatial axes, got shape {array.shape}; "
            "the geometry has one Axis for each"
        )


def scipy_sparse(what: str) -> Any:
    """The module scipy.sparse, its linalg included, or an error that says how to get it."""
    try:
        importlib.import_module("scipy.sparse.linalg")
        return importlib.import_module("scipy.sparse")
    except ImportError as error:
        raise ImportError(f"{what} needs SciPy, an optional extra; pip install 'deconvlib[sparse]'") from error
