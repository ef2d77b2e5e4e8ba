"""What the five frameworks share: the answer of `call`, and the few moves from which its text is put together."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ParamSpec

from numpy.typing import ArrayLike

from deconvlib.api import conv_transpose
from deconvlib.arguments import at_least_one, briefly, ceil_div, count_axes, entries
from deconvlib.checks import Array, as_array, check_shape
from deconvlib.geometry import Geometry, Layer

P = ParamSpec("P")
Crop = tuple[int, int]
Size = int | Sequence[int]


@dataclass(frozen=True)
class Call:
    """How a framework says a geometry, as a layer: right at every input size at which the crop is that of the geometry.

    arguments: the keyword arguments of the framework's function, as `geometry` of the same module takes them back.
    crop: one slice a spatial axis to take from the result, counted from its ends, or None where it is already right.
    code: Python text that says all of it.  It imports what it needs, reads `x` and `kernel` in the framework's own
    layout, and leaves the result in `y`.  `str(call)` is the code.
    zeros: one (begin, end) pair a spatial axis, the zeros to put around the input before the call, or None.
    """

    arguments: dict[str, Any]
    crop: tuple[slice, ...] | None
    code: str
    zeros: tuple[Crop, ...] | None = None

    def __str__(self) -> str:
        return self.code


def with_sizes(rule: Callable[P, Geometry]) -> Callable[P, Geometry]:
    """The rule, with an error for an input size of None that shows the call to write instead."""

    @functools.wraps(rule)
    def checked(*args: P.args, **kwargs: P.kwargs) -> Geometry:
        size = args[0] if args else kwargs.get("input_size", 1)
        sizes = entries("input_size", size)
        if size is None or (sizes is not None and None in sizes):
            raise TypeError(f"input_size must be known, got {briefly(size)}; {_with_a_size(rule, sizes, args, kwargs)}")
        return rule(*args, **kwargs)

    return checked


def _with_a_size(rule: Any, sizes: tuple[Any, ...] | None, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """The same call with the first usual size that it takes."""
    rest, named = args[1:], {name: value for name, value in kwargs.items() if name != "input_size"}
    refused = ""
    for usual in (8, 64):
        size = usual if sizes is None else tuple(usual if n is None else n for n in sizes)
        try:
            found = rule(size, *rest, **named)
        except ValueError as error:
            refused = f"with {briefly(size)}: {error}"
            continue
        if not found.one_size:
            words = [*map(briefly, (size, *rest)), *(f"{name}={briefly(value)}" for name, value in named.items())]
            framework = rule.__module__.rpartition(".")[2]
            return f"for a layer that holds at every size write {framework}.geometry({', '.join(words)}).layer"
        refused = "write the size, for the crop depends on it here"
    return refused


def spatial_axes(framework: str, input_size: Any, kernel_size: Any) -> int:
    """The number of spatial axes, of which most frameworks have three at most."""
    axes = count_axes(input_size=input_size, kernel_size=kernel_size)
    if axes > 3:
        raise ValueError(
            f"{framework} has 1, 2 or 3 spatial axes in a transposed convolution, got {axes}; "
            "deconvlib.conv_transpose takes any number"
        )
    return axes


def layer_of(geometry: Geometry | Layer, groups: int | None) -> Layer:
    """What a call has to say at every input size, with the groups that were asked for or those of the geometry."""
    if not isinstance(geometry, (Geometry, Layer)):
        raise TypeError(
            f"call takes a deconvlib.Geometry or Layer, got {type(geometry).__name__}; "
            "make one with geometry(...) of the framework that the layer comes from"
        )
    layer = geometry.layer if isinstance(geometry, Geometry) else geometry
    return layer if groups is None else replace(layer, groups=at_least_one("groups", groups))


def at_size_of(geometry: Geometry | Layer, layer: Layer, zeros: tuple[Crop, ...] | None) -> Geometry | None:
    """The layer at the input size of the geometry, if that is known, with the zeros put around it."""
    if isinstance(geometry, Layer):
        return None
    around = zeros or ((0, 0),) * len(geometry.axes)
    return layer.at([size + sum(pair) for size, pair in zip(geometry.input_size, around)])


def with_zeros(layer: Layer, reveal: Sequence[int]) -> tuple[tuple[Crop, ...] | None, Layer]:
    """The same output from an input with zeros around it: a crop of at least 0 at the beginning, -reveal at the end.

    Each zero sample at an end makes the full output s samples longer there, and all that it adds is zero.
    """
    zeros, crop = [], []
    for (begin, end), s, most in zip(layer.crop, layer.stride, reveal):
        before = ceil_div(max(-begin, 0), s)
        after = ceil_div(max(-end - most, 0), s)
        zeros.append((before, after))
        crop.append((begin + s * before, end + s * after))
    return (tuple(zeros) if any(map(any, zeros)) else None), layer.cropped(crop)


def leftover(wanted: Layer, native: Layer) -> tuple[slice, ...] | None:
    """The slices that are left to take when the framework's own crop is `native`; None where that is all.

    They count from the ends of the result, so that they hold at every size.
    """
    if native.crop == wanted.crop:
        return None
    cuts = [(a - c, b - d) for (a, b), (c, d) in zip(wanted.crop, native.crop)]
    return tuple(slice(begin or None, -end or None) for begin, end in cuts)


def cut(wanted: Layer, native: Layer) -> int:
    """How many samples more the native result has, all axes together."""
    return sum(map(sum, wanted.crop)) - sum(map(sum, native.crop))


def covers(native: Crop, wanted: Crop) -> bool:
    """Whether a further crop of `native` gives `wanted`."""
    return native[0] <= wanted[0] and native[1] <= wanted[1]


def halves(total: int) -> Crop:
    """A total crop as "same" splits it: half on each side, the odd sample at the end; below zero all at the end."""
    begin = max(total, 0) // 2
    return begin, total - begin


def most_within(crop: Crop) -> int:
    """The largest total whose halves stay within the crop (begin >= 0):  halves(most_within((1, 3))) is (1, 2)."""
    begin, end = crop
    return min(2 * begin + 1, 2 * end) if end >= 0 else end


def keywords(arguments: dict[str, Any], **defaults: Any) -> str:
    """`name=value, ...` without the defaults; a tuple of equal integers is said by one of them."""
    short = {name: v[0] if isinstance(v, tuple) and len(set(v)) == 1 else v for name, v in arguments.items()}
    return ", ".join(f"{name}={v!r}" for name, v in short.items() if name not in defaults or v != defaults[name])


def pairs(zeros: Sequence[Crop], *, channels_first: bool = False) -> list[list[int]]:
    """`zeros` with the (0, 0) of batch and channels."""
    outer = [[0, 0]] * (2 if channels_first else 1)
    return [*outer, *map(list, zeros), *([] if channels_first else [[0, 0]])]


def size_text(geometry: Geometry | Layer, *, channels_first: bool = False) -> list[str]:
    """The lines that refuse another input size, where the output size was named and the crop is that of one size."""
    if isinstance(geometry, Layer) or not geometry.one_size:
        return []
    size = geometry.input_size
    said = "an output size was named, so this is right for inputs of this size alone: "
    return [
        f"if tuple({'x.shape[2:]' if channels_first else 'x.shape[1:-1]'}) != {size}:",
        f'    raise ValueError("{said}{" x ".join(map(str, size))}")',
    ]


def crop_text(crop: tuple[slice, ...] | None, *, channels_first: bool = False) -> list[str]:
    """The line that takes the slices from y, or none."""
    if crop is None:
        return []
    taken = [f"{'' if s.start is None else s.start}:{'' if s.stop is None else s.stop}" for s in crop]
    return [f"y = y[{', '.join([':'] * (2 if channels_first else 1) + taken)}]"]


def groups_text(one: str, groups: int, split: str, join: str) -> list[str]:
    """The lines that call `one`, a text with places for input and kernel, on every group, where it knows no groups."""
    if groups == 1:
        return [f"y = {one.format('x', 'kernel')}"]
    return [
        f"parts = zip({split}(x, {groups}, axis=-1), {split}(kernel, {groups}, axis=-1))",
        f"y = {join}([{one.format('a', 'k')} for a, k in parts], axis=-1)",
    ]


def dilate_text(layer: Layer, pad: str, take: str) -> list[str]:
    """The lines that write the zeros between the taps out, so that what is left has dilation 1.

    TensorFlow on a CPU has no dilation unless oneDNN is on, and even then not with explicit padding.
    """
    lines = []
    axes = len(layer.kernel_size)
    for n, (k, d) in enumerate(zip(layer.kernel_size, layer.dilation)):
        if d > 1:
            row_of_zeros = [[0, int(n == m)] for m in range(axes + 2)]
            chosen = f"[{k} if t % {d} else t // {d} for t in range({d * (k - 1) + 1})]"  # entry k is the row of zeros
            lines.append(f"kernel = {take}({pad}(kernel, {row_of_zeros}), {chosen}, axis={n})")
    note = "# the zeros between the taps written out: not every device has dilation"
    return [note, *lines] if lines else []


def kernel_array(kernel: ArrayLike, groups: int, channels: int) -> Array:
    """The kernel as an array, whose axis `channels` holds all channels of one side and divides into the groups."""
    kernel = as_array("kernel", kernel)
    if kernel.ndim < 3:
        raise ValueError(
            f"a kernel has two channel axes and at least one spatial axis, got shape {kernel.shape}; "
            "keep both channel axes, even where they are 1"
        )
    groups = at_least_one("groups", groups)
    check_shape((groups,))
    if kernel.shape[channels] % groups:
        raise ValueError(
            f"groups must divide the {kernel.shape[channels]} channels on axis {channels} of a kernel of shape "
            f"{kernel.shape}, got {groups}; take a divisor, or 1"
        )
    return kernel


def kernel(kernel: ArrayLike, *, groups: int = 1) -> Array:
    """A copy: this framework keeps its kernels as deconvlib does, as (*k, out / groups, in)."""
    return kernel_array(kernel, groups, -1).copy()


def from_kernel(array: ArrayLike, *, groups: int = 1) -> Array:
    """A copy: this framework keeps its kernels as deconvlib does, as (*k, out / groups, in)."""
    return kernel_array(array, groups, -1).copy()


def compute(x: Array, kernel: Array, bias: ArrayLike | None, geometry: Geometry, method: str) -> Array:
    """The transposed convolution of x [batch, *space, in] with deconvlib's kernel, and a bias [out]."""
    result = conv_transpose(
        x,
        kernel,
        geometry.stride,
        geometry.crop,
        dilation_rate=geometry.dilation,
        groups=geometry.groups,
        method=method,
    )
    if bias is None:
        return result
    bias = as_array("bias", bias)
    if bias.shape != result.shape[-1:]:
        raise ValueError(
            f"bias must have one entry for each of the {result.shape[-1]} output channels, got shape {bias.shape}; "
            "leave it out for none"
        )
    added: Array = result + bias
    return added


def arrays(names: tuple[str, str], inputs: ArrayLike, kernel: ArrayLike, layout: str) -> tuple[Array, Array]:
    """Both as arrays, of which each has a batch axis or an axis of channels, and one axis for each spatial one."""
    x, w = as_array(names[0], inputs), as_array(names[1], kernel)
    if x.ndim != w.ndim or x.ndim < 3:
        raise ValueError(
            f"{names[0]} and {names[1]} must be {layout}, with as many axes each, got shapes {x.shape} and {w.shape}; "
            f"add a batch axis with {names[0]}[None]"
        )
    return x, w


def check_channels(names: tuple[str, str], x: Array, given: int, w: Array, meant: int, layout: str) -> None:
    if given != meant:
        raise ValueError(
            f"{names[0]} and {names[1]} must have the same input channels, got {given} in shape {x.shape} and {meant} "
            f"in shape {w.shape}; the layouts are {layout}"
        )
