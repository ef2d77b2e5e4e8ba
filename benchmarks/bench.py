"""The fast method against every installed framework, in one process:  python benchmarks/bench.py [layers ...]

Each round times every contender once, with pauses, so that only paired ratios count; SGEMM is a contender too.
A round in which other processes used the cores is measured again.  benchmarks/results.json holds a summary for each
kind of BLAS that was measured (AVX-512, AVX2); a run replaces what it has of its own kind, layer by layer.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import os
import platform
import time
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
from layers import LAYERS, Layer
from peers import THREADS, as_numpy, installed, peers
from tqdm import tqdm

import deconvlib as dl
from deconvlib.fast import blas
from deconvlib.fast.cost import SizedLayer
from deconvlib.fast.plans import candidates

RESULTS = Path(__file__).with_name("results.json")
PAUSE = 0.04  # BLAS workers spin for 26 ms after a product
OURS = "deconvlib"
REWRITTEN = "NumPy overlap-add"  # what people rewrite an inverse Fourier transform to
VARIANTS = {"recycled": "prepared, output recycled", "fresh": "prepared, fresh output", "once": "one conv_transpose"}


def time_call(call, budget: float) -> float:
    """The median seconds of at least 3 calls, after one that warms up."""
    call()
    times = []
    while len(times) < 3 or (sum(times) < budget and len(times) < 1000):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return float(np.median(times))


class Others:
    """How many cores other processes used meanwhile; 0 where /proc/stat is missing."""

    def __enter__(self):
        self.begin = self._now()
        return self

    def __exit__(self, *_):
        busy, own, wall = (b - a for a, b in zip(self.begin, self._now()))
        self.cores = max(0.0, busy - own) / wall

    @staticmethod
    def _now():
        own = os.times()
        try:
            ticks = [int(t) for t in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
            busy = (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")
        except OSError:
            busy = 0.0
        return busy, own.user + own.system, time.perf_counter()


def ours(layer: Layer) -> dict:
    """Our variants, and the plan."""
    x, kernel = layer.arrays()
    plan = dl.plan(kernel, layer.geometry, groups=layer.groups, batch=layer.batch)
    out = np.empty((layer.batch, *layer.geometry.output_size, layer.outputs), np.float32)
    arguments = x, kernel, layer.stride, list(layer.geometry.crop)
    calls = {
        f"{OURS} recycled": lambda: plan(x, out),
        f"{OURS} fresh": lambda: plan(x),
        f"{OURS} once": lambda: dl.conv_transpose(*arguments, dilation_rate=layer.dilation, groups=layer.groups),
    }
    return calls, plan


def overlap_add(layer: Layer) -> dict:
    """A product of all frames, and their sum, for the layers of one output channel."""
    if len(layer.size) > 1 or layer.outputs > 1 or layer.same or layer.kernel_size[0] % layer.stride:
        return {}
    x, kernel = layer.arrays()
    (frames,), (size,), hop = layer.size, layer.kernel_size, layer.stride

    def call():
        pieces = x[0] @ kernel[:, 0].T
        out = np.zeros((frames + size // hop - 1, hop), np.float32)
        for q in range(size // hop):
            out[q : q + frames] += pieces[:, q * hop : (q + 1) * hop]
        return out.reshape(1, -1, 1)

    return {REWRITTEN: call}


def sgemm(size: int = 2048):
    a, b = np.random.default_rng(0).standard_normal((2, size, size), np.float32)
    out = np.empty_like(a)
    return lambda: np.matmul(a, b, out=out)


def copy(size: int = 1 << 25):
    a = np.ones(size // 4, np.float32)
    out = np.empty_like(a)
    return lambda: np.copyto(out, a)


def reference(layer: Layer) -> np.ndarray:
    """The first image in float64."""
    x, kernel = (a.astype(np.float64) for a in layer.arrays())
    pairs = zip(np.split(x[:1], layer.groups, -1), np.split(kernel, layer.groups, -1))
    return np.concatenate([dl.METHODS["scatter"](*pair, layer.geometry) for pair in pairs], -1)


def error(name: str, result, exact: np.ndarray) -> float:
    """The largest difference from float64, relative to the largest output."""
    result = result if name.startswith((OURS, REWRITTEN)) else as_numpy(name, result)
    return float(np.abs(result[:1] - exact).max() / np.abs(exact).max())


def peak_memory(call) -> int | None:
    """Bytes by which resident memory grows at most during a first call, output included.  Linux."""
    try:
        Path("/proc/self/clear_refs").write_text("5")  # resets the peak
        resident = _status("VmRSS")
        call()
        return max(0, _status("VmHWM") - resident)
    except OSError:
        call()
        return None


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(field))


def least(layer: Layer, plan) -> dict:
    """What nobody could leave out: the products of the chosen way, and input, kernel and output once each."""
    x, kernel = layer.arrays()
    output = 4 * layer.batch * math.prod(layer.geometry.output_size) * layer.outputs
    costs = candidates(SizedLayer(layer.geometry, layer.batch, layer.inputs, layer.outputs, layer.groups))
    chosen = costs[plan.explain(layer.batch).split(" on ")[0]]
    return {"operations": min(layer.work, 2 * chosen.multiplications), "bytes": x.nbytes + kernel.nbytes + output}


def measure(layer: Layer, rounds: int, budget: float, noise: float) -> dict:
    """All contenders on one layer."""
    mine, plan = ours(layer)
    calls, peaks, errors = {"SGEMM": sgemm(), "copy": copy()}, {}, {}
    exact = reference(layer)
    for name, call in {**mine, **overlap_add(layer), **peers(layer)}.items():
        try:
            peaks[name] = peak_memory(call)
            errors[name] = error(name, call(), exact)
            calls[name] = call
        except Exception as problem:  # this framework lacks this layer
            tqdm.write(f"{layer.name}: {name} does not run it: {type(problem).__name__}")
    times, shared, dropped = {name: [] for name in calls}, [], 0
    while len(times["SGEMM"]) < rounds:
        row = {}
        with Others() as others:
            for name, call in calls.items():
                row[name] = _paused(call, budget)
        if others.cores > noise and dropped < 2 * rounds:
            dropped += 1
            continue
        shared.append(round(others.cores, 2))
        for name, seconds in row.items():
            times[name].append(seconds)
    return {
        "date": datetime.date.today().isoformat(),
        "milliseconds": {name: list(np.round(np.array(t) * 1e3, 5)) for name, t in times.items()},
        "error": errors,
        "peak_bytes": peaks,
        "prepared_bytes": plan.nbytes,
        "way": plan.explain(layer.batch).split(",")[0],
        "work": layer.work,
        "least": least(layer, plan),
        "others": shared,  # cores that other processes used in each round
        "dropped_rounds": dropped,
    }


def summary(record: dict) -> dict:
    """Medians, and our paired ratios to the best peer, to TensorFlow and to SGEMM (above 1: we are faster)."""
    times = {name: np.array(t) for name, t in record["milliseconds"].items()}
    medians = {name: float(np.median(t)) for name, t in times.items()}
    rivals = [name for name in times if name not in ("SGEMM", "copy", REWRITTEN) and not name.startswith(OURS)]

    def best(prefix=""):
        return min((n for n in rivals if n.startswith(prefix)), key=medians.get, default=None)

    def ratio(name, variant):
        quartiles = np.percentile(times[name] / times[f"{OURS} {variant}"], [25, 50, 75])
        return [round(float(q), 3) for q in quartiles]

    gigaflops = record["work"] / times[f"{OURS} recycled"] / 1e6
    peak = 2 * 2048**3 / times["SGEMM"] / 1e6
    result = {"best_peer": best(), "gigaflops": float(np.median(gigaflops)), "sgemm": float(np.median(peak))}
    result["of_sgemm"] = round(float(np.median(gigaflops / peak)), 3)
    sgemm, copied = 2 * 2048**3 / times["SGEMM"], 2 * (1 << 25) / times["copy"]  # a millisecond
    limit = np.maximum(record["least"]["operations"] / sgemm, record["least"]["bytes"] / copied)
    result["limit_milliseconds"] = round(float(np.median(limit)), 5)
    result["of_limit"] = round(float(np.median(limit / times[f"{OURS} recycled"])), 3)
    for variant in VARIANTS:
        if best():
            result[f"{variant}_to_best"] = ratio(best(), variant)
        if best("TensorFlow"):
            result[f"{variant}_to_tensorflow"] = ratio(best("TensorFlow"), variant)
        if REWRITTEN in times:
            result[f"{variant}_to_overlap_add"] = ratio(REWRITTEN, variant)
    return result


def summarized(record: dict) -> dict:
    """What is kept: medians in place of all rounds, and the summary."""
    rounds = len(record["others"])
    medians = {name: round(float(np.median(times)), 5) for name, times in record["milliseconds"].items()}
    others = max(record["others"])
    return record | {"milliseconds": medians, "rounds": rounds, "others": others, "summary": summary(record)}


def machine() -> dict:
    """Where this was measured, and with which versions."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    flags = fields.get("flags", "").split()
    packages = ["numpy", *installed().values()]
    return {
        "processor": fields.get("model name", platform.processor()),
        "vector": next((f for f in ("avx512f", "avx2", "asimd") if f in flags), "unknown"),
        "cores": THREADS,
        "system": platform.system(),
        "versions": {"python": platform.python_version()} | {p: _version(p) for p in packages},
    }


