"""Laws of sizes and positions."""

import itertools

import numpy as np
import pytest
from cases import axes
from hypothesis import given

from deconvlib import Axis, Geometry, Layer, conv_transpose


@given(axes())
def test_output_size_counts_what_the_crop_leaves_of_the_reached_samples(axis):
    reached = {axis.stride * j + axis.dilation * t for j in range(axis.input_size) for t in range(axis.kernel_size)}
    assert axis.full_size == max(reached) + 1
    assert axis.span == max(t * axis.dilation for t in range(axis.kernel_size)) + 1
    assert axis.output_size == axis.full_size - axis.crop[0] - axis.crop[1]


@given(axes())
def test_phases_share_out_every_pair_of_sample_and_tap_once(axis):
    """Output sample by output sample, the phases read exactly the (input, tap) pairs of the definition."""

    def pairs(one):
        return {
            (one.stride * j + one.dilation * t - one.crop[0], j, t)
            for j, t in itertools.product(range(one.input_size), range(one.kernel_size))
            if 0 <= one.stride * j + one.dilation * t - one.crop[0] < one.output_size
        }

    found = set()
    for samples, taps, phase in axis.phases():
        where = range(axis.output_size)[samples]
        if phase is None:
            assert not range(axis.kernel_size)[taps]
            assert not {o for o, _, _ in pairs(axis)} & set(where)
            continue
        assert (phase.stride, phase.output_size) == (1, len(where))
        mine = {(where[o], j, range(axis.kernel_size)[taps][t]) for o, j, t in pairs(phase)}
        assert not mine & found
        found |= mine
    assert found == pairs(axis)


@given(axes())
def test_a_tap_meets_the_samples_that_it_leads_into_the_output(axis):
    for t in range(axis.kernel_size):
        places = {j: axis.stride * j + axis.dilation * t - axis.crop[0] for j in range(axis.input_size)}
        assert list(axis.meets(t)) == [j for j, place in places.items() if 0 <= place < axis.output_size]


@given(axes(), axes())
def test_a_layer_is_a_geometry_without_its_size(first, second):
    geometry = Geometry((first, second))
    assert geometry.layer.at(geometry.input_size) == geometry
    assert geometry.layer == Layer(geometry.kernel_size, geometry.stride, geometry.dilation, geometry.crop)
    larger = geometry.layer.at([i + 3 for i in geometry.input_size])
    assert larger.layer == geometry.layer
    assert larger.output_size == tuple(o + 3 * s for o, s in zip(geometry.output_size, geometry.stride))


def test_a_layer_with_another_crop_is_otherwise_the_same():
    layer = Layer((3, 4), (1, 2), 3, crop=(1, 1), groups=2)
    other = layer.cropped(((0, 1), (2, 0)))
    assert other == Layer((3, 4), (1, 2), 3, crop=((0, 1), (2, 0)), groups=2)
    assert other.groups == 2


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_a_numpy_matrix_is_a_list_of_rows():
    """Its rows are matrices, so that one who looks for integers among them finds no end."""
    with pytest.raises(TypeError, match=r"strides must be an integer, got \(1, 2\)"):
        conv_transpose(np.ones((1, 3, 1)), np.ones((3, 1, 1)), np.matrix([[1, 2]]))


def test_how_a_geometry_is_shown():
    assert repr(Geometry.of((8, 8), 4, 2, crop=(1, 1))) == "Geometry(8x8 -> 16x16, k=4, s=2, crop=(1, 1))"
    assert repr(Geometry.of((8, 4), (4, 3))) == "Geometry(8x4 -> 11x6, k=(4, 3))"
    assert repr(Geometry.of(8, 3, 1, 2)) == "Geometry(8 -> 12, k=3, d=2)"
    assert repr(Geometry.of(8, 3, groups=2)) == "Geometry(8 -> 10, k=3, groups=2)"


@given(axes())
def test_a_forward_convolution_over_the_output_gives_back_the_input_size(axis):
    begin, end = axis.crop
    assert Axis.of_convolution(axis.output_size, axis.kernel_size, axis.stride, axis.dilation, (begin, end)) == axis


def test_the_unreached_remainder_of_a_convolution_shortens_the_crop():
    for size, kernel, stride, dilation, pad in itertools.product(range(1, 9), (1, 2, 3), (1, 2, 3), (1, 2), (0, 1, 2)):
        span = dilation * (kernel - 1) + 1
        if size + 2 * pad < span:
            continue
        axis = Axis.of_convolution(size, kernel, stride, dilation, (pad, pad))
        assert axis.input_size == (size + 2 * pad - span) // stride + 1
        assert axis.output_size == size
        assert axis.crop == (pad, pad - (size + 2 * pad - span) % stride)


def test_a_scalar_stands_for_every_axis():
    geometry = Geometry.of((2, 5), 3, 2, crop=(0, 1))
    assert geometry == Geometry((Axis(2, 3, 2, crop=(0, 1)), Axis(5, 3, 2, crop=(0, 1))))
    assert Geometry.of(4, (1, 2)).input_size == (4, 4)
    assert Geometry.of(4, 3, crop=[(1, 0)]).crop == ((1, 0),)
    assert geometry.output_size == (4, 10)


def test_equal_geometries_hash_alike():
    assert len({Geometry.of((2, 2), 3), Geometry((Axis(2, 3),) * 2)}) == 1


def test_phases_of_an_axis_that_no_array_has_are_counted_all_the_same():
    samples, taps, axis = next(Axis(2**70, 5, 2).phases())
    assert (samples, taps) == (slice(0, None, 2), slice(0, None, 2))
    assert axis == Axis(2**70, 3)
