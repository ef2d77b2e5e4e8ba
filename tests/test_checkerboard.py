"""Laws of overlap, each judged by counting."""

import numpy as np
import pytest
from cases import GEOMETRIES, arrays, definition
from hypothesis import given
from hypothesis import strategies as st

from deconvlib import Geometry, even_kernel_size, even_overlap, overlap


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


def test_a_kernel_of_a_billion_taps_is_counted_by_its_few_samples():
    """All but the last 3 outputs are cut; 3, 2 and 1 pairs of 4 samples and 10^9 taps reach them."""
    assert overlap(Geometry.of(4, 10**9, crop=(10**9, 0))).tolist() == [3, 2, 1]
