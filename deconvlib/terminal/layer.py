"""One layer of somebody's network: its arguments in the words of its own framework, and its geometry."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from deconvlib import frameworks
from deconvlib.arguments import per_axis
from deconvlib.geometry import Axis, Geometry
from deconvlib.geometry import Layer as UnsizedLayer
from deconvlib.terminal.signatures import Signature

INPUT_CHANNELS = ("in_channels", "in_features")
OUTPUT_CHANNELS = ("out_channels", "out_features", "filters", "features")


@dataclass(frozen=True)
class Unknown:
    """Text whose value the line does not say, such as the name of a variable."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Layer:
    """A layer as it was read.

    code: the text it was read from.  framework: a module of `deconvlib.frameworks`, and arguments: what its `geometry`
    takes.  kernel_size: None where the kernel is an array, of which the line does not say the size.
    channels: (in, out), each a number, `Unknown`, or None.
    """

    code: str
    name: str
    framework: str
    transposed: bool
    axes: int | None
    kernel_size: int | tuple[int, ...] | None
    arguments: dict[str, Any]
    channels: tuple[int | Unknown | None, int | Unknown | None] = (None, None)

    def with_kernel_size(self, kernel_size: int | tuple[int, ...]) -> Layer:
        """The layer with this kernel size, where it has none of its own."""
        return self if self.kernel_size is not None else replace(self, kernel_size=kernel_size)

    def with_channels(self, channels: tuple[int, int]) -> Layer:
        return replace(self, channels=channels)

    def geometry(self, input_size: Iterable[int]) -> Geometry:
        """The geometry of the layer on an input of this size, by the rule of its framework.

        A forward convolution goes from the geometry's output_size to its input_size, as everywhere in deconvlib.
        """
        if self.kernel_size is None:
            raise ValueError(
                f"the size of {self.name}'s kernel is not in the line, where it is an array or left out; "
                "give it, for example --kernel-size 3"
            )
        size = self._size(tuple(input_size))
        if not self.transposed:
            return self._forward(size, self.kernel_size)
        rule = getattr(frameworks, self.framework).geometry
        found: Geometry = rule(size, self.kernel_size, **self.arguments)
        return found

    def convolution(self) -> UnsizedLayer | None:
        """A forward convolution for any size, its padding as the crop; None where the padding depends on the size."""
        padding = self.arguments.get("padding", "valid" if self.framework == "keras" else 0)
        if padding == "same" or self.kernel_size is None:
            return None
        axes = self.axes or 1
        pads = per_axis("padding", 0 if padding == "valid" else padding, axes)
        return UnsizedLayer(
            per_axis("kernel_size", self.kernel_size, axes),
            self._word("stride", 1),
            self._word("dilation", 1),
            tuple((pad, pad) for pad in pads),
        )

    @property
    def stride(self) -> int | tuple[int, ...]:
        """Whatever its framework calls it."""
        found: int | tuple[int, ...] = self.arguments.get("strides", self.arguments.get("stride", 1))
        return found

    def _word(self, name: str, default: Any) -> Any:
        """An argument by its PyTorch name, whatever Keras calls it."""
        keras = {"stride": "strides", "dilation": "dilation_rate"}
        return self.arguments.get(keras[name] if self.framework == "keras" else name, default)

    def _size(self, size: tuple[int, ...]) -> tuple[int, ...]:
        """One number for each axis; a single number stands for every axis that the layer has."""
        axes = self.axes
        if axes is None and isinstance(self.kernel_size, tuple):
            axes = len(self.kernel_size)
        if axes is None or axes == len(size):
            return size
        if len(size) == 1:
            return size * axes
        raise ValueError(
            f"{self.name} has {axes} spatial axes, got the input size {'x'.join(map(str, size))}; "
            "leave batch and channels out"
        )

    def _forward(self, size: tuple[int, ...], kernel_size: int | tuple[int, ...]) -> Geometry:
        """The forward convolution of PyTorch or Keras: where both say "same" they agree, at stride 1."""
        keras = self.framework == "keras"
        stride, dilation = self._word("stride", 1), self._word("dilation", 1)
        padding = self.arguments.get("padding", "valid" if keras else 0)
        axes = len(size)
        if isinstance(padding, str) or keras:
            if not keras and padding == "same" and max(per_axis("stride", stride, axes)) > 1:
                raise ValueError(f"PyTorch takes padding='same' with stride 1 only, got stride {stride}; give numbers")
            return frameworks.keras.forward_geometry(size, kernel_size, stride, padding, dilation)
        table = zip(
            size,
            per_axis("kernel_size", kernel_size, axes),
            per_axis("stride", stride, axes),
            per_axis("dilation", dilation, axes),
            per_axis("padding", padding, axes),
        )
        return Geometry(tuple(Axis.of_convolution(n, k, s, d, (p, p)) for n, k, s, d, p in table))