def _version(package: str) -> str:
    return next(version(name) for name in (package, f"{package}-cpu") if _has(name))


def _has(package: str) -> bool:
    try:
        return bool(version(package))
    except ImportError:
        return False


def growth(rounds: int, budget: float) -> dict:
    """How time grows with batch, channels, kernel and image size: {what: {value: {contender: median ms}}}."""
    base = Layer("base", 4, (16, 16), 64, 64, (4, 4), 2)
    series = {
        "batch": {n: replace(base, batch=n) for n in (1, 4, 16, 64)},
        "channels": {c: replace(base, inputs=c, outputs=c) for c in (8, 32, 128, 512)},
        "kernel": {k: replace(base, kernel_size=(k, k)) for k in (2, 4, 6, 8)},
        "image": {n: replace(base, size=(n, n)) for n in (4, 16, 64)},
    }
    found = {}
    for what, layers in series.items():
        for value, layer in tqdm(layers.items(), desc=what):
            calls = {**ours(layer)[0], **peers(layer)}
            rows = [{name: _paused(call, budget) for name, call in calls.items()} for _ in range(rounds)]
            medians = {name: round(1e3 * float(np.median([row[name] for row in rows])), 4) for name in calls}
            found.setdefault(what, {})[str(value)] = medians
    return found


