"""Toom-Cook: fewer products, the same sums, and how far rounding takes them from float64."""

import functools

import numpy as np
import pytest

from deconvlib import METHODS, Geometry, plan
from deconvlib.fast.cost import SizedLayer
from deconvlib.fast.plans import WAYS
from deconvlib.fast.winograd import POINTS, matrices

SIZES = [(m, t) for m in range(1, 5) for t in range(1, 6) if m + t - 2 in POINTS]


@pytest.mark.parametrize(("m", "t"), SIZES)
def test_m_sums_of_t_products_come_from_m_plus_t_minus_1(m, t):
    """A ((G g) * (B d)) is the correlation of d with g, by m + t - 1 multiplications of what depends on both."""
    a, g, b = matrices(m, t)
    rng = np.random.default_rng(10 * m + t)
    taps, samples = rng.standard_normal(t), rng.standard_normal(m + t - 1)
    assert a.shape == (m, m + t - 1)
    expected = [sum(taps[j] * samples[o + j] for j in range(t)) for o in range(m)]
    np.testing.assert_allclose(a @ ((g @ taps) * (b @ samples)), expected, atol=1e-13)


@functools.cache
def with_many_channels(size, kernel_size, stride):
    """A layer with 512 input channels: its geometry, and for each dtype inputs, kernel and the result without error."""
    rng = np.random.default_rng(kernel_size)
    geometry = Geometry.of(size, kernel_size, stride, 1, (1, 1))
    x, kernel = rng.standard_normal((2, *size, 512)), rng.standard_normal((*geometry.kernel_size, 12, 512))
    cases = []
    for dtype in (np.float32, np.float64):
        rounded = x.astype(dtype), kernel.astype(dtype)
        cases.append((*rounded, METHODS["scatter"](rounded[0].astype(np.longdouble), rounded[1], geometry)))
    return geometry, cases


@pytest.mark.parametrize("way", ["tiles of 1", "tiles of 2", "tiles of 3", "tiles of 4"])
@pytest.mark.parametrize(
    ("size", "kernel_size", "stride"),
    [
        ((13, 14), 3, 1),
        ((13, 14), 4, 2),
        ((13, 14), 5, 2),
        ((40,), 5, 1),
        ((9, 9), 5, 1),
        ((5, 6, 5), 3, 1),
        ((6, 5, 5), 4, 2),
    ],
)
def test_float32_is_this_near_to_float64(way, size, kernel_size, stride):
    """The largest error, as a part of the largest output, with 512 input channels; in float64 it is 1e-8 of that."""
    bound = {"tiles of 1": 2e-6, "tiles of 4": 1e-5 if len(size) < 3 else 3e-5}.get(
        way, 4e-6 if len(size) < 3 else 8e-6
    )
    geometry, cases = with_many_channels(size, kernel_size, stride)
    for (x, kernel, exact), allowed in zip(cases, (bound, bound * 1e-8)):
        out = np.empty(exact.shape, x.dtype)
        layer = SizedLayer(geometry, 2, 512, 12, 1, x.dtype)
        work = WAYS[way].work(layer, 1)
        assert WAYS[way].run(x, out, WAYS[way].weights(kernel, work), work)
        assert np.abs(out - exact).max() < allowed * np.abs(exact).max()


def test_the_matrices_are_exact():
    """Zeros are zeros: a sample that a point does not read does not reach it."""
    for m, t in SIZES:
        b = matrices(m, t)[2]
        assert not ((b != 0) & (np.abs(b) < 1e-3)).any()
        assert (b[:-1, -1] == 0).all()


@pytest.mark.parametrize("value", [1e4, 1e8, 1e20])
def test_a_large_tap_does_not_drown_the_outputs_that_do_not_read_it(value):
    """The first row of the output does not read tap (2, 2), the transformed kernel holds it everywhere."""
    random = np.random.default_rng(0)
    geometry = Geometry.of((30, 30), 3, crop=(1, 1))
    x = random.standard_normal((1, 30, 30, 64)).astype(np.float32)
    kernel = random.standard_normal((3, 3, 64, 64)).astype(np.float32)
    kernel[2, 2, 5, 7] = value
    wide = x.astype(np.float64), kernel.astype(np.float64)
    expected = METHODS["scatter"](*wide, geometry)
    mass = METHODS["scatter"](*map(np.abs, wide), geometry)
    for result in (plan(kernel, geometry)(x), METHODS["fast"](x, kernel, geometry)):
        assert (abs(result - expected) <= 64 * 2**-24 * mass).all()
