"""The sums of the direct ways: which taps are added at once, and where in the lines."""

import numpy as np
import pytest
from cases import AXES

from deconvlib import METHODS, Axis, Geometry
from deconvlib.fast.direct import Lines, band, reach
from deconvlib.matrix import conv_matrix


@pytest.mark.parametrize("axis", AXES.values(), ids=AXES)
def test_every_tap_reaches_the_block_and_residue_of_its_output(axis):
    """Tap t brings sample j to output s (j + q) + r; whoever reaches an output is listed, and nobody twice."""
    met = {}
    for q, taps, residues in reach(axis):
        for tap, r in zip(range(axis.kernel_size)[taps], range(axis.stride)[residues], strict=True):
            assert met.setdefault(tap, (q, r)) == (q, r)
            assert axis.stride * q + r == axis.dilation * tap - axis.crop[0]
    for tap in set(range(axis.kernel_size)) - set(met):
        reached = np.arange(axis.input_size) * axis.stride + axis.dilation * tap - axis.crop[0]
        assert not ((reached >= 0) & (reached < axis.output_size)).any()


@pytest.mark.parametrize(
    ("axis", "taps"),
    [
        (Axis(8, 4, 2, crop=(1, 1)), [1, 2, 1]),
        (Axis(8, 3, 2), [2, 1]),
        (Axis(8, 16, 8, crop=(4, 4)), [4, 8, 4]),
        (Axis(9, 3, 1, 3, crop=(3, 3)), [1, 1, 1]),
        (Axis(9, 4, 5, 2), [3, 1]),  # residues 0, 2, 4 of a block, and 1 of the next
    ],
)
def test_taps_of_one_block_are_added_at_once(axis, taps):
    """As many sums as blocks are reached, whatever the stride."""
    assert [len(range(axis.kernel_size)[some]) for _, some, _ in reach(axis)] == taps


@pytest.mark.parametrize("seed", range(40))
def test_what_goes_beyond_a_row_is_read_by_nobody(seed):
    """The sums, taken over whole lines, leave in every block what scatter gives."""
    rng = np.random.default_rng(seed)
    axes = int(rng.integers(1, 4))
    size, k, s, d = rng.integers(1, [[6], [6], [4], [4]], (4, axes)).tolist()
    full = Geometry.of(size, k, s, d).full_size
    crop = [(begin := int(rng.integers(-4, n)), int(rng.integers(-4, n - begin))) for n in full]
    lines = Lines.of(geometry := Geometry.of(size, k, s, d, crop))
    x, kernel = rng.integers(1, 9, (1, *size, 1)), rng.integers(1, 9, (*k, 1, 1))
    samples, total = np.zeros(lines.sizes, int), np.zeros((*s, lines.places), int)
    samples[tuple(map(slice, size))] = x[0, ..., 0]
    for taps, residues, some, places in lines.sums:
        total[(*residues, places)] += kernel[taps][..., 0] * samples.ravel()[some]
    total = total.reshape(*s, *lines.blocks)
    expected = METHODS["scatter"](x, kernel, geometry)[0, ..., 0]
    for output in np.ndindex(geometry.output_size):
        block, residue = np.divmod(output, s)
        assert total[(*residue, *block)] == expected[output]


@pytest.mark.parametrize("height", [1, 2, 5])
@pytest.mark.parametrize("axis", AXES.values(), ids=AXES)
def test_a_band_is_some_rows_of_the_layer(axis, height):
    """Its matrix is the layer's, cut to the rows that it reads and the outputs that it gives; the others are zero."""
    kernel = np.random.default_rng(0).standard_normal((axis.kernel_size, 1, 1))
    matrix = conv_matrix(kernel, Geometry((axis,)))
    for begin in range(0, axis.output_size, height):
        end = min(begin + height, axis.output_size)
        read, some = band(Geometry((axis,)), begin, end)
        rest = matrix[:, begin:end].copy()
        np.testing.assert_array_equal(conv_matrix(kernel, some), rest[read])
        rest[read] = 0
        assert not rest.any()
