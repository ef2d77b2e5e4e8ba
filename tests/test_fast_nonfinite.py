"""NaN and infinity reach the outputs whose sums read them, and no others."""

import numpy as np
import pytest
from cases import GEOMETRIES, rng

from deconvlib import METHODS, Geometry, conv, conv_transpose, plan
from deconvlib.fast import blas, elementwise
from deconvlib.fast.cost import SizedLayer
from deconvlib.fast.plans import WAYS, candidates

SMALL = {name: g for name, g in GEOMETRIES.items() if np.prod(g.input_size) <= 16 and np.prod(g.kernel_size) <= 27}


def by_definition(x, kernel, geometry):
    """The sum over all pairs of sample and tap, one pair at a time; nothing else is ever multiplied."""
    out = np.zeros((len(x), *geometry.output_size, kernel.shape[-2]), x.dtype)
    with np.errstate(invalid="ignore"):
        for j in np.ndindex(*geometry.input_size):
            for t in np.ndindex(*geometry.kernel_size):
                at = tuple(
                    s * a + d * b - crop[0]
                    for s, a, d, b, crop in zip(geometry.stride, j, geometry.dilation, t, geometry.crop)
                )
                if all(0 <= p < n for p, n in zip(at, geometry.output_size)):
                    for n in range(len(x)):
                        out[(n, *at)] += (kernel[t] * x[(n, *j)]).sum(-1)
    return out


def some_arrays(geometry):
    x = rng(0).standard_normal((2, *geometry.input_size, 2))
    return x, rng(1).standard_normal((*geometry.kernel_size, 3, 2))


def by_way(name, x, kernel, geometry, kind):
    """The result of this way, where it says that it is one; else that of a plan, which does it again."""
    layer = SizedLayer(geometry, len(x), x.shape[-1], kernel.shape[-2], 1, x.dtype, kind=kind)
    out = np.full((len(x), *geometry.output_size, kernel.shape[-2]), 7.0, x.dtype)
    if name in candidates(layer):
        way, work = WAYS[name], WAYS[name].work(layer, 2)
        if way.run(x, out, way.weights(kernel, work), work):
            return out
    return plan(kernel, geometry, batch=len(x))(x)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("geometry", SMALL.values(), ids=SMALL)
