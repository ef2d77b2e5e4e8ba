"""The cost model: what it counts is what runs, and the choice is near the best.  Nothing here measures time."""

import numpy as np
import pytest

from deconvlib import Geometry
from deconvlib.fast.cost import BYTES, CALL, MULTIPLICATIONS, Layer, candidates
from deconvlib.fast.plans import choose, prepare


def random_layer(seed):
    """A layer as networks have them, up to a few million products."""
    rng = np.random.default_rng(seed)
    axes = int(rng.integers(1, 4))
    size = rng.integers(2, (400, 40, 10)[axes - 1], axes).tolist()
    kernel_size, stride = rng.integers(1, 6, axes).tolist(), rng.integers(1, 4, axes).tolist()
    dilation = rng.integers(1, 3, axes).tolist()
    geometry = Geometry.of(size, kernel_size, stride, dilation)
    batch, *channels = (int(2 ** rng.uniform(0, high)) for high in (4, 7, 7))
    return Layer(geometry, batch, *channels)


class Counter:
    """Stands in for np.matmul, and counts multiplications, bytes and calls."""

    def __init__(self):
        self.multiplications = self.bytes = self.calls = 0
        self.matmul = np.matmul

    def __call__(self, a, b, out=None):
        result = self.matmul(a, b, out=out)
        self.multiplications += result.size * a.shape[-1]
        self.bytes += (a.size + b.size + result.size) * result.itemsize
        self.calls += 1
        return result


def counted(layer, name, monkeypatch):
    """What np.matmul does when this way runs on one thread."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((layer.batch, *layer.geometry.input_size, layer.inputs), np.float32)
    kernel = rng.standard_normal((*layer.geometry.kernel_size, layer.outputs, layer.inputs), np.float32)
    out = np.empty((layer.batch, *layer.geometry.output_size, layer.outputs), np.float32)
    way = prepare(name, kernel, layer.geometry, 1)
    with monkeypatch.context() as patched:
        patched.setattr(np, "matmul", counter := Counter())
        way(x, out, 1)
    return counter


@pytest.mark.parametrize("seed", range(20))
def test_the_model_counts_the_multiplications_that_run(seed, monkeypatch):
    """Every way multiplies as often as counted."""
    monkeypatch.setattr("deconvlib.fast.cost.product", lambda rows, depth, columns, itemsize: rows * depth * columns)
    layer = random_layer(seed)
    for name, cost in candidates.__wrapped__(layer).items():
        ran = counted(layer, name, monkeypatch).multiplications
        assert cost.multiplications == ran, name


@pytest.mark.parametrize("seed", range(40))
def test_the_choice_is_near_the_best_by_what_was_counted(seed, monkeypatch):
    """By the products that really run, no candidate would be much cheaper than the chosen way."""
    layer, seconds = random_layer(seed), {}
    for name, cost in candidates(layer).items():
        ran = counted(layer, name, monkeypatch)
        moved = ran.bytes if name.startswith("tiles") else max(ran.bytes, cost.bytes)  # additions are no products
        seconds[name] = ran.multiplications / MULTIPLICATIONS + moved / BYTES + max(ran.calls, cost.calls) * CALL
    chosen, _ = choose(layer, 1)
    assert seconds[chosen] <= 2 * min(seconds.values()), seconds


def test_preparation_counts_only_when_it_is_done_once():
    """One call to a layer with a large kernel and a small batch takes the kernel as it comes; a plan prepares it."""
    layer = {"geometry": Geometry.of((4, 4), 4, 2, 1, (1, 1)), "batch": 1, "inputs": 1024, "outputs": 512}
    assert choose(Layer(**layer), 2)[0].startswith("tiles")
    assert choose(Layer(**layer, once=True), 2)[0] == "planes"


@pytest.mark.parametrize(
    ("way", "layer"),
    [
        ("tiles of 4", Layer(Geometry.of((128, 128), 3, 1, 1, (1, 1)), 1, 64, 64)),
        ("tiles of 4", Layer(Geometry.of((8, 8), 4, 2, 1, (1, 1)), 64, 512, 256)),
        ("tiles of 1", Layer(Geometry.of((64, 64), 16, 8, 1, (4, 4)), 1, 21, 21)),
        ("planes", Layer(Geometry.of((32, 32), 4, 2, 1, (1, 1)), 64, 128, 3)),
        ("elementwise", Layer(Geometry.of((64, 64), 3, 2, 1, (0, 1)), 1, 64, 64, groups=64)),
        ("matrix", Layer(Geometry.of((2, 2), 3), 1, 1, 1)),
        ("matrix", Layer(Geometry.of((2, 2), 3), 1, 1, 1, once=True)),
    ],
)
def test_each_idea_has_its_layers(way, layer):
    """Winograd for many channels, plain products for large kernels, planes for few outputs, and so on."""
    assert choose(layer, 2)[0] == way
