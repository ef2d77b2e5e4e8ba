"""Kernels are prepared some channels at a time, in blocks of columns, on threads: every number gets to its place."""

import itertools
import os
import threading

import numpy as np
import pytest

from deconvlib import METHODS, Axis, Geometry
from deconvlib.fast import blas, kernels
from deconvlib.fast.cost import SizedLayer
from deconvlib.fast.pieces import pieces
from deconvlib.fast.plans import WAYS
from deconvlib.fast.runs import runs
from deconvlib.fast.winograd import matrices


@pytest.mark.parametrize("channels", [1, 130, 300])
@pytest.mark.parametrize("outputs", [1, 100])
@pytest.mark.parametrize("largest", [1, 2, 4])
@pytest.mark.parametrize(
    "geometry",
    [
        Geometry.of((5, 6), 4, 2),
        Geometry.of((9,), 3),
        Geometry.of((9,), 9),
        Geometry.of((4, 9), (2, 5), 1, (2, 1)),
        Geometry.of((3, 3, 3), 2),
    ],
)
def test_weights_are_the_points_of_the_taps(geometry, largest, channels, outputs, monkeypatch):
    """Each block of columns holds, for each point, the taps as G adds them up, for outputs and residues."""
    monkeypatch.setattr(kernels, "WORTH", 0)
    monkeypatch.setattr(kernels, "FEWEST", 7)
    monkeypatch.setattr(kernels, "HELD", 1 << 12)
    monkeypatch.setattr(blas, "threads", lambda: 3)
    kernel = np.random.default_rng(0).standard_normal((*geometry.kernel_size, outputs, channels))
    layer = SizedLayer(geometry, 1, channels, outputs, 1, kernel.dtype)
    parts = pieces(geometry, largest, channels)
    memory = np.empty((2, kernels.needed(layer, parts)), np.uint8)
    whole, cut = (kernels.prepared(kernel, layer, parts, *each) for each in zip((None, layer.kind.alone), memory))
    for piece in parts:
        expected = np.zeros((*piece.window, channels, *piece.residues, outputs))
        places = [range(n) for n in (*piece.window, *piece.taps, *piece.residues)]
        for index in itertools.product(*places):
            point, tap, residue = (index[n : n + len(piece.taps)] for n in range(0, len(index), len(piece.taps)))
            along = [matrices(m, t)[1] if piece.transformed else np.eye(t) for m, t in zip(piece.tile, piece.taps)]
            weights = [g[p, u] for g, p, u in zip(along, point, tap)]
            of_kernel = tuple(run.taps[r][u] for run, r, u in zip(piece.runs, residue, tap))
            expected[(*point, slice(None), *residue)] += np.prod(weights) * kernel[of_kernel].T
        for found in (whole, cut):
            blocks = [part[:, :, 0].swapaxes(1, 2).reshape(*part.shape[::3], -1) for part in found[0, piece.key]]
            result = np.concatenate(blocks, -1)
            np.testing.assert_allclose(result, expected.reshape(result.shape), atol=1e-13 * channels)


@pytest.mark.parametrize("seed", range(200))
def test_the_taps_of_a_run_are_evenly_spaced(seed):
    """From one tap of an output to the next, and from one output to the next: so they are a view of the kernel."""
    rng = np.random.default_rng(seed)
    i, k, s, d = (int(n) for n in rng.integers(1, 9, 4))
    for run in runs(Axis(i, k, s, d)):
        taps = np.array(run.taps)
        for axis in (0, 1):
            assert (np.diff(taps, 2, axis) == 0).all()


def test_a_kernel_may_lie_in_memory_as_it_likes():
    """A kernel that is no contiguous array, and groups, which are parts of its channels."""
    rng, geometry = np.random.default_rng(0), Geometry.of((5, 6), 3, 2)
    x, kernel = rng.standard_normal((2, 5, 6, 24)), rng.standard_normal((24, 10, 3, 3)).transpose(3, 2, 1, 0)[::-1]
    pairs = zip(np.split(x, 2, -1), np.split(kernel, 2, -1))
    expected = np.concatenate([METHODS["scatter"](*pair, geometry) for pair in pairs], -1)
    for name in ("tiles of 1", "tiles of 4"):
        layer, out = SizedLayer(geometry, 2, 24, 20, 2, x.dtype), np.empty_like(expected)
        work = WAYS[name].work(layer, 1)
        assert WAYS[name].run(x, out, WAYS[name].weights(kernel, work), work)
        np.testing.assert_allclose(out, expected, atol=1e-11)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_while_a_kernel_is_prepared(monkeypatch):
    """The child has none of the threads, and makes what they had begun."""
    make, both, forked = kernels.Kernel.make, threading.Barrier(2), threading.Event()
    caller, children = threading.get_ident(), []

    def with_fork(*args):
        if not children:
            both.wait(20)
            if threading.get_ident() == caller:
                children.append(os.fork())
                forked.set()
            else:
                forked.wait(20)
        make(*args)

    monkeypatch.setattr(kernels, "WORTH", 0)
    monkeypatch.setattr(blas, "threads", lambda: 2)
    kernel = np.random.default_rng(0).standard_normal((4, 4, 8, 300))
    layer = SizedLayer(Geometry.of((5, 6), 4, 2), 1, 300, 8, 1, kernel.dtype)
    parts = pieces(layer.geometry, 1, 300)
    size = kernels.needed(layer, parts)
    expected = kernels.prepared(kernel, layer, parts, None, np.empty(size, np.uint8))
    monkeypatch.setattr(kernels.Kernel, "make", with_fork)
    result = kernels.prepared(kernel, layer, parts, None, np.full(size, 255, np.uint8))
    right = all(np.array_equal(a, b) for key in expected for a, b in zip(expected[key], result[key]))
    if children[0] == 0:
        os._exit(0 if right else 1)
    assert right
    assert os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]) == 0