def test_every_way_keeps_a_sample_to_its_stamp(geometry, value):
    """At every sample of the input, by every way on both kinds of BLAS, in one call and prepared."""
    x, kernel = some_arrays(geometry)
    for at in np.ndindex(*geometry.input_size):
        spoiled = x.copy()
        spoiled[(1, *at, sum(at) % 2)] = value
        expected = by_definition(spoiled, kernel, geometry)
        np.testing.assert_allclose(METHODS["fast"](spoiled, kernel, geometry), expected, atol=1e-12)
        for exact in (False, True):
            np.testing.assert_allclose(plan(kernel, geometry, exact=exact)(spoiled), expected, atol=1e-12)
        for name in WAYS:
            for kind in (blas.SMALL, blas.PACKING):
                got = by_way(name, spoiled, kernel, geometry, kind)
                np.testing.assert_allclose(got, expected, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("geometry", SMALL.values(), ids=SMALL)
def test_every_way_keeps_a_tap_to_the_samples_that_it_meets(geometry, value):
    """A tap that meets no sample at an output, only padding, leaves it as it is; so does another output channel."""
    x, kernel = some_arrays(geometry)
    for tap in np.ndindex(*geometry.kernel_size):
        spoiled = kernel.copy()
        spoiled[(*tap, sum(tap) % 3, sum(tap) % 2)] = value
        expected = by_definition(x, spoiled, geometry)
        np.testing.assert_allclose(METHODS["fast"](x, spoiled, geometry), expected, atol=1e-12)
        for name in WAYS:
            for kind in (blas.SMALL, blas.PACKING):
                np.testing.assert_allclose(by_way(name, x, spoiled, geometry, kind), expected, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("dtype", [np.float32, np.complex64])
def test_a_depthwise_layer_bounds_its_sums(dtype):
    """Whatever might overflow, or is not finite, it leaves to the definition; of the rest it is certain."""
    geometry = Geometry.of((5, 4), 3, 2, 1, [(1, 0), (0, 1)])
    way = WAYS["elementwise"]
    work = way.work(SizedLayer(geometry, 2, 6, 6, 6, np.dtype(dtype)), 1)
    x, kernel = rng(0).standard_normal((2, 5, 4, 6)).astype(dtype), rng(1).standard_normal((3, 3, 1, 6)).astype(dtype)
    expected = METHODS["scatter"](x[..., :1], kernel[..., :1], geometry)

    def done(x, kernel):
        out = np.empty((2, *geometry.output_size, 6), dtype)
        with np.errstate(all="ignore"):
            return way.run(x, out, way.weights(kernel, work), work), out

    for scale in (1e-30, 1, 1e15, 1e18):
        certain, out = done(x * dtype(scale), kernel / dtype(scale))
        assert certain
        np.testing.assert_allclose(out[..., :1], expected, rtol=1e-5, atol=1e-6)
    for value in (np.nan, np.inf, 1e38):
        for array in (x, kernel):
            spoiled = array.copy()
            spoiled[1, 2, 0, 3] = value
            assert not done(*(spoiled if some is array else some for some in (x, kernel)))[0]
    assert not done(x * dtype(1e18), kernel * dtype(1e20))[0]
    with np.errstate(over="raise", invalid="ignore"), pytest.raises(FloatingPointError):
        plan(kernel * dtype(1e20), geometry, groups=6)(x * dtype(1e19))


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_depthwise_layer_looks_at_each_sample(threads, monkeypatch):
    """Wherever the only one is that is not finite, in bands of any height."""
    geometry, way = Geometry.of((7, 4), 3, 2, 1, [(1, 0), (0, 1)]), WAYS["elementwise"]
    x, kernel = rng(0).standard_normal((3, 7, 4, 2)), rng(1).standard_normal((3, 3, 1, 2))
    out = np.empty((3, *geometry.output_size, 2))
    for scratch in (elementwise.SCRATCH, 600):
        monkeypatch.setattr(elementwise, "SCRATCH", scratch)
        work = way.work(SizedLayer(geometry, 3, 2, 2, 2, x.dtype), threads)
        weights = way.weights(kernel, work)
        assert way.run(x, out, weights, work)
        for at in np.ndindex(x.shape):
            spoiled = x.copy()
            spoiled[at] = np.inf
            assert not way.run(spoiled, out, weights, work), at


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("spoil", ["input", "kernel"])
def test_the_forward_convolution_does_so_too(stride, groups, spoil):
    """conv pads with zeros; a NaN in the kernel does not meet them."""
    x, kernel = rng(0).standard_normal((1, 7, 6, 2)), rng(1).standard_normal((3, 3, 2 // groups, 2))
    spoiled = x if spoil == "input" else kernel
    for at in np.ndindex(*spoiled.shape[-3:] if spoil == "input" else spoiled.shape):
        at = (0, *at) if spoil == "input" else at
        before, spoiled[at] = spoiled[at], np.nan
        got = conv(x, kernel, stride, 1, groups=groups)
        expected = np.zeros_like(got)
        for o in np.ndindex(*got.shape[1:3]):
            for t in np.ndindex(3, 3):
                j = stride * o[0] + t[0] - 1, stride * o[1] + t[1] - 1
                if 0 <= j[0] < 7 and 0 <= j[1] < 6:
                    for g in range(groups):
                        mine = slice(g * 2 // groups, (g + 1) * 2 // groups)
                        expected[(0, *o, mine)] += x[(0, *j, mine)] @ kernel[(*t, slice(None), mine)]
        np.testing.assert_allclose(got, expected, atol=1e-12)
        spoiled[at] = before


@pytest.mark.parametrize("name", ["matrix", "padded", "fractional_stride", "subpixel", "scatter"])
@pytest.mark.parametrize("stride", [1, 2])
def test_what_the_methods_say_of_nan(name, stride):
    """Where a method multiplies zeros that it wrote itself, NaN goes as far as is said, and no further."""
    if name == "padded" and stride > 1:
        return
    geometry = Geometry.of((3, 4), 3, stride, 1, [(1, 1), (0, 1)])
    x, kernel = some_arrays(geometry)
    for at in np.ndindex(*geometry.input_size):
        spoiled = x.copy()
        spoiled[(1, *at, 0)] = np.nan
        expected = by_definition(spoiled, kernel, geometry)
        if name == "matrix":
            expected[1] = np.nan
        np.testing.assert_allclose(METHODS[name](spoiled, kernel, geometry), expected, atol=1e-12)
    for tap in np.ndindex(*geometry.kernel_size):
        spoiled = kernel.copy()
        spoiled[(*tap, 2, 1)] = np.nan
        expected = by_definition(x, spoiled, geometry)
        if name in ("padded", "fractional_stride"):
            expected[..., 2] = np.nan
        elif name == "subpixel":
            phase = tuple(slice((t - crop[0]) % stride, None, stride) for t, crop in zip(tap, geometry.crop))
            expected[(slice(None), *phase, 2)] = np.nan
        np.testing.assert_allclose(METHODS[name](x, spoiled, geometry), expected, atol=1e-12)


def test_the_smallest_case():
    """x = [nan, 0, 0, 0] and a kernel of two ones: two outputs are NaN."""
    x = np.array([np.nan, 0, 0, 0]).reshape(1, 4, 1)
    for method in ("auto", "scatter"):
        result = conv_transpose(x, np.ones((2, 1, 1)), padding=0, method=method)
        np.testing.assert_array_equal(np.isnan(result.ravel()), [True, True, False, False, False])


def test_a_large_layer_with_a_hole():
    """One NaN in a layer that is shared by threads and done in tiles: its stamp in all output channels, and no more."""
    geometry = Geometry.of((40, 40), 4, 2, 1, (1, 1))
    x = rng(0).standard_normal((4, 40, 40, 64)).astype(np.float32)
    kernel = rng(1).standard_normal((4, 4, 32, 64)).astype(np.float32)
    prepared = plan(kernel, geometry, batch=4)
    before, x[2, 20, 11, 5] = prepared(x), np.nan
    after = prepared(x)
    read = np.isnan(after)
    assert read[2, 39:43, 21:25].all()
    assert read.sum() == 4 * 4 * 32
    np.testing.assert_allclose(after[~read], before[~read], atol=1e-3)


@pytest.mark.parametrize("scale", [1e20, 1e-40, 2e36])
def test_numbers_far_from_one_are_not_transformed(scale):
    """Winograd adds samples to each other: with numbers of any size a layer is as exact as the sum of its products."""
    geometry = Geometry.of((32, 32), 3, 1, 1, (1, 1))
    x, kernel = rng(0).standard_normal((1, 32, 32, 64)) * scale, rng(1).standard_normal((3, 3, 64, 64)) / 24
    prepared = plan(kernel.astype(np.float32), geometry)
    expected = METHODS["scatter"](x, kernel, geometry)
    with np.errstate(under="ignore"):
        result = prepared(x.astype(np.float32))
    largest = np.abs(expected).max()
    allowed = 1e-5 * largest + 64 * np.finfo(np.float32).smallest_subnormal
    assert np.abs(result - expected).max() <= allowed


@pytest.mark.parametrize("huge", [1e6, 1e20])
def test_one_huge_sample_leaves_its_neighbours_alone(huge):
    """An output that does not read it is as exact as without it."""
    geometry = Geometry.of((32, 32), 3, 1, 1, (1, 1))
    x, kernel = rng(0).standard_normal((1, 32, 32, 64)), rng(1).standard_normal((3, 3, 64, 64)) / 24
    x, kernel = x.astype(np.float32), kernel.astype(np.float32)
    x[0, 9, 10, 3] = huge
    expected = METHODS["scatter"](x.astype(np.float64), kernel.astype(np.float64), geometry)
    untouched = np.ones(expected.shape, bool)
    untouched[0, 8:11, 9:12] = False
    for result in (plan(kernel, geometry)(x), METHODS["fast"](x, kernel, geometry)):
        assert np.abs(result - expected)[untouched].max() < 1e-5 * np.abs(expected[untouched]).max()


@pytest.mark.parametrize("huge", [1e6, 1e20])
@pytest.mark.parametrize("name", ["tiles of 2", "tiles of 3", "tiles of 4"])
def test_one_huge_tap_leaves_the_outputs_alone_that_it_does_not_reach(huge, name):
    """At the border some outputs meet no sample by it: tiles give way, and the plan is as exact as without it."""
    geometry = Geometry.of((12,), 3, 1, 1, (1, 1))
    x, kernel = (a.astype(np.float32) for a in some_arrays(geometry))
    kernel[2, 1, 0] = huge
    way, work = WAYS[name], WAYS[name].work(SizedLayer(geometry, 2, 2, 3), 1)
    out = np.empty((2, 12, 3), np.float32)
    assert not way.run(x, out, way.weights(kernel, work), work)
    expected = METHODS["scatter"](x.astype(np.float64), kernel.astype(np.float64), geometry)
    for result in (plan(kernel, geometry, batch=2)(x), METHODS["fast"](x, kernel, geometry)):
        np.testing.assert_allclose(result[:, 0], expected[:, 0], rtol=1e-5, atol=1e-5)


def test_a_huge_sample_in_all_channels():
    """It is seen as well as one in a single channel."""
    geometry = Geometry.of((32, 32), 3, 1, 1, (1, 1))
    x, kernel = rng(0).standard_normal((1, 32, 32, 64)), rng(1).standard_normal((3, 3, 64, 64)) / 24
    x, kernel = x.astype(np.float32), kernel.astype(np.float32)
    x[0, 9, 10] *= 1e6
    expected = METHODS["scatter"](x.astype(np.float64), kernel.astype(np.float64), geometry)
    untouched = np.ones(expected.shape, bool)
    untouched[0, 8:11, 9:12] = False
    result = plan(kernel, geometry)(x)
    assert np.abs(result - expected)[untouched].max() < 1e-5 * np.abs(expected[untouched]).max()


@pytest.mark.parametrize("geometry", SMALL.values(), ids=SMALL)
@pytest.mark.parametrize("groups", [1, 2])
def test_a_sum_of_nothing_but_zeros_is_positive(geometry, groups):
    """By every way: sums begin with 0, and 0 + -0 is 0."""
    x, kernel = np.zeros((2, *geometry.input_size, 2), np.float32), -np.ones((*geometry.kernel_size, 1, 2), np.float32)
    for kind in (blas.SMALL, blas.PACKING):
        layer = SizedLayer(geometry, 2, 2, groups, groups, kind=kind)
        for name in candidates(layer):
            way, out = WAYS[name], np.empty((2, *geometry.output_size, groups), np.float32)
            work = way.work(layer, 1)
            assert way.run(x, out, way.weights(kernel, work), work)
            assert not np.signbit(out).any(), name
