"""The ways that use the kernel as it comes: which taps are added at once, and where in the lines."""

import itertools

import numpy as np
import pytest
from cases import AXES, random_layer

from deconvlib import METHODS, Axis, Geometry
from deconvlib.fast import blas, elementwise
from deconvlib.fast.bands import Lines, band, brought, residues
from deconvlib.fast.cost import SizedLayer
from deconvlib.fast.elementwise import phases
from deconvlib.fast.numbers import spacing
from deconvlib.fast.planes import reach, sums
from deconvlib.fast.plans import WAYS
from deconvlib.fast.program import View, Write
from deconvlib.matrix import conv_matrix


@pytest.mark.parametrize("axis", AXES.values(), ids=AXES)
def test_every_tap_reaches_the_block_and_residue_of_its_output(axis):
    """Tap t brings sample j to output s (j + q) + r; whoever reaches an output is listed, and nobody twice."""
    met = {}
    for q, taps, those in reach(axis):
        for tap, r in zip(range(axis.kernel_size)[taps], range(axis.stride)[those], strict=True):
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


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("seed", range(40))
def test_what_goes_beyond_a_row_is_read_by_nobody(seed, n):
    """The sums, taken over the whole line of all images, leave in every block what scatter gives."""
    rng = np.random.default_rng(seed)
    axes = int(rng.integers(1, 4))
    size, k, s, d = rng.integers(1, [[6], [6], [4], [4]], (4, axes)).tolist()
    full = Geometry.of(size, k, s, d).full_size
    crop = [(begin := int(rng.integers(-4, n)), int(rng.integers(-4, n - begin))) for n in full]
    lines = Lines(geometry := Geometry.of(size, k, s, d, crop), n)
    x, kernel = rng.integers(1, 9, (n, *size, 1)), rng.integers(1, 9, (*k, 1, 1))
    samples, total = np.zeros(lines.sizes, int), np.zeros((*lines.residues, lines.places), int)
    samples[(..., *map(slice, size))] = x[..., 0]
    for taps, those, some, places in sums(lines):
        total[(*those, places)] += kernel[taps][..., 0] * samples.ravel()[some]
    total = total.reshape(*lines.residues, *lines.blocks)
    expected = METHODS["scatter"](x, kernel, geometry)[..., 0]
    for output in np.ndindex(geometry.output_size):
        block, residue = np.divmod(output, s)
        np.testing.assert_array_equal(total[(*residue, slice(None), *block)], expected[(slice(None), *output)])


@pytest.mark.parametrize("axis", AXES.values(), ids=AXES)
def test_the_taps_of_a_residue_are_evenly_spaced(axis):
    """One slice of the kernel and one strided view of the samples hold all that a residue reads, and nothing else."""
    listed = []
    for r, (taps, moved) in enumerate(phases(axis)):
        assert taps == list(range(axis.kernel_size))[slice(taps[0], taps[-1] + 1, spacing(taps)) if taps else slice(0)]
        assert moved == [moved[0] + n * spacing(moved) for n in range(len(moved))]
        listed += [(t, q, r) for t, q in zip(taps, moved)]
    assert sorted(listed) == sorted(brought(axis))
    assert len(phases(axis)) == residues(axis) <= axis.output_size


@pytest.mark.parametrize("width", [1, 24, 1 << 12])
@pytest.mark.parametrize("seed", range(12))
def test_rows_of_weights_have_any_length(seed, width, monkeypatch):
    """However the line is cut into rows, also where the last one ends beyond it, several outputs a channel included."""
    monkeypatch.setattr(elementwise, "ROW", width)
    x, kernel, geometry = random_layer(seed)
    kernel = kernel[..., :1]
    x, groups = np.repeat(x[..., :1], 3, -1) * [1, -2, 3], 3
    kernel = np.concatenate([kernel, 2 * kernel, 3 - kernel], -1)
    pairs = zip(np.split(x, groups, -1), np.split(kernel, groups, -1))
    expected = np.concatenate([METHODS["scatter"](*pair, geometry) for pair in pairs], -1)
    layer, way = SizedLayer(geometry, len(x), 3, expected.shape[-1], groups, x.dtype), WAYS["elementwise"]
    out = np.full_like(expected, np.nan)
    work = way.work(layer, 1)
    assert way.run(x, out, way.weights(kernel, work), work)
    np.testing.assert_allclose(out, expected, atol=1e-12 * np.abs(kernel).sum())


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


@pytest.mark.parametrize("kind", [blas.SMALL, blas.PACKING], ids=lambda kind: kind.name)
@pytest.mark.parametrize(
    ("size", "k", "s", "crop"),
    [
        ((3, 4), (2, 4), (2, 2), [(0, 0), (1, 1)]),  # each tap of the rows has residues of its own: nothing is added
        ((1, 4), (3, 4), (2, 2), [(0, 1), (1, 1)]),  # and so here, but one that reaches no output
        ((1, 4), (3, 4), (2, 2), [(1, 0), (1, 1)]),
        ((5, 4), (4, 3), (2, 1), [(1, 1), (0, 0)]),  # two each
        ((3, 2, 4), (5, 2, 4), (2, 3, 2), [(1, 2), (0, 0), (0, 3)]),  # two or three, and residues of none
        ((40, 77), (4, 4), (2, 2), [(1, 1), (1, 1)]),  # in several products, the last of which has rows to spare
    ],
)
def test_windows_add_what_the_taps_of_the_other_axes_make(size, k, s, crop, kind):
    """On one thread and two, of one image and three."""
    geometry, rng = Geometry.of(size, k, s, 1, crop), np.random.default_rng(0)
    kernel, way = rng.standard_normal((*k, 3, 16)), WAYS["windows"]
    for n, threads in itertools.product((1, 3), (1, 2)):
        x = rng.standard_normal((n, *size, 16))
        layer = SizedLayer(geometry, n, 16, 3, 1, x.dtype, kind=kind)
        expected = METHODS["scatter"](x, kernel, geometry)
        out, work = np.full_like(expected, np.nan), way.work(layer, threads)
        assert way.run(x, out, way.weights(kernel, work), work)
        np.testing.assert_allclose(out, expected, atol=1e-11)


@pytest.mark.parametrize(
    ("part", "place", "shape", "item"),
    [
        (((2, 3, 4), (96, 16, 4)), ((2, 3, 4), (480, 16, 4)), (2,), 48),
        (((2, 3, 4), (96, 32, 4)), ((2, 3, 4), (480, 16, 4)), (2, 3), 16),
        (((4, 3), (4, 16)), ((4, 3), (4, 16)), (), 48),  # in whatever order
        (((3, 4), (4, 12)), ((3, 4), (16, 4)), (3, 4), 4),
        (((1, 4), (4, 4)), ((1, 4), (4, 4)), (1,), 16),
        (((5, 4), (0, 4)), ((5, 4), (16, 4)), (5,), 16),
        (((8, 1 << 28), (1 << 30, 4)), ((8, 1 << 28), (1 << 30, 4)), (8,), 1 << 30),  # NumPy has no larger items
        (((2, 1 << 29), (1 << 31, 4)), ((2, 1 << 29), (1 << 31, 4)), (2, 1 << 29), 4),
    ],
)
def test_what_is_contiguous_in_both_is_one_item(part, place, shape, item):
    """Of a result and of its place in the output, given as (shape, strides) of float32."""
    write = Write(*(View(shape, 64, strides) for shape, strides in (part, place)))
    (source, target, _), dtype = write.joined(np.dtype(np.float32))
    assert (source.shape, target.shape, dtype.itemsize) == (shape, shape, item)
    assert source.begin == target.begin == 64
