"""Two layers as one transposed convolution: a scale, a PixelShuffle, a nearest upsampling; and back.

Kernels of convolutions are [*k, in, out], those of transposed convolutions [*k, out / groups, in], as everywhere here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deconvlib.api import Padding, plain, sides
from deconvlib.arguments import at_least_one, briefly, ceil_div, per_axis
from deconvlib.checks import Array, as_array, check_groups, check_shape
from deconvlib.geometry import Geometry, Layer
from deconvlib.names import own_words

ORDERS = ("pytorch", "tensorflow")


@own_words
def fuse_scale(kernel: ArrayLike, scale: ArrayLike, *, groups: int = 1) -> Array:
    """The kernel of a transposed convolution whose output channels are then scaled: BatchNorm folded into the layer.

        scale * conv_transpose(x, kernel, groups=groups)  =  conv_transpose(x, fuse_scale(kernel, scale), groups=groups)

    kernel [*k, out / groups, in], scale [out].  For BatchNorm, scale is  gamma / sqrt(variance + epsilon),  and the
    bias of the layer becomes  (bias - mean) * scale + beta.
    """
    kernel, scale = _kernel(kernel), as_array("scale", scale)
    groups = check_groups(groups, kernel.shape[-1])
    if scale.shape != (kernel.shape[-2] * groups,):
        raise ValueError(
            f"scale must have one entry for each of the {kernel.shape[-2] * groups} output channels, got shape "
            f"{scale.shape}; with groups the kernel has only those of one group"
        )
    of_groups = scale.reshape(groups, kernel.shape[-2])
    fused: Array = kernel * np.repeat(of_groups, kernel.shape[-1] // groups, axis=0).T
    return fused


@own_words
def fuse_upsample(kernel: ArrayLike, stride: int | Sequence[int], padding: Padding = 0) -> tuple[Array, Layer]:
    """Nearest upsampling by `stride` and then a convolution, as one transposed convolution: its kernel and its layer.

        conv(repeat(x, s), kernel, padding=p)  =  conv_transpose(x, fused, layer.stride, layer.crop)

    kernel [*n, in, out] of the convolution; the fused one is `[*(n + s - 1), out, in]`: turned around, and smeared
    over the s samples that are repeated.  padding is that of the convolution; n // 2 keeps the size.
    """
    kernel = _kernel(kernel)
    axes = kernel.ndim - 2
    strides = _strides(stride, axes)
    size = kernel.shape[:-2]
    smeared_size = tuple(n + s - 1 for n, s in zip(size, strides))
    check_shape(smeared_size)
    np.empty((*smeared_size, *kernel.shape[-2:]), kernel.dtype)  # where there is no memory for it, nothing is begun
    fused = np.flip(kernel, tuple(range(axes))).swapaxes(-1, -2)
    for axis, s in enumerate(strides):
        smeared = np.zeros((*fused.shape[:axis], fused.shape[axis] + s - 1, *fused.shape[axis + 1 :]), fused.dtype)
        for r in range(s):
            smeared[(slice(None),) * axis + (slice(r, r + fused.shape[axis]),)] += fused
        fused = smeared
    crop = [(n - 1 - begin, n - 1 - end) for n, (begin, end) in zip(size, sides(plain("padding", padding), axes))]
    return fused, Layer(fused.shape[:-2], strides, 1, crop)


@own_words
def fuse_pixel_shuffle(
    kernel: ArrayLike, stride: int | Sequence[int], padding: Padding = 0, *, order: str = "pytorch"
) -> tuple[Array, Layer]:
    """A convolution and then a PixelShuffle, as one transposed convolution: its kernel and its layer.

        shuffle(conv(x, kernel, padding=p), s)  =  conv_transpose(x, fused, layer.stride, layer.crop)

    kernel [*n, in, out * prod(s)]; the fused one is `[*(s n), out, in]`.  order says where the channels hold the
    phases: "pytorch" (nn.PixelShuffle: out first) or "tensorflow" (tf.nn.depth_to_space: phases first).
    """
    kernel = _kernel(kernel)
    axes = kernel.ndim - 2
    strides = _strides(stride, axes)
    size, inputs, phases = kernel.shape[:-2], kernel.shape[-2], math.prod(strides)
    if kernel.shape[-1] % phases:
        raise ValueError(
            f"kernel must have {phases} output channels for each channel of the result, got {kernel.shape[-1]}; "
            "a PixelShuffle takes one for each phase"
        )
    check_shape(strides)
    outputs = kernel.shape[-1] // phases
    turned = np.flip(kernel, tuple(range(axes)))
    if _order(order) == "pytorch":
        split = turned.reshape(*size, inputs, outputs, *strides)
        of_outputs, of_phases = axes + 1, axes + 2
    else:
        split = turned.reshape(*size, inputs, *strides, outputs)
        of_outputs, of_phases = 2 * axes + 1, axes + 1
    places = [place for axis in range(axes) for place in (axis, of_phases + axis)]
    fused = split.transpose(*places, of_outputs, axes)
    fused = fused.reshape(*(n * s for n, s in zip(size, strides)), outputs, inputs)
    crop = [
        (s * (n - 1 - b), s * (n - 1 - e))
        for n, s, (b, e) in zip(size, strides, sides(plain("padding", padding), axes))
    ]
    return fused, Layer(fused.shape[:-2], strides, 1, crop)


@own_words
def as_pixel_shuffle(
    kernel: ArrayLike, layer: Layer | Geometry, *, order: str = "pytorch"
) -> tuple[Array, tuple[tuple[int, int], ...], tuple[int, ...]]:
    """A transposed convolution as a convolution of stride 1 and a PixelShuffle: (kernel, padding, cut).

        conv_transpose(x, kernel, layer.stride, layer.crop)  =  shuffle(conv(x, split, padding=padding), s)

    without the last `cut` samples of each axis.  kernel [*k, out, in], without groups or dilation; the convolution's is
    [*n, in, out * prod(s)].  Where the stride does not divide kernel and crop, zeros are put around the kernel.
    """
    kernel = _kernel(kernel)
    axes = kernel.ndim - 2
    if not isinstance(layer, (Layer, Geometry)):
        raise TypeError(f"layer must be a deconvlib.Layer or Geometry, got {type(layer).__name__}; it has the stride")
    if layer.kernel_size != kernel.shape[:-2] or set(layer.dilation) != {1} or layer.groups != 1:
        raise ValueError(
            f"layer must have the kernel's size {kernel.shape[:-2]}, dilation 1 and one group, got {briefly(layer)}; "
            "write the zeros between the taps out, and take groups one by one"
        )
    around, padding, cut, size = [], [], [], []
    for k, s, (begin, end) in zip(layer.kernel_size, layer.stride, layer.crop):
        before = -begin % s
        n = ceil_div(k + before, s)
        after = s * n - k - before
        first = n - 1 - (begin + before) // s
        last = n - 1 - (end + after) // s  # rounded down: what is too much is cut
        around.append((before, after))
        padding.append((first, last))
        cut.append((end + after) % s)
        size.append(n)
    *_, outputs, inputs = kernel.shape
    check_shape((*(n * s for n, s in zip(size, layer.stride)), outputs, inputs))
    whole = np.pad(kernel, [*around, (0, 0), (0, 0)])
    pairs = [length for n, s in zip(size, layer.stride) for length in (n, s)]
    split = whole.reshape(*pairs, outputs, inputs)
    taps, phases = range(0, 2 * axes, 2), range(1, 2 * axes, 2)
    channels = (2 * axes, *phases) if _order(order) == "pytorch" else (*phases, 2 * axes)
    split = split.transpose(*taps, 2 * axes + 1, *channels).reshape(*size, inputs, outputs * math.prod(layer.stride))
    return np.flip(split, tuple(range(axes))), tuple(padding), tuple(cut)


def _kernel(kernel: Any) -> Array:
    array = as_array("kernel", kernel)
    if array.ndim < 3:
        raise ValueError(
            f"kernel must have one axis for each spatial one and two for channels, got shape {array.shape}; "
            "keep both channel axes, even where they are 1"
        )
    return array


def _strides(stride: Any, axes: int) -> tuple[int, ...]:
    return tuple(at_least_one("stride", s) for s in per_axis("stride", stride, axes))


def _order(order: Any) -> str:
    if not isinstance(order, str) or order not in ORDERS:
        raise ValueError(f"order must be 'pytorch' or 'tensorflow', got {briefly(order)}; the latter is depth_to_space")
    return order
