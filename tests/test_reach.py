"""Laws of the receptive field, judged by impulses."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deconvlib import METHODS, Axis, Geometry, ReceptiveField, receptive_field
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
        ([], "receptive_field needs at least one layer"),
        ([("pool", Geometry.of(4, 3))], "a layer must be .* got 'pool'"),
        ([("conv", Geometry.of(4, 3))] * 2, r"layer 1 must take what .* gives, \(4,\); it takes \(6,\)"),
    ],
)
def test_a_stack_that_does_not_fit_is_refused(layers, message):
    with pytest.raises(ValueError, match=message):
        receptive_field(layers)
