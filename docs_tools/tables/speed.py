"""What `make bench` measured, as the pages on speed show it, and what the choice of a way counts."""

from __future__ import annotations

import json
from pathlib import Path

import deconvlib as dl
from benchmarks.layers import LAYERS, Layer
from deconvlib.fast import blas
from deconvlib.fast.cost import SizedLayer
from deconvlib.fast.plans import candidates
from docs_tools.tables import markdown

__all__ = ["inverse_fourier", "layers_avx2", "layers_avx512", "verdict", "ways"]

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results.json"
NEWEST = "AVX-512"  # the kind of machine that the figure shows, too


def shape(layer: Layer) -> str:
    """Batch, if it is not 1, sizes and channels: 64 x 8x8, 512 → 256, k4 s2."""
    size = "x".join(map(str, layer.size))
    names = {"s": layer.stride, "d": layer.dilation, "g": layer.groups}
    rest = "".join(f" {name}{value}" for name, value in names.items() if value > 1)
    batch = f"{layer.batch} x " if layer.batch > 1 else ""
    return f"{batch}{size}, {layer.inputs} → {layer.outputs}, k{layer.kernel_size[0]}{rest}"


def results(kind: str = NEWEST) -> dict:
    return json.loads(RESULTS.read_text("utf8"))[kind]


def verdict() -> str:
    """On how many layers it wins, prepared and in a single call."""
    layers = results()["layers"].values()
    won = {
        calls: sum(layer["summary"][f"{calls}_to_best"][1] >= 1 for layer in layers) for calls in ("recycled", "once")
    }
    return (
        f"Of {len(layers)} layers, {won['recycled']} are at least as fast as in the fastest framework when the kernel "
        f"is prepared, and {won['once']} in a single call with nothing prepared."
    )


def layers_avx512() -> str:
    return layers("AVX-512")


def layers_avx2() -> str:
    return layers("AVX2")


def layers(kind: str) -> str:
    """The machine in a sentence, and one row a layer."""
    found = results(kind)
    dates = sorted({layer["date"] for layer in found["layers"].values()})
    rounds = sorted({layer["rounds"] for layer in found["layers"].values()})
    versions = ", ".join(f"{name} {number}" for name, number in found["machine"]["versions"].items())
    machine = (
        f"{found['machine']['cores']} cores with {kind}, {span(dates)}, {span(rounds)} rounds a layer; "
        f"other processes used at most {max(layer['others'] for layer in found['layers'].values())} cores. "
        f"`{versions}`."
    )
    rows = []
    for name, layer in found["layers"].items():
        summary = layer["summary"]
        milliseconds = layer["milliseconds"]["deconvlib recycled"]
        ratios = summary["recycled_to_best"][1], summary["once_to_best"][1], summary["recycled_to_tensorflow"][1]
        best = summary["best_peer"].split()[0]
        numbers = f"{milliseconds:.3f}", *(f"{ratio:.2f}" for ratio in (*ratios, summary["of_sgemm"]))
        rows.append([f"`{name}`", *numbers, best, unbroken(shape(LAYERS[name]))])
    head = ["layer", "ms", "ratio", "once", "to TF", "of SGEMM", "fastest", "shape"]
    return f"{machine}\n\n{markdown(head, rows, right=head[1:6])}"


def unbroken(text: str) -> str:
    """On one line, whatever the width of its cell."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def span(values: list) -> str:
    """One value, or the first and the last."""
    return str(values[0]) if len(values) == 1 else f"{values[0]} to {values[-1]}"


def inverse_fourier() -> str:
    """Milliseconds of two inverse short-time Fourier transforms: prepared, once, and as people rewrite it."""
    names = {"deconvlib recycled": "prepared", "deconvlib once": "single call", "NumPy overlap-add": "overlap-add"}
    layers = results()["layers"]
    rows = [
        [f"`{layer}`", *(f"{layers[layer]['milliseconds'][name]:.1f}" for name in names)]
        for layer in ("istft4096", "istft1024")
    ]
    return markdown(["ms", *names.values()], rows, right=names.values())


def ways() -> str:
    """What each way counts for the layer that the fast method's page asks about, the least seconds first."""
    geometry = dl.Geometry.of((64, 64), 4, 2, crop=(1, 1))
    layer = SizedLayer(geometry, batch=1, inputs=64, outputs=3, kind=blas.PACKING)
    costs = candidates(layer)
    rows = []
    for way in sorted(costs, key=lambda way: costs[way].seconds(layer.kind)):
        cost = costs[way]
        numbers = (cost.multiplications / 1e6, cost.bytes / 1e6, cost.calls)
        rows.append([unbroken(way), *(f"{number:.0f}" for number in numbers)])
    head = ["way", "million multiplications", "MB moved", "calls"]
    return markdown(head, rows, right=head[1:])
