"""Laws of overlap, rank, null space and receptive field, each judged by brute force."""

import math
from fractions import Fraction

import numpy as np
import pytest
from cases import GEOMETRIES, arrays, definition, geometries
from hypothesis import given
from hypothesis import strategies as st

from deconvlib import (
    METHODS,
    Axis,
    Geometry,
    ReceptiveField,
    conv_matrix,
    even_kernel_size,
    even_overlap,
    null_space,
    overlap,
    rank,
    receptive_field,
)
from deconvlib.methods import convolve


@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=GEOMETRIES.keys())
def test_the_overlap_is_what_a_kernel_of_ones_makes_of_ones(geometry):
    inputs, kernel = (np.ones_like(a) for a in arrays(geometry, batch=1, channels=(1, 1)))
    counts = overlap(geometry)
    assert counts.dtype == np.int64
    assert np.array_equal(counts, definition(inputs, kernel, geometry)[0, ..., 0])


def test_the_overlap_is_even_exactly_where_the_count_in_the_interior_is_constant():
    """k mod s = 0 and gcd(s, d) = 1, or s = 1: against the count itself, for 1200 combinations."""
    verdicts = []
    for k, s, d in np.ndindex(12, 10, 10):
        k, s, d = k + 1, s + 1, d + 1
        border = d * (k - 1)
        interior = overlap(Geometry.of(2 + (2 * border) // s + 2, k, s, d))[border : border + s]
        verdicts.append(even_overlap(Geometry.of(1, k, s, d)))
        assert verdicts[-1] == (len(set(interior)) == 1), (k, s, d)
    assert 0 < sum(verdicts) < len(verdicts)


def test_one_uneven_axis_makes_the_overlap_uneven():
    assert even_overlap(Geometry.of((4, 4), 4, 2))
    assert not even_overlap(Geometry.of((4, 4), (4, 3), 2))


@given(st.integers(1, 20), st.integers(1, 6), st.integers(1, 6))
def test_the_even_kernel_size_is_the_first_that_is_even(kernel_size, stride, dilation):
    sizes = range(kernel_size, kernel_size + stride)
    even = [k for k in sizes if even_overlap(Geometry.of(1, k, stride, dilation))]
    if even:
        assert even_kernel_size(kernel_size, stride, dilation) == even[0]
    else:
        with pytest.raises(ValueError, match="needs a stride and a dilation without a common factor, got"):
            even_kernel_size(kernel_size, stride, dilation)


@given(geometries(max_axes=2, max_size=4, max_kernel=3))
def test_the_null_space_is_what_the_convolution_maps_to_zero_and_rank_is_the_rest(geometry):
    kernel = arrays(geometry)[1] + 1j * arrays(geometry, seed=4)[1]
    conjugate = kernel.conj()
    rows, columns = conv_matrix(kernel, geometry).shape
    unseen, lost = null_space(kernel, geometry), null_space(kernel, geometry, transpose=True)
    assert unseen.shape == (columns - rank(kernel, geometry), *geometry.output_size, 3)
    assert lost.shape == (rows - rank(kernel, geometry), *geometry.input_size, 2)
    np.testing.assert_allclose(convolve(unseen, kernel, geometry), 0, atol=1e-9)
    np.testing.assert_allclose(METHODS["scatter"](lost, kernel, geometry), 0, atol=1e-9)
    for basis in (unseen, lost):
        every = tuple(range(1, basis.ndim))
        np.testing.assert_allclose(np.tensordot(basis, basis.conj(), (every, every)), np.eye(len(basis)), atol=1e-9)
    produced = METHODS["scatter"](arrays(geometry)[0], conjugate, geometry)
    np.testing.assert_allclose(np.tensordot(unseen.conj(), produced[0], produced[0].ndim), 0, atol=1e-6)


def test_the_transposed_convolution_is_no_inverse():
    """A stride-2 convolution of 8 samples keeps 4 numbers of them, so that 4 dimensions are lost."""
    geometry = Geometry.of(4, 2, 2)
    kernel = arrays(geometry, channels=(1, 1))[1]
    assert rank(kernel, geometry) == 4
    assert null_space(kernel, geometry).shape == (4, 8, 1)
    assert null_space(kernel, geometry, transpose=True).shape == (0, 4, 1)


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