def layer_of(code: str, name: str, meant: Signature, given: dict[str, Any]) -> Layer:
    """The layer of these arguments: those that change a size are kept, by the names that `geometry` has for them.

    Raises ValueError where one of them has no value, and for paddings that are not zeros.
    """
    arguments = {meant.renamed.get(key, key): value for key, value in given.items()}
    kernel_size = arguments.pop("kernel_size", arguments.get("kernel_shape"))
    if meant.pools:
        kernel_size, arguments = _pool(
            name, "strides" if meant.framework == "keras" else "stride", arguments, kernel_size
        )
    if meant.transposed and arguments.get("padding_mode", "zeros") != "zeros":
        raise ValueError(f"{name} pads with zeros only, got padding_mode={arguments['padding_mode']!r}; leave it out")
    if name == "ConvTranspose" and meant.framework == "jax":
        arguments = _flax(arguments, kernel_size)
    if meant.framework == "tensorflow":
        arguments = _without_batch(arguments)
    rule = getattr(frameworks, meant.framework).geometry
    takes = set(inspect.signature(rule).parameters)
    arguments = {key: value for key, value in arguments.items() if key in takes}
    _check_known(name, {"kernel_size": kernel_size, **arguments})
    channels = (None, None) if meant.framework == "tensorflow" else _channels(given)  # its filters are an array
    return Layer(code, name, meant.framework, meant.transposed, meant.axes, kernel_size, arguments, channels)


def _channels(given: dict[str, Any]) -> tuple[Any, Any]:
    inputs = [given[key] for key in INPUT_CHANNELS if key in given]
    outputs = [given[key] for key in OUTPUT_CHANNELS if key in given]
    return (inputs or [None])[0], (outputs or [None])[0]


def _check_known(name: str, arguments: dict[str, Any]) -> None:
    """Refuse arguments that decide on a size and have no value."""
    unknown = [(key, one) for key, value in arguments.items() for one in _unknown(value)]
    if not unknown:
        return
    shapes = [arguments.get(key) for key in ("output_shape", "output_size")]  # never one number
    variables = {_variable(one.text): "16,16" if one in shapes else "2" for _, one in unknown}
    given = " ".join(f"--let {variable}={value}" for variable, value in variables.items() if variable)
    remedy = f"give the values, for example {given}" if given else "write the number in its place"
    key, first = unknown[0]
    raise ValueError(f"{name} needs a number for {key}, and the line says {first}; {remedy}")


def _unknown(value: Any) -> list[Unknown]:
    if isinstance(value, tuple):
        return [one for entry in value for one in _unknown(entry)]
    return [value] if isinstance(value, Unknown) else []


def _variable(text: str) -> str | None:
    """The first name of an expression, with its dots and indices: that of `self.sizes[0] // 2` is `self.sizes[0]`."""
    for node in ast.walk(ast.parse(text, mode="eval")):
        if isinstance(node, ast.Call):
            return None
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            return ast.unparse(node)
    return None


def _flax(arguments: dict[str, Any], kernel_size: Any) -> dict[str, Any]:
    """Flax's own forms of strides and padding, as `jax.lax.conv_transpose` has them."""
    strides = arguments.get("strides")
    padding = arguments.get("padding", "SAME")
    if padding == "CIRCULAR":
        raise ValueError("ConvTranspose must pad with zeros, got padding='CIRCULAR'; use 'SAME', 'VALID' or numbers")
    if isinstance(padding, int):
        padding = (padding,) * (len(kernel_size) if isinstance(kernel_size, tuple) else 1)
    if isinstance(padding, tuple):
        padding = tuple((entry, entry) if isinstance(entry, int) else entry for entry in padding)
    return {**arguments, "strides": 1 if strides is None else strides, "padding": padding}


def _pool(name: str, own: str, arguments: dict[str, Any], kernel_size: Any) -> tuple[Any, dict[str, Any]]:
    """The window of a pool, which is also its stride (`own` is its name) where none is given."""
    if arguments.get("ceil_mode", False):
        raise ValueError(f"{name} must round its size down to be read here, got ceil_mode=True; leave it out")
    window = arguments.pop("pool_size", 2) if kernel_size is None else kernel_size
    stride = arguments.get(own)
    return window, {**arguments, own: window if stride is None else stride}


def _without_batch(arguments: dict[str, Any]) -> dict[str, Any]:
    """TensorFlow's output_shape often has a variable for the batch and the channels, which change no size."""
    shape = arguments.get("output_shape")
    if not isinstance(shape, tuple) or len(shape) < 3:
        return arguments
    first = str(arguments.get("data_format") or "").startswith("NC")
    outer = {0, 1} if first else {0, len(shape) - 1}
    kept = tuple(1 if n in outer and isinstance(size, Unknown) else size for n, size in enumerate(shape))
    return {**arguments, "output_shape": kept}
