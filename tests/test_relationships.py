"""Relationships 8 to 14 of Dumoulin and Visin's guide, which describe a transposed convolution as a convolution."""

import itertools

import numpy as np

import deconvlib as dl


def padded(x, begin, end):
    """With zeros around the first axis; a negative number crops."""
    x = x[max(-begin, 0) : len(x) - max(-end, 0)]
    return np.pad(x, [(max(begin, 0), max(end, 0))] + [(0, 0)] * (x.ndim - 1))


def convolution(x, kernel, stride=1, padding=0):
    """Along the first axis, without a flip."""
    x = padded(x, padding, padding)
    starts = range(0, len(x) - len(kernel) + 1, stride)
    return np.array([kernel @ x[start : start + len(kernel)] for start in starts])


def as_convolution(x, kernel, stride, padding, a):
    """Relationship 14: zeros between the samples, around them, and a more at the end; the kernel rotated."""
    stretched = np.zeros(stride * (len(x) - 1) + 1, int)
    stretched[::stride] = x
    border = len(kernel) - 1 - padding
    return convolution(padded(stretched, border, border + a), kernel[::-1])


def cases():
    """Every small convolution: its input size, kernel size, stride and padding."""
    for i, k, s, p in itertools.product(range(1, 12), range(1, 6), range(1, 5), range(7)):
        if i + 2 * p >= k:
            yield i, k, s, p


def test_relationship_14_is_the_transposed_convolution():
    """By number, against the transposed matrix of the convolution itself, and against deconvlib."""
    rng = np.random.default_rng(0)
    beyond = 0
    for i, k, s, p in cases():
        kernel = rng.integers(-99, 100, size=k)
        C = convolution(np.eye(i, dtype=int), kernel, s, p)
        x = rng.integers(-99, 100, size=len(C))
        a = (i + 2 * p - k) % s
        assert np.array_equal(as_convolution(x, kernel, s, p, a), C.T @ x), (i, k, s, p)
        axis = dl.Geometry.of(len(C), k, s, crop=(p, p - a))
        ours = dl.METHODS["scatter"](x[None, :, None], kernel[:, None, None], axis)[0, :, 0]
        assert np.array_equal(ours, C.T @ x), (i, k, s, p)
        beyond += p > k - 1
    assert beyond > 500  # where the guide's padding is negative, and means a crop


def test_without_the_rotation_it_is_another_map():
    """But for symmetric kernels; these come up by chance, and seldom."""
    rng = np.random.default_rng(0)
    right = []
    for i, k, s, p in cases():
        kernel = rng.integers(-99, 100, size=k)
        C = convolution(np.eye(i, dtype=int), kernel, s, p)
        x = rng.integers(-99, 100, size=len(C))
        if k > 1:
            a = (i + 2 * p - k) % s
            right.append(np.array_equal(as_convolution(x, kernel[::-1], s, p, a), C.T @ x))
    assert np.mean(right) < 0.05
