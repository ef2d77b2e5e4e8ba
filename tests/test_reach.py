"""Laws of the receptive field, judged by impulses."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from deconvlib import METHODS, Axis, Geometry, Layer, ReceptiveField, inputs_needed, outputs_touched, receptive_field
from deconvlib.methods import convolve


def depends(layers, size):
    """The input samples that each output sample depends on, by sending an impulse through from each input sample."""
    reached = np.eye(size)[..., None]
    for kind, geometry in layers:
        kernel = np.ones((*geometry.kernel_size, 1, 1))
        apply = convolve if kind == "conv" else METHODS["scatter"]
        reached = apply(reached, kernel, geometry)
    return [set(np.flatnonzero(column)) for column in reached[..., 0].T]


@st.composite
def stacks(draw, size=300):
    """Layers that fit one another, on signals so long that an interior is left."""
    start, layers = size, []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["conv", "conv_transpose"]))
        k, d = draw(st.integers(1, 4)), draw(st.integers(1, 3))
        s = draw(st.integers(1, 3)) if 100 <= size <= 500 else 1
        begin = draw(st.integers(-2, 3))
        if kind == "conv":
            steps = (size + begin - d * (k - 1) - 1) // s + 1
            full = Axis(steps, k, s, d).full_size
            axis = Axis(steps, k, s, d, (begin, full - begin - size))
            size = axis.input_size
        else:
            axis = Axis(size, k, s, d, (begin, draw(st.integers(-2, 2))))
            size = axis.output_size
        layers.append((kind, Geometry((axis,))))
    return start, layers


@given(stacks())
def test_the_receptive_field_is_what_impulses_reach(stack):
    size, layers = stack
    (field,) = receptive_field(layers)
    found = depends(layers, size)
    period = math.prod(geometry.stride[0] for _, geometry in layers)
    first = (len(found) - period) // 2
    middle = {p: found[p] for p in range(first, first + period) if found[p]}
    if not middle:
        assert field == ReceptiveField(0, field.jump, None)
        return
    offsets = [Fraction(int(min(f) + max(f)), 2) - field.jump * p for p, f in middle.items()]
    assert field.size == max(max(f) - min(f) + 1 for f in middle.values())
    assert field.offset == sum(offsets) / len(offsets)


def test_the_receptive_field_of_a_textbook_stack():
    """Two 3-tap convolutions of stride 2 with padding 1 see 7 samples, 4 apart; one of stride 2 back is 2 apart."""
    first, second = Geometry.of(16, 3, 2, crop=(1, 0)), Geometry.of(8, 3, 2, crop=(1, 0))
    down = [("conv", first), ("conv", second)]
    assert receptive_field(down) == (ReceptiveField(7, Fraction(4), Fraction(0)),)
    back = [*down, ("conv_transpose", Geometry.of(8, 4, 2, crop=(1, 1)))]
    assert receptive_field(back) == (ReceptiveField(11, Fraction(2), Fraction(-1)),)


def test_each_axis_has_its_own_receptive_field():
    geometry = Geometry.of((4, 4), (3, 5), (1, 2))
    assert [field.size for field in receptive_field([("conv", geometry)])] == [3, 5]
    assert [field.jump for field in receptive_field([("conv_transpose", geometry)])] == [1, Fraction(1, 2)]


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([], "layers must have one layer at least"),
        ([("pool", Geometry.of(4, 3))], "a layer must be .* got 'pool'"),
        ([("conv", Geometry.of(4, 3))] * 2, r"layer 1 must take what .* gives, \(4,\); it takes \(6,\)"),
    ],
)
def test_a_stack_that_does_not_fit_is_refused(layers, message):
    with pytest.raises(ValueError, match=message):
        receptive_field(layers)


@given(stacks(size=500), st.data())
def test_ranges_are_what_impulses_reach(stack, data):
    """Any range in the middle, in both directions, against every impulse."""
    size, layers = stack
    found = depends(layers, size)
    free = [(kind, geometry.layer) for kind, geometry in layers]
    middle = len(found) // 2
    start = data.draw(st.integers(middle - 5, middle + 5))
    stop = start + data.draw(st.integers(0, 8))
    needed = {j for p in range(start, stop) for j in found[p]}
    (reach,) = inputs_needed(free, (start, stop))
    if needed:
        assert reach == range(min(needed), max(needed) + 1)
    else:
        assert not reach
    first = data.draw(st.integers(size // 2 - 6, size // 2 + 6))
    last = first + data.draw(st.integers(0, 8))
    touched = {p for p, reads in enumerate(found) if any(first <= j < last for j in reads)}
    (reach,) = outputs_touched(free, range(first, last))
    if touched:
        assert reach == range(min(touched), max(touched) + 1)
    else:
        assert not reach


def hull(samples):
    return range(min(samples), max(samples) + 1) if samples else range(0)


@st.composite
def short_stacks(draw):
    """Layers that fit one another, on signals so short that every sample is near a border."""
    start = size = draw(st.integers(1, 12))
    layers = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["conv", "conv_transpose"]))
        k, s, d = (draw(st.integers(1, most)) for most in (4, 3, 3))
        crop = draw(st.integers(-2, 4)), draw(st.integers(-2, 4))
        try:
            axis = Axis.of_convolution(size, k, s, d, crop) if kind == "conv" else Axis(size, k, s, d, crop)
        except ValueError:  # nothing is left
            assume(False)
        size = axis.input_size if kind == "conv" else axis.output_size
        layers.append((kind, Geometry((axis,))))
    return start, layers


@given(short_stacks(), st.data())
def test_at_borders_too_ranges_are_what_impulses_reach(stack, data):
    """Any range of a short signal, that begins or ends beyond it now and then, against every impulse."""
    size, layers = stack
    found = depends(layers, size)
    start = data.draw(st.integers(-3, len(found)))
    stop = start + data.draw(st.integers(0, len(found) + 3))
    needed = {j for p, reads in enumerate(found) if start <= p < stop for j in reads}
    assert inputs_needed(layers, (start, stop)) == (hull(needed),)
    first = data.draw(st.integers(-3, size))
    last = first + data.draw(st.integers(0, size + 3))
    touched = {p for p, reads in enumerate(found) if any(first <= j < last for j in reads)}
    assert outputs_touched(layers, (first, last)) == (hull(touched),)


def test_what_only_the_padding_between_two_layers_would_read_is_not_named():
    """The second layer's tap at -1 reads a zero; unbounded signals would have a sample there, made of input 0."""
    first, second = Geometry.of(9, 3, crop=(3, 0)), Geometry.of(8, 3, crop=(1, 1))
    stack = [("conv_transpose", first), ("conv", second)]
    assert inputs_needed(stack, (0, 1)) == (range(1, 5),)
    assert inputs_needed([(kind, one.layer) for kind, one in stack], (0, 1)) == (range(0, 5),)


