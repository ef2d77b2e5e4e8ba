"""Numbers are seen in pieces, and cut into parts: none is overlooked, none is taken twice."""

import numpy as np
import pytest

from deconvlib.fast.numbers import FEW, LARGEST, PIECE, RELEASED, SOME, cut_axis, finite, in_range

SIZES = [1, 5, SOME, PIECE, PIECE + 1, FEW * PIECE, RELEASED * 300 + 101]


def places(size):
    """The first number, one in the middle, the last, which no whole piece holds, and the ends of pieces."""
    return {0, size // 2, size - 1, *range(PIECE - 1, size, PIECE), *range(PIECE, size, PIECE)}


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64])
@pytest.mark.parametrize("size", SIZES)
def test_no_number_is_overlooked_that_is_not_finite(size, dtype):
    """Wherever it lies."""
    numbers = np.random.default_rng(0).standard_normal(size).astype(dtype)
    assert finite(numbers)
    for at in places(size):
        for value in (np.nan, np.inf, -np.inf):
            spoiled = numbers.copy()
            spoiled[at] = value
            with np.errstate(invalid="ignore"):
                assert not finite(spoiled)


@pytest.mark.parametrize("size", SIZES[1:])
def test_no_number_is_overlooked_that_is_far_from_the_others(size):
    """Wherever it lies; nor are numbers that are far from one together."""
    numbers = np.random.default_rng(0).standard_normal(size).astype(np.float32)
    assert in_range(numbers)
    for at in places(size):
        for value in (np.nan, np.inf, 90, -1e6, 1e30):
            spoiled = numbers.copy()
            spoiled[at] = value
            with np.errstate(over="ignore", invalid="ignore"):
                assert not in_range(spoiled)
    for scale in (2 * LARGEST, 1e-3 / LARGEST):
        assert not in_range(numbers * np.float32(scale))


@pytest.mark.parametrize("part", [1, 2, 5])
def test_each_output_is_in_one_part_of_one_block(part):
    """The extra ones before the first are in none."""
    for count in range(part, 4 * part):
        for extra in range(part):
            met = []
            for block, blocks, begin, parts in cut_axis(count, part, extra):
                met += [part * b + p for b in range(block, block + blocks) for p in range(begin, begin + parts)]
            assert sorted(met) == list(range(extra, count))
