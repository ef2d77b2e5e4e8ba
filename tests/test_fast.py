"""The fast method agrees with scatter, whatever way it chooses."""

import gc
import weakref

import numpy as np
import pytest
from cases import random_layer

from deconvlib import METHODS, Geometry, plan
from deconvlib.fast import blas, forward, transpose
from deconvlib.fast.cost import SizedLayer
from deconvlib.fast.plans import WAYS, candidates
from deconvlib.methods import convolve


@pytest.mark.parametrize("seed", range(100))
def test_fast_equals_scatter(seed):
    """On random geometries of one to three axes, the fast method gives what scatter gives."""
    x, kernel, geometry = random_layer(seed)
    expected = METHODS["scatter"](x, kernel, geometry)
    np.testing.assert_allclose(METHODS["fast"](x, kernel, geometry), expected, atol=1e-12 * np.abs(kernel).sum())


@pytest.mark.parametrize("seed", range(100, 140))
def test_groups_are_separate_layers(seed):
    """With groups, each slice of the input channels meets its own slice of the kernel."""
    x, kernel, geometry = random_layer(seed)
    groups = 3
    x, kernel = (np.concatenate([a, 2 * a, 3 - a], -1) for a in (x, kernel))
    parts = [METHODS["scatter"](a, b, geometry) for a, b in zip(np.split(x, groups, -1), np.split(kernel, groups, -1))]
    result = transpose(x, kernel, geometry, groups)
    np.testing.assert_allclose(result, np.concatenate(parts, -1), atol=1e-12 * np.abs(kernel).sum())


@pytest.mark.parametrize("groups", [1, 2, "all"])
@pytest.mark.parametrize("seed", range(200, 240))
def test_every_way_agrees(seed, groups):
    """Each way that the choice may fall on gives what scatter gives, on one thread and two, for both kinds of BLAS."""
    x, kernel, geometry = random_layer(seed)
    if groups == "all":
        x, kernel = x[..., :1], kernel[..., :1]
        groups = 3
    if seed % 2:  # of many output channels each is as one of few, but some steps are others
        kernel = np.random.default_rng(seed).standard_normal((*geometry.kernel_size, 33, x.shape[-1]))
    x, kernel = (np.concatenate([a, 2 * a, 3 - a][:groups], -1) for a in (x, kernel))
    pairs = zip(np.split(x, groups, -1), np.split(kernel, groups, -1))
    expected = np.concatenate([METHODS["scatter"](a, b, geometry) for a, b in pairs], -1)
    for kind in (blas.SMALL, blas.PACKING):
        layer = SizedLayer(geometry, len(x), x.shape[-1], expected.shape[-1], groups, x.dtype, kind=kind)
        for name in candidates(layer):
            for threads in (1, 2):
                out, work = np.full_like(expected, np.nan), WAYS[name].work(layer, threads)
                assert WAYS[name].run(x, out, WAYS[name].weights(kernel, work), work)
                np.testing.assert_allclose(out, expected, atol=1e-12 * np.abs(kernel).sum(), err_msg=name)


@pytest.mark.parametrize("seed", range(300, 310))
def test_a_plan_takes_any_batch(seed):
    """A plan gives what scatter gives for every batch size, the empty one included, also into the array `out`."""
    x, kernel, geometry = random_layer(seed)
    prepared = plan(kernel, geometry)
    for batch in (0, 1, 2, 5):
        x = np.random.default_rng(batch).standard_normal((batch, *x.shape[1:]))
        expected = METHODS["scatter"](x, kernel, geometry)
        out = np.full_like(expected, np.nan)
        assert prepared(x, out) is out
        for result in (prepared(x), out):
            np.testing.assert_allclose(result, expected, atol=1e-12 * np.abs(kernel).sum())


@pytest.mark.parametrize("groups", [1, 3, "all"])
@pytest.mark.parametrize("seed", range(400, 440))
def test_forward_equals_convolve(seed, groups):
    """The other direction gives what the method of one product a tap gives, on every geometry, group by group."""
    _, kernel, geometry = random_layer(seed)
    if seed % 2:
        geometry = Geometry.of(geometry.input_size, geometry.kernel_size, 1, geometry.dilation, (-1, -1))
    if groups == "all":
        kernel, groups = kernel[..., :1, :], 3
    kernel = np.concatenate([kernel, 2 * kernel, 3 - kernel][:groups], -1)
    x = np.random.default_rng(seed).standard_normal((2, *geometry.output_size, kernel.shape[-2] * groups))
    pairs = zip(np.split(x, groups, -1), np.split(kernel, groups, -1))
    expected = np.concatenate([convolve(*pair, geometry) for pair in pairs], -1)
    np.testing.assert_allclose(forward(x, kernel, geometry, groups), expected, atol=1e-12 * np.abs(kernel).sum())


def test_a_single_call_remembers_no_kernel():
    """Layers of one geometry, called in turn, use each its own kernel: what is kept between calls is no kernel."""
    rng, geometry = np.random.default_rng(0), Geometry.of((4, 5), 3, 2, 1, (0, 1))
    x, kernel = rng.standard_normal((2, 4, 5, 40)), rng.standard_normal((3, 3, 20, 40))
    for number in (1, 2, 3):
        expected = METHODS["scatter"](x, number * kernel, geometry)
        scaled = number * kernel
        alive = weakref.ref(scaled)
        np.testing.assert_allclose(transpose(x, scaled, geometry), expected, atol=1e-12 * np.abs(kernel).sum())
        del scaled
        gc.collect()
        assert alive() is None