def test_the_decoder_of_an_audio_codec():
    """Strides 8, 5, 4 and 2, each with kernel 2 s and padding s / 2 rounded up: ranges, where the field averages."""
    stack = [("conv_transpose", Layer(2 * s, s, crop=(-(-s // 2), s // 2))) for s in (8, 5, 4, 2)]
    sized, size = [], 30
    for kind, layer in stack:
        sized.append((kind, layer.at(size)))
        size = sized[-1][1].output_size[0]
    found = depends(sized, 30)
    needed = set().union(*found[3200:6400])
    assert inputs_needed(stack, (3200, 6400)) == (range(min(needed), max(needed) + 1),)
    touched = [p for p, reads in enumerate(found) if 10 in reads]
    assert outputs_touched(stack, (10, 11)) == (range(touched[0], touched[-1] + 1),)
    assert receptive_field(stack)[0].jump == Fraction(1, 320)


def test_a_field_needs_no_sizes_and_a_layer_may_come_often():
    down = ("conv", Layer(3, stride=2, crop=(1, 1)))
    assert receptive_field([down] * 3) == (ReceptiveField(15, Fraction(8), Fraction(0)),)
    assert inputs_needed([("conv_transpose", Layer(4, 2, crop=(1, 1)))], (100, 200)) == (range(49, 101),)


@pytest.mark.parametrize(
    ("layer", "offset"),
    [
        (Layer(4, 2, crop=(1, 1)), Fraction(-1, 4)),  # aligned like a resized picture
        (Layer(3, 2, crop=(0, 1)), Fraction(-1, 2)),  # Keras's "same"
        (Layer(3, 2, crop=(1, 0)), Fraction(0)),  # PyTorch's padding 1, output_padding 1
    ],
)
def test_the_offset_is_how_input_and_output_are_aligned(layer, offset):
    assert receptive_field([("conv_transpose", layer)])[0].offset == offset


def test_the_crops_of_fcn_are_offsets():
    """FCN-32s, 16s and 8s cut 19, 27 and 31 samples: the offset of the backbone in pixels, as conv1_1 pads by 100."""
    same, pool = ("conv", Layer(3, crop=(1, 1))), ("conv", Layer(2, 2))
    backbone = [("conv", Layer(3, crop=(100, 100))), same, pool, same, same, pool]
    backbone += [same, same, same, pool] * 3
    score = [*backbone, ("conv", Layer(7))]
    up = [*score, ("conv_transpose", Layer(64, 32))]
    (field,) = receptive_field(up)
    assert field.jump == 1
    assert field.offset == -19


def test_known_sizes_cut_the_ranges_and_huge_strides_cost_nothing():
    first = Geometry.of(8, 4, 2, crop=(1, 1))
    assert inputs_needed([("conv_transpose", first)], (0, 16)) == (range(0, 8),)
    assert inputs_needed([("conv_transpose", first.layer)], (0, 16)) == (range(-1, 9),)
    assert outputs_touched([("conv_transpose", first)], (0, 8)) == (range(0, 16),)
    huge = Layer(3, 10**9)
    (field,) = receptive_field([("conv", huge), ("conv_transpose", huge)])
    assert field.size == 3
    assert inputs_needed([("conv_transpose", huge)], (0, 10**18)) == (range(0, 10**9),)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: receptive_field(("conv", Geometry.of(4, 3))), TypeError, "layer 0 must be a pair, got 'conv'; write"),
        (lambda: receptive_field([("conv", Axis(4, 3))]), TypeError, "layer 0 must have a deconvlib.Layer or Geometry"),
        (lambda: receptive_field(Layer(3)), TypeError, "layers must be a list of pairs, got Layer"),
        (lambda: receptive_field([("conv", Layer(3)), ("conv", Layer((3, 3)))]), ValueError, "layer 1 must have as ma"),
        (lambda: inputs_needed([("conv", Layer(3))], 3), ValueError, r"range or a pair \(start, stop\), got 3; write"),
        (lambda: inputs_needed([("conv", Layer(3))], [(0, 1)] * 2), ValueError, "one for each of the 1 axes, got"),
        (lambda: receptive_field([("conv", Layer(10**9))]), ValueError, "at most 4,000,000 pairs .* got 1,000,000,000"),
    ],
)
def test_what_is_no_stack_and_no_range_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
