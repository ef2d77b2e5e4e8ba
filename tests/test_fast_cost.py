"""The choice: what is counted is what runs, the least is chosen, and no choice changes a result.

Nothing here measures time.  The kind of BLAS is given, so that this machine's does not matter.
"""

import importlib
import pkgutil
from dataclasses import replace

import numpy as np
import pytest
from cases import random_layer

from deconvlib import METHODS, Geometry, fast, gradients, plan
from deconvlib.fast import blas, forward, transpose
from deconvlib.fast.cost import CALL, STACKED, Cost, SizedLayer
from deconvlib.fast.plans import WAYS, candidates, choose

KINDS = pytest.mark.parametrize("kind", [blas.SMALL, blas.PACKING], ids=lambda kind: kind.name)


def some_layer(seed, kind):
    """A layer as networks have them, up to a few million products."""
    rng = np.random.default_rng(seed)
    axes = int(rng.integers(1, 4))
    size = rng.integers(2, (400, 40, 10)[axes - 1], axes).tolist()
    kernel_size, stride = rng.integers(1, 6, axes).tolist(), rng.integers(1, 4, axes).tolist()
    dilation = rng.integers(1, 3, axes).tolist()
    geometry = Geometry.of(size, kernel_size, stride, dilation)
    batch, *channels = (int(2 ** rng.uniform(0, high)) for high in (4, 7, 7))
    return SizedLayer(geometry, batch, *channels, kind=kind)


class Counter:
    """Stands in for a function of NumPy that multiplies, and counts multiplications, bytes, calls and products."""

    def __init__(self, function):
        self.multiplications = self.bytes = self.calls = self.products = self.largest = 0
        self.function = function

    def __call__(self, a, b, out=None):
        result = self.function(a, b, out) if self.function is np.dot else self.function(a, b, out=out)
        if result.shape[-2:] != (1, 1):  # a test whether all numbers are finite
            self.multiplications += result.size * a.shape[-1]
            begin, end = np.lib.array_utils.byte_bounds(a)  # samples that windows share are near
            self.bytes += min(a.nbytes, end - begin) + b.nbytes + result.nbytes
            self.calls += 1
            self.products += int(np.prod(result.shape[:-2]))
            self.largest = max(self.largest, int(np.prod(result.shape[-2:])) * a.shape[-1])
        return result


def counted(layer, name, monkeypatch, threads=1):
    """What runs of a way on so many threads."""
    rng, way = np.random.default_rng(0), WAYS[name]
    x = rng.standard_normal((layer.batch, *layer.geometry.input_size, layer.inputs), np.float32)
    kernel = rng.standard_normal((*layer.geometry.kernel_size, layer.outputs, layer.inputs), np.float32)
    out = np.empty((layer.batch, *layer.geometry.output_size, layer.outputs), np.float32)
    work = way.work(layer, threads)
    weights = way.weights(kernel, work)
    with monkeypatch.context() as patched:
        function = "dot" if name == "matrix" else "matmul"
        patched.setattr(np, function, counter := Counter(getattr(np, function)))
        assert way.run(x, out, weights, work)
    return counter


@KINDS
@pytest.mark.parametrize("seed", range(20))
def test_the_model_counts_the_multiplications_that_run(seed, kind, monkeypatch):
    """Every way multiplies as often as counted; tiles in their transforms, besides."""
    layer = some_layer(seed, kind)
    for name, cost in candidates.__wrapped__(layer).items():
        if name not in ("taps", "elementwise"):
            ran = counted(layer, name, monkeypatch).multiplications
            if name in ("tiles of 2", "tiles of 3", "tiles of 4"):
                assert cost.multiplications <= ran
            else:
                assert cost.multiplications == ran, name


@KINDS
@pytest.mark.parametrize("seed", range(20))
def test_a_helper_starts_no_thread_of_blas(seed, kind, monkeypatch):
    """Each of its products is so small that one thread does it; and so are those of the calling thread beside it."""
    layer = replace(some_layer(seed, kind), batch=8)
    for name in candidates(layer):
        if name not in ("matrix", "taps", "elementwise"):  # these have no helpers, or no products
            assert counted(layer, name, monkeypatch, 2).largest <= kind.alone, name


