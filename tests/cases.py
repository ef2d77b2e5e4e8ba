"""The shared vocabulary of the tests: geometries, random arrays, frameworks, and the definition that judges all."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from deconvlib import Axis, Geometry, frameworks

FRAMEWORKS = {name: getattr(frameworks, name) for name in frameworks.__all__ if name != "Call"}

# One of each kind that needs its own thought: (input_size, kernel_size, stride, dilation, crop).
AXES = {
    "one sample, one tap": Axis(1, 1),
    "the seed's first example": Axis(2, 3),
    "the seed's third example": Axis(2, 3, stride=2),
    "kernel equals stride": Axis(3, 2, stride=2),
    "kernel shorter than stride": Axis(3, 2, stride=4),
    "kernel shorter than stride, zeros shown": Axis(3, 2, stride=4, crop=(0, -2)),
    "cropped unevenly": Axis(4, 3, stride=2, crop=(0, 1)),
    "cropped deeper than the kernel": Axis(6, 2, stride=1, crop=(3, 2)),
    "cropped to one sample": Axis(3, 4, stride=3, crop=(4, 5)),
    "extended on both sides": Axis(3, 3, stride=2, crop=(-2, -1)),
    "nothing but zeros": Axis(3, 3, crop=(7, -4)),
    "dilated": Axis(3, 3, dilation=2),
    "dilation and stride share a factor": Axis(3, 3, stride=2, dilation=4, crop=(1, 0)),
    "dilation and stride are coprime": Axis(4, 3, stride=3, dilation=2, crop=(2, 1)),
    "dilation is not its own inverse modulo the stride": Axis(3, 6, stride=5, dilation=2, crop=(1, 2)),
    "dilation equals stride": Axis(3, 3, stride=3, dilation=3),
    "many taps in a phase": Axis(5, 7, stride=2, crop=(2, 3)),
}
GEOMETRIES = {name: Geometry((axis,)) for name, axis in AXES.items()} | {
    "two unequal axes": Geometry((AXES["cropped unevenly"], AXES["dilated"])),
    "two axes, strided and extended": Geometry((AXES["extended on both sides"], AXES["many taps in a phase"])),
    "three axes": Geometry((AXES["the seed's third example"], AXES["kernel equals stride"], AXES["dilated"])),
    "four axes": Geometry((AXES["kernel equals stride"],) * 2 + (AXES["the seed's first example"],) * 2),
}


@st.composite
def axes(draw, max_size=5, max_kernel=5, max_stride=5, max_dilation=3, max_crop=4):
    """Any legal axis, with zeros added or samples cut on each side."""
    small = [draw(st.integers(1, n)) for n in (max_size, max_kernel, max_stride, max_dilation)]
    full = Axis(*small).full_size
    begin = draw(st.integers(-max_crop, full - 1 + max_crop))
    output = draw(st.integers(1, full + max_crop))
    return Axis(*small, (begin, full - begin - output))


def geometries(max_axes=3, **limits):
    return st.lists(axes(**limits), min_size=1, max_size=max_axes).map(lambda chosen: Geometry(tuple(chosen)))


def rng(seed=0):
    return np.random.default_rng(seed)


def integers(shape, seed=0):
    """Small random integers as float64: sums and products are exact, so that results can be compared with `==`."""
    return rng(seed).integers(-9, 10, shape).astype(np.float64)


def arrays(geometry, batch=2, channels=(2, 3), seed=0):
    """Random inputs [batch, *space, in] and an asymmetric kernel [*k, out, in]."""
    ins, outs = channels
    return (
        integers((batch, *geometry.input_size, ins), seed),
        integers((*geometry.kernel_size, outs, ins), seed + 1),
    )


def definition(inputs, kernel, geometry):
    """Every input sample meets every tap, one pair at a time.  Shares no code with the package."""
    out = np.zeros((len(inputs), *geometry.output_size, kernel.shape[-2]))
    for j in np.ndindex(*geometry.input_size):
        for t in np.ndindex(*geometry.kernel_size):
            at = tuple(
                s * a + d * b - begin
                for s, a, d, b, (begin, _) in zip(geometry.stride, j, geometry.dilation, t, geometry.crop, strict=True)
            )
            if all(0 <= p < n for p, n in zip(at, geometry.output_size, strict=True)):
                for batch in range(len(inputs)):
                    out[(batch, *at)] += kernel[t] @ inputs[(batch, *j)]
    return out


def random_layer(seed, axes=None):
    """A geometry that nobody chose, with random arrays: (inputs, kernel, geometry)."""
    rng = np.random.default_rng(seed)
    axes = axes or rng.integers(1, 4)
    size, k, s, d = (rng.integers(1, high, axes) for high in (8, 6, 4, 4))
    crop = []
    for full in s * (size - 1) + d * (k - 1) + 1:
        begin = rng.integers(-2, full)
        crop.append((int(begin), int(rng.integers(-2, full - begin))))
    geometry = Geometry.of(size.tolist(), k.tolist(), s.tolist(), d.tolist(), crop)
    batch, inputs, outputs = rng.integers(1, (4, 6, 6))
    x = rng.standard_normal((batch, *geometry.input_size, inputs))
    return x, rng.standard_normal((*geometry.kernel_size, outputs, inputs)), geometry
