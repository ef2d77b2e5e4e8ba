"""A layer in numbers, each against counting."""

import numpy as np
import pytest
from cases import geometries
from hypothesis import given
from hypothesis import strategies as st

import deconvlib as dl


@given(geometries(max_axes=2), st.integers(1, 3), st.integers(1, 3), st.integers(1, 2))
def test_the_numbers_of_a_layer_are_what_counting_finds(geometry, inputs, outputs, groups):
    said = dl.describe(geometry, inputs * groups, outputs * groups, groups=groups)
    products = inputs * outputs * groups
    assert said.parameters == int(np.prod(geometry.kernel_size)) * products
    assert said.macs == int(np.prod(geometry.input_size)) * said.parameters
    assert said.kept_macs == dl.overlap(geometry).sum() * products
    assert said.even_overlap == dl.even_overlap(geometry)
    assert said.receptive_field == dl.receptive_field([("conv_transpose", geometry)])
    assert (said.input_size, said.output_size) == (geometry.input_size, geometry.output_size)


def test_a_layer_whose_flops_counters_know():
    """64 to 32 channels, kernel 4, stride 2, padding 1 on 128 x 128: 1.074 GFLOP, as torch's counter says."""
    said = dl.describe(dl.Geometry.of((128, 128), 4, 2, crop=(1, 1)), 64, 32)
    assert 2 * said.macs == 1_073_741_824
    lines = str(said).splitlines()
    assert lines[0].split(maxsplit=1) == ["input", "128 x 128, 64 channels"]
    assert "FLOPs" in lines[4]
    assert "1,073,741,824" in lines[4]
    assert lines[-1].endswith("even")


def test_a_kernel_of_a_billion_taps_is_refused_at_once():
    with pytest.raises(ValueError, match="at most 4,000,000 pairs .* got 1,000,000,000"):
        dl.describe(dl.Geometry.of(4, 10**9), 1, 1)


def test_groups_come_from_the_geometry_and_have_to_divide():
    geometry = dl.frameworks.pytorch.geometry((8, 8), 4, 2, 1, groups=4)
    assert dl.describe(geometry, 8, 12).parameters == 16 * 8 * 12 // 4
    with pytest.raises(ValueError, match="got 4 for 8 input channels and 6 output channels; take"):
        dl.describe(geometry, 8, 6)
    with pytest.raises(TypeError, match=r"got Layer; a Layer has one .at\(input_size\)"):
        dl.describe(geometry.layer, 8, 12)