@KINDS
@pytest.mark.parametrize("seed", range(40))
def test_the_choice_is_near_the_best_by_what_was_counted(seed, kind, monkeypatch):
    """By the products that really run, no candidate would be much cheaper than the chosen way."""
    layer, seconds = some_layer(seed, kind), {}
    for name, cost in candidates(layer).items():
        if name != "taps":
            ran = counted(layer, name, monkeypatch)
            moved = ran.bytes if name.startswith("tiles") else max(ran.bytes, cost.bytes)  # additions are no products
            seconds[name] = ran.multiplications / kind.multiplications_a_second + moved / kind.bytes_a_second
            seconds[name] += max(ran.calls, cost.calls) * CALL + ran.products * STACKED
    chosen, _ = choose(layer, 1)
    if chosen in seconds:
        assert seconds[chosen] <= 2.5 * min(seconds.values()), seconds


@KINDS
@pytest.mark.parametrize("seed", range(60))
def test_the_least_is_chosen(seed, kind):
    """The choice is the least of the estimates; more work or fewer threads are never cheaper."""
    layer = some_layer(seed, kind)
    costs, more = candidates(layer), candidates(replace(layer, batch=8 * layer.batch))
    for name, cost in costs.items():
        assert 0 <= cost.seconds(kind, 2) <= cost.seconds(kind, 1) <= cost.seconds(kind, 1, once=True)
        assert cost.multiplications <= more[name].multiplications, name
    for threads in (1, 2, 8):
        name, used = choose(layer, threads)
        assert costs[name].seconds(kind, threads) == min(cost.seconds(kind, threads) for cost in costs.values())
        assert used in (1, threads)


def test_costs_add_up():
    """Field by field."""
    one = Cost(1, 2, 3, prepared=4)
    assert one + one == one * 2 == Cost(2, 4, 6, prepared=8)


def test_winograd_is_for_floating_point():
    """Neither where every output has to be the sum of its products, nor for integers and complex numbers."""
    layer = SizedLayer(Geometry.of((64, 64), 3, 1, 1, (1, 1)), 1, 64, 64)
    tiles = {"tiles of 2", "tiles of 3", "tiles of 4"}
    assert tiles <= set(candidates(layer))
    assert not tiles & set(candidates(replace(layer, exact=True)))
    for dtype in ("int32", "complex64", "bool"):
        assert not tiles & set(candidates(replace(layer, dtype=np.dtype(dtype))))


@KINDS
def test_complex_products_are_cut_smaller(kind):
    """OpenBLAS shares them among its threads from 2^16 multiplications on, whatever the processor."""
    layer = SizedLayer(Geometry.of((64, 64), 3), 1, 64, 64, dtype=np.dtype(np.complex64), kind=kind)
    assert layer.kind.limit(2) < 1 << 16
    assert replace(layer, batch=2).kind == layer.kind
    assert replace(layer, dtype=np.dtype(np.float64), kind=kind).kind is kind


def test_explain_says_what_was_counted():
    """One row a candidate, the cheapest first, with its numbers."""
    geometry = Geometry.of((9, 8), 4, 2, 1, (1, 1))
    prepared = plan(np.ones((4, 4, 6, 8), np.float32), geometry, batch=3)
    told = prepared.explain(3).splitlines()
    costs, threads = candidates(SizedLayer(geometry, 3, 8, 6)), blas.threads()
    assert told[0].endswith("for a batch of 3")
    assert told[3].startswith(told[0].split(" on ")[0])
    assert told[2].split() == ["way", "Mmul", "MB", "moved", "calls", "estimate"]
    assert len(told) == 3 + len(costs)
    assert prepared.explain() == prepared.explain(1)
    for row in told[3:]:
        cost, (*numbers, estimate, unit) = costs[row[:12].strip()], row[12:].split()
        millions = round(cost.multiplications / 1e6, 2), round(cost.bytes / 1e6, 2)
        assert tuple(map(float, numbers)) == (*millions, round(cost.calls))
        assert unit == "ms"
        assert float(estimate) / 1e3 == pytest.approx(cost.seconds(blas.kind(), threads), abs=1e-6)


@KINDS
def test_preparation_counts_only_when_it_is_done_once(kind):
    """One call to a layer with a large kernel and a small batch takes the kernel as it comes; a plan prepares it."""
    layer = SizedLayer(Geometry.of((4, 4), 4, 2, 1, (1, 1)), 1, 1024, 512, kind=kind)
    assert choose(layer, 2)[0].startswith("tiles")
    assert choose(replace(layer, once=True), 2)[0] in ("planes", "taps")


