"""What a call takes, what stays after it: bytes, not time."""

import math
import tracemalloc

import numpy as np
import pytest

from deconvlib import METHODS, Geometry, conv_transpose, plan
from deconvlib.fast import blas, scratch
from deconvlib.fast.cost import SizedLayer
from deconvlib.fast.plans import WAYS, candidates


def peak(call):
    """Bytes that a call takes at most, the result included."""
    scratch._free.clear()
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "geometry",
    [
        Geometry.of((2, 2), 70, 10_000, 1, [(0, 9_999 + 1)] * 2),
        Geometry.of((3, 3), 5, 1000, 1, [(995, 1000)] * 2),
        Geometry.of((3, 3), 5, 1, 1000, [(1995, 1995)] * 2),
        Geometry.of((4, 5), 2, 500),
        Geometry.of((1000, 3), 3, 997, 1, [(400_000, 595_900), (0, 990)]),
    ],
    ids=["stride", "crop", "dilation", "gaps", "deep crop"],
)
@pytest.mark.parametrize("groups", [1, 2])
def test_memory_follows_the_output(geometry, groups):
    """Not the stride, the dilation, nor what is cropped: a few times input, kernel and output, and the scratch."""
    x = np.random.default_rng(0).standard_normal((1, *geometry.input_size, 2))
    kernel = np.random.default_rng(1).standard_normal((*geometry.kernel_size, 3, 2))
    size = 8 * (int(np.prod(geometry.output_size)) * 3 * groups) + x.nbytes + kernel.nbytes
    arguments = x, kernel, geometry.stride, geometry.crop, None, "channels_last", geometry.dilation
    allowed = 6 * size + (4 << 20)
    assert peak(lambda: conv_transpose(*arguments, groups=groups)) < allowed
    prepared = plan(kernel, geometry, groups=groups)
    assert peak(lambda: prepared(x)) < allowed


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    ("geometry", "inputs", "outputs", "groups"),
    [
        (Geometry.of((32, 32), 4, 2), 64, 32, 1),
        (Geometry.of((32, 32), 4, 2), 512, 1, 1),
        (Geometry.of((32, 32), 3), 1, 256, 1),
        (Geometry.of((32, 32), 1, 9), 2, 2, 1),
        (Geometry.of((32, 32), 3, 2), 64, 64, 64),
        (Geometry.of((3, 2), 3, 1, 8), 64, 1, 1),
    ],
    ids=["usual", "channels in", "channels out", "stride", "depthwise", "room between rows"],
)
def test_a_thread_holds_one_chunk_however_large_the_batch(geometry, inputs, outputs, groups, threads):
    """Half a million samples take no more than scratch memory can keep."""
    batch = (1 << 19) // math.prod(geometry.input_size)
    for kind in (blas.SMALL, blas.PACKING):
        layer = SizedLayer(geometry, batch, inputs, outputs, groups, kind=kind)
        for name in candidates(layer):
            assert WAYS[name].work(layer, threads).memory < scratch.KEPT, name


def test_what_stays_after_many_layers_is_bounded():
    """64 geometries with many phases leave a few megabytes: the latest of each kind of thing, and some scratch."""
    x = np.ones((1, 40, 40, 2), np.float32)
    scratch._free.clear()
    tracemalloc.start()
    for width in range(1, 65):
        geometry = Geometry.of((40, 40), (3, width), 1, 16)
        METHODS["fast"](x, np.ones((3, width, 2, 2), np.float32), geometry)
    kept = tracemalloc.get_traced_memory()[0] - scratch.kept()
    tracemalloc.stop()
    assert kept < 24 << 20
    assert scratch.kept() <= scratch.KEPT


def test_scratch_is_given_back_and_used_again():
    """However many layers are called in turn, they share their memory."""
    scratch._free.clear()
    for size in range(16, 48):
        METHODS["fast"](
            np.ones((1, size, 48, 8), np.float32), np.ones((4, 4, 2, 8), np.float32), Geometry.of((size, 48), 4, 2)
        )
    assert 1 <= sum(map(len, scratch._free.values())) <= 4


def test_scratch_that_is_too_much_is_let_go(monkeypatch):
    """No more than KEPT bytes wait for the next call: of one core, of several, or one memory that is larger."""
    for cores, size in ((1, scratch.KEPT // 4), (8, scratch.KEPT // 4), (1, scratch.KEPT + 1)):
        scratch._free.clear()
        taken = [scratch.take(size) for _ in range(8)]
        for core, some in enumerate(taken):
            monkeypatch.setattr(scratch, "this_core", lambda core=core % cores: core)
            scratch.give(some)
            assert scratch.kept() <= scratch.KEPT
        assert sum(map(len, scratch._free.values())) == (4 if size < scratch.KEPT else 0)
        assert all(some.memory.ctypes.data % scratch.ALIGNED == 0 for some in taken)
    scratch._free.clear()


def test_what_is_made_for_a_memory_is_forgotten_in_turn():
    """The latest things are kept with it."""
    some = scratch.Scratch(100)
    for key in range(1000):
        some.keep(key, key)
    assert list(some.made) == list(range(1000 - scratch.MADE, 1000))


def test_scratch_stays_with_its_core(monkeypatch):
    """Whoever runs where it was written gets it; on another core its contents would have to be fetched."""
    scratch._free.clear()
    first = scratch.take(1000)
    for core, same in ((5, False), (6, True)):
        monkeypatch.setattr(scratch, "this_core", lambda: 6)
        scratch.give(first)
        monkeypatch.setattr(scratch, "this_core", lambda core=core: core)
        assert (scratch.take(1000) is first) == same
        scratch._free.clear()


def test_a_thread_that_moves_leaves_little_behind(monkeypatch):
    """It takes memory on one core and gives it back on another, again and again; what is of no size is not kept."""
    scratch._free.clear()
    for _ in range(100):
        monkeypatch.setattr(scratch, "this_core", lambda: 1)
        taken = scratch.take(1000)
        monkeypatch.setattr(scratch, "this_core", lambda: 2)
        scratch.give(taken)
    scratch.give(scratch.Scratch(0))
    assert 1 <= sum(map(len, scratch._free.values())) <= scratch.FEW
    scratch._free.clear()
