"""The layers of the benchmark: real networks' upsampling layers, and the extremes."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np

from deconvlib import Geometry

__all__ = ["LAYERS", "Layer"]


@dataclass(frozen=True)
class Layer:
    """One transposed convolution, with random float32 arrays."""

    name: str
    batch: int
    size: tuple[int, ...]
    inputs: int
    outputs: int
    kernel_size: tuple[int, ...]
    stride: int = 1
    dilation: int = 1
    groups: int = 1
    same: bool = True  # TF's SAME; otherwise the full output

    @property
    def geometry(self) -> Geometry:
        full = Geometry.of(self.size, self.kernel_size, self.stride, self.dilation)
        cut = [f - n * self.stride if self.same else 0 for f, n in zip(full.full_size, self.size)]
        crop = [(max(c, 0) // 2, c - max(c, 0) // 2) for c in cut]
        return Geometry.of(self.size, self.kernel_size, self.stride, self.dilation, crop)

    @property
    def work(self) -> int:
        """Floating-point operations of the direct computation: 2 N prod(i) in prod(k) out / groups."""
        return 2 * self.batch * math.prod(self.size + self.kernel_size) * self.inputs * self.outputs // self.groups

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        return _arrays(self)


@functools.lru_cache(1)
def _arrays(layer: Layer) -> tuple[np.ndarray, np.ndarray]:
    """Inputs, and a kernel that keeps their scale."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((layer.batch, *layer.size, layer.inputs), np.float32)
    kernel = rng.standard_normal((*layer.kernel_size, layer.outputs // layer.groups, layer.inputs), np.float32)
    fan = layer.inputs * math.prod(layer.kernel_size) / layer.groups / layer.stride ** len(layer.size)
    return x, kernel / np.float32(math.sqrt(fan))


def dcgan(size: int, batch: int, inputs: int, outputs: int) -> Layer:
    return Layer(f"dcgan{size}_b{batch}", batch, (size, size), inputs, outputs, (4, 4), 2)


LAYERS = {
    layer.name: layer
    for layer in [
        *(dcgan(size, 1, 4096 // size, 2048 // size if size < 32 else 3) for size in (4, 8, 16, 32)),
        *(dcgan(size, 64, 4096 // size, 2048 // size if size < 32 else 3) for size in (4, 8, 16, 32)),
        Layer("unet28", 1, (28, 28), 1024, 512, (2, 2), 2),
        Layer("unet196", 1, (196, 196), 128, 64, (2, 2), 2),
        Layer("fcn32", 1, (16, 16), 21, 21, (64, 64), 32),
        Layer("fcn8", 1, (64, 64), 21, 21, (16, 16), 8),
        Layer("segnet64", 1, (64, 64), 64, 32, (3, 3), 2),
        Layer("conv3s1", 1, (128, 128), 64, 64, (3, 3)),
        Layer("stylegan32", 1, (32, 32), 512, 512, (3, 3), 2),
        Layer("wavegan16", 1, (16,), 1024, 512, (25,), 4),
        Layer("wavegan4096", 1, (4096,), 64, 1, (25,), 4),
        Layer("unet3d16", 1, (16, 16, 16), 256, 128, (2, 2, 2), 2, same=False),
        Layer("dil2", 1, (128, 128), 64, 64, (3, 3), dilation=2),
        Layer("dw64", 1, (64, 64), 64, 64, (3, 3), 2, groups=64),
        Layer("istft4096", 1, (340,), 2049, 1, (4096,), 1024, same=False),
        Layer("istft1024", 1, (500,), 1026, 1, (1024,), 256, same=False),
        Layer("hifigan86", 1, (86,), 512, 256, (16,), 8),
        Layer("hifigan5504", 1, (5504,), 128, 64, (4,), 2),
        Layer("dac86", 1, (86,), 1536, 768, (16,), 8),
        Layer("dac5504", 1, (5504,), 384, 192, (8,), 4),
        Layer("toy", 1, (2, 2), 1, 1, (3, 3), same=False),
    ]
}