def _paused(call, budget: float) -> float:
    time.sleep(PAUSE)
    return time_call(call, budget)


def table(layers: dict) -> str:
    """The summary of all layers in text."""
    columns = ("ratio", "fresh", "once", "TF", "1 TF", "SGEMM")
    rows = [f"{'layer':<12} {'ms':>9} {'best peer':>24} " + " ".join(f"{column:>6}" for column in columns) + "  way"]
    keys = "recycled_to_best", "fresh_to_best", "once_to_best", "recycled_to_tensorflow", "once_to_tensorflow"
    for name, record in layers.items():
        told, ms = record["summary"], record["milliseconds"][f"{OURS} recycled"]
        ratios = [*(told.get(key, [0, 0])[1] for key in keys), told["of_sgemm"]]
        numbers = " ".join(f"{ratio:6.2f}" for ratio in ratios)
        rows.append(f"{name:<12} {ms:9.3f} {told['best_peer'] or '-':>24} {numbers}  {record['way']}")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("layers", nargs="*", metavar="LAYER", help=f"of {', '.join(LAYERS)}; all of them by default")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--budget", type=float, default=0.12, help="seconds a contender and round")
    parser.add_argument("--noise", type=float, default=0.12, help="cores that other processes may use")
    parser.add_argument("--growth", action="store_true", help="only how time grows with batch, channels, kernel, image")
    arguments = parser.parse_args()
    if unknown := set(arguments.layers) - set(LAYERS):
        parser.error(f"no such layer: {', '.join(sorted(unknown))}")
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    mine = results.setdefault("AVX-512" if blas.kind() is blas.SMALL else "AVX2", {"layers": {}})
    mine["machine"] = machine()

    def write() -> None:
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")

    if arguments.growth:
        mine["growth"] = growth(arguments.rounds, arguments.budget)
        write()
        return
    for name in tqdm(arguments.layers or LAYERS, unit="layer"):
        record = summarized(measure(LAYERS[name], arguments.rounds, arguments.budget, arguments.noise))
        mine["layers"][name] = record
        mine["layers"] = {name: mine["layers"][name] for name in LAYERS if name in mine["layers"]}
        write()
        tqdm.write(table({name: record}).split("\n")[1])
    print(table(mine["layers"]))


if __name__ == "__main__":
    main()
