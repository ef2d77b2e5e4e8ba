"""The rules that arrays have to keep, each with an error that says the rule, the value, and what to do."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deconvlib.geometry import Geometry, integer

Array = NDArray[Any]  # of any dtype


def check_arrays(inputs: ArrayLike, kernel: ArrayLike, geometry: Geometry) -> tuple[Array, Array]:
    """Inputs [batch, *input_size, in] and a kernel [*k, out, in] that fit the geometry and each other."""
    inputs, kernel = np.asarray(inputs), check_kernel(kernel, geometry)
    check_numeric(inputs=inputs)
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
    kernel = np.asarray(kernel)
    if not isinstance(geometry, Geometry):
        raise TypeError(f"geometry must be a deconvlib.Geometry, got {type(geometry).__name__}")
    check_numeric(kernel=kernel)
    _check_rank("kernel", kernel, "(*k, out, in)", geometry)
    if kernel.shape[:-2] != geometry.kernel_size:
        raise ValueError(
            f"kernel must have the geometry's kernel_size {geometry.kernel_size}, got {kernel.shape[:-2]}; "
            "arrange it as (*k, out, in), or make a geometry for it"
        )
    return kernel


def check_groups(groups: int, inputs: int, outputs: int = 0) -> int:
    """Groups that divide the input channels and, where the kernel holds all of them, the output channels."""
    if integer("groups", groups) < 1 or inputs % groups or outputs % groups:
        raise ValueError(
            f"groups must be a positive integer that divides the channels, got {groups} for {inputs} input channels"
            + (f" and {outputs} output channels" if outputs else "")
            + "; take a common divisor, or 1"
        )
    return integer("groups", groups)


def check_data_format(data_format: str) -> None:
    if not isinstance(data_format, str) or data_format not in ("channels_last", "channels_first"):
        raise ValueError(
            f"data_format must be 'channels_last' or 'channels_first', got {data_format!r}; "
            "'channels_first' is the order of PyTorch and ONNX"
        )


def check_numeric(**arrays: Array) -> None:
    """No strings, dates or records."""
    for name, array in arrays.items():
        if array.dtype.kind in "USmM" or array.dtype.names:
            raise TypeError(f"{name} must be numeric, got dtype {array.dtype}; convert it with astype")


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
