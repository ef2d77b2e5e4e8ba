"""The figure of the benchmark, drawn from benchmarks/results.json."""

from __future__ import annotations

import json
import math
from pathlib import Path

from docs_tools.figures import label, line, tag

__all__ = ["speed"]

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results.json"


def speed():
    """Our speed against the fastest framework on each layer

    One row a layer, on a logarithmic scale from a tenth to ten. The bar goes from the strong line, as fast as the
    fastest framework, to the median ratio of the prepared plan: filled and to the right where deconvlib is faster,
    hollow and to the left where it is slower. The thin line is its interquartile range. The tick is the ratio to
    TensorFlow.
    """
    layers = json.loads(RESULTS.read_text(encoding="utf-8"))["AVX-512"]["layers"]
    left, width, row, top = 92, 324, 20, 30
    body = []

    def place(ratio):
        return left + width * (math.log10(min(max(ratio, 0.1), 10)) + 1) / 2

    bottom = top + row * len(layers)
    for ratio in (0.1, 0.2, 0.5, 1, 2, 5, 10):
        strong = line(place(ratio), top - 4, place(ratio), bottom, "ink" if ratio == 1 else "muted")
        body.append(strong if ratio == 1 else tag("g", strong, opacity=0.25))
        body.append(label(place(ratio), top - 10, f"{ratio:g}", "muted"))
    for index, (name, layer) in enumerate(layers.items()):
        y = top + row * index + row / 2
        low, middle, high = layer["summary"]["recycled_to_best"]
        begin, end = sorted((place(1), place(middle)))
        faster = middle >= 1
        body.append(label(left - 8, y, name, "ink", "end"))
        body.append(
            tag(
                "rect", x=begin, y=y - 5, width=max(1, end - begin), height=10, class_="muted", fill_opacity=int(faster)
            )
        )
        body.append(line(place(low), y, place(high), y, "ink"))
        tensorflow = place(layer["summary"]["recycled_to_tensorflow"][1])
        body.append(line(tensorflow, y - 7, tensorflow, y + 7, "ink"))
        body.append(label(left + width + 8, y, f"{middle:.2f}", "ink" if faster else "muted", "start"))
    body.append(label(left + width / 2, bottom + 18, "times as fast as the fastest framework; tick: TF", "muted"))
    return (left + width + 44, bottom + 26, *body)