@KINDS
@pytest.mark.parametrize(
    ("way", "layer"),
    [
        ("tiles of 4", SizedLayer(Geometry.of((128, 128), 3, 1, 1, (1, 1)), 1, 64, 64)),
        ("tiles of 4", SizedLayer(Geometry.of((8, 8), 4, 2, 1, (1, 1)), 64, 512, 256)),
        ("tiles of 1", SizedLayer(Geometry.of((16, 16), 64, 32, 1, (16, 16)), 1, 21, 21)),
        ("tiles of 1", SizedLayer(Geometry.of((64, 64), 2, 2), 1, 128, 64)),
        ("planes", SizedLayer(Geometry.of((64, 64), 3, 1, 2), 1, 64, 1)),
        ("elementwise", SizedLayer(Geometry.of((64, 64), 3, 2, 1, (0, 1)), 1, 64, 64, groups=64)),
        ("matrix", SizedLayer(Geometry.of((2, 2), 3), 1, 1, 1)),
        ("matrix", SizedLayer(Geometry.of((2, 2), 3), 1, 1, 1, once=True)),
        ("zeros", SizedLayer(Geometry.of((2, 2), 3), 1, 0, 1)),
    ],
)
def test_each_idea_has_its_layers(way, layer, kind):
    """Winograd for many channels, plain products for large kernels, planes for few outputs, and so on."""
    assert choose(replace(layer, kind=kind), 2)[0] == way


@pytest.mark.parametrize(("kind", "way"), [(blas.SMALL, "windows"), (blas.PACKING, "planes")])
@pytest.mark.parametrize("batch", [1, 64])
def test_narrow_products_are_made_where_they_are_fast(kind, way, batch):
    """Three output channels: a product of all taps, and sums, costs less where one of six columns is slow."""
    assert choose(SizedLayer(Geometry.of((32, 32), 4, 2, 1, (1, 1)), batch, 128, 3, kind=kind), 2)[0] == way


MODULES = [importlib.import_module(f"deconvlib.fast.{found.name}") for found in pkgutil.iter_modules(fast.__path__)]
TUNED = [
    (module, name)
    for module in MODULES
    for name, value in vars(module).items()
    if name.isupper() and isinstance(value, int | float)
]


@pytest.fixture
def tune(monkeypatch):
    """tune(number) sets every constant that decides about speed."""

    def forget():
        for module in MODULES:
            for function in vars(module).values():
                if hasattr(function, "cache_clear"):
                    function.cache_clear()

    def tune(number):
        for module, name in TUNED:
            if name not in ("ALIGNED", "CREST", "LARGEST", "LINGER"):
                monkeypatch.setattr(module, name, number)
        forget()

    yield tune
    monkeypatch.undo()
    forget()


@pytest.mark.parametrize("number", [1, 40, 1 << 40])
def test_any_constants_give_the_same_results(number, tune):
    """Tiny chunks make many of a small layer, wrong speeds choose ways that nobody would: nothing else changes."""
    tune(number)
    for seed in range(12):
        x, kernel, geometry = random_layer(seed)
        groups = 1 + seed % 2
        x, kernel = (np.concatenate([a, 2 * a][:groups], -1) for a in (x, kernel))
        if not x.size:
            continue
        pairs = zip(np.split(x, groups, -1), np.split(kernel, groups, -1))
        expected = np.concatenate([METHODS["scatter"](*pair, geometry) for pair in pairs], -1)
        near = {"atol": 1e-12 * np.abs(kernel).sum()}
        for kind in (blas.SMALL, blas.PACKING, replace(blas.SMALL, alone=number)):
            layer = SizedLayer(geometry, len(x), x.shape[-1], expected.shape[-1], groups, x.dtype, kind=kind)
            for name in candidates(layer):
                way, out = WAYS[name], np.full_like(expected, np.nan)
                work = way.work(layer, 1 + seed % 3)
                assert way.run(x, out, way.weights(kernel, work), work)
                np.testing.assert_allclose(out, expected, **near)
        np.testing.assert_allclose(transpose(x, kernel, geometry, groups), expected, **near)
        np.testing.assert_allclose(plan(kernel, geometry, groups=groups, batch=len(x))(x), expected, **near)
        to_input, _ = gradients(x, kernel, expected, geometry, groups=groups)
        np.testing.assert_allclose(forward(expected, kernel, geometry, groups), to_input, atol=1e-9)
