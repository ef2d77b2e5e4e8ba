"""What one asks about a layer before it is trained: sizes, multiplications, parameters, field, checkerboard."""

from __future__ import annotations

import math
from dataclasses import dataclass

from deconvlib.arguments import at_least_one
from deconvlib.checkerboard import even_overlap
from deconvlib.checks import check_groups
from deconvlib.geometry import Axis, Geometry
from deconvlib.names import own_words
from deconvlib.reach import ReceptiveField, receptive_field


@dataclass(frozen=True)
class Description:
    """A transposed convolution in numbers, for one signal.  `print` shows them as a table.

    - `macs`: multiplications with additions, of every input sample with every tap; FLOPs are twice as many.
    - `kept_macs`: those whose result the crop keeps.
    - `parameters`: entries of the kernel, without a bias.
    """

    input_size: tuple[int, ...]
    output_size: tuple[int, ...]
    input_channels: int
    output_channels: int
    groups: int
    macs: int
    kept_macs: int
    parameters: int
    receptive_field: tuple[ReceptiveField, ...]
    even_overlap: bool

    def __str__(self) -> str:
        field = " x ".join(str(one.size) for one in self.receptive_field)
        rows = {
            "input": f"{' x '.join(map(str, self.input_size))}, {self.input_channels} channels",
            "output": f"{' x '.join(map(str, self.output_size))}, {self.output_channels} channels",
            "groups": f"{self.groups}",
            "MACs": f"{self.macs:,}, of which the crop keeps {self.kept_macs:,}",
            "FLOPs": f"{2 * self.macs:,}",
            "parameters": f"{self.parameters:,}, and {self.output_channels:,} with a bias",
            "input samples that an output sample sees": field,
            "overlap": "even" if self.even_overlap else "uneven: a checkerboard",
        }
        width = max(map(len, rows))
        return "\n".join(f"{name:{width}}  {value}" for name, value in rows.items())


@own_words
def describe(
    geometry: Geometry, input_channels: int, output_channels: int, *, groups: int | None = None
) -> Description:
    """Sizes, MACs, parameters, receptive field and overlap of a transposed convolution, for one signal.

        MACs = prod(i) prod(k) in out / groups          parameters = prod(k) in out / groups

    `groups` is that of the geometry where it is None.  Counters of FLOPs that take the output's size instead of the
    input's are s times too high on each axis.

    Raises ValueError where the groups don't divide the channels.
    """
    if not isinstance(geometry, Geometry):
        raise TypeError(
            f"geometry must be a deconvlib.Geometry, got {type(geometry).__name__}; a Layer has one .at(input_size)"
        )
    inputs = at_least_one("input_channels", input_channels)
    outputs = at_least_one("output_channels", output_channels)
    groups = check_groups(geometry.groups if groups is None else groups, inputs, outputs)
    products = inputs * outputs // groups
    field = receptive_field([("conv_transpose", geometry)])  # first: it refuses more taps than can be counted
    return Description(
        input_size=geometry.input_size,
        output_size=geometry.output_size,
        input_channels=inputs,
        output_channels=outputs,
        groups=groups,
        macs=math.prod(geometry.input_size) * math.prod(geometry.kernel_size) * products,
        kept_macs=math.prod(_kept(axis) for axis in geometry.axes) * products,
        parameters=math.prod(geometry.kernel_size) * products,
        receptive_field=field,
        even_overlap=even_overlap(geometry.layer.at(geometry.input_size)),
    )


def _kept(axis: Axis) -> int:
    """How many pairs of input sample and tap reach an output sample that the crop keeps."""
    met = [axis.meets(tap) for tap in range(axis.kernel_size)]
    return sum(samples.stop - samples.start for samples in met)
