"""The fast method agrees with scatter, whatever way it chooses."""

import numpy as np
import pytest

from deconvlib import METHODS, Geometry
from deconvlib.fast import transpose


def random_layer(seed, axes=None):
    """A geometry that nobody chose, with random arrays: (inputs, kernel, geometry)."""
    rng = np.random.default_rng(seed)
    axes = axes or rng.integers(1, 4)
    size, k, s, d = (rng.integers(1, high, axes) for high in (8, 6, 4, 4))
    crop = []
    for full in s * (size - 1) + d * (k - 1) + 1:
        begin = rng.integers(-2, full)
        crop.append((int(begin), int(rng.integers(-2, full - begin))))
    geometry = Geometry.of(size.tolist(), k.tolist(), s.tolist(), d.tolist(), crop)
    batch, inputs, outputs = rng.integers((0, 1, 1), (4, 6, 6))
    x = rng.standard_normal((batch, *geometry.input_size, inputs))
    return x, rng.standard_normal((*geometry.kernel_size, outputs, inputs)), geometry


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
