"""Random calls, legal and illegal, against the definition:  python benchmarks/fuzz.py [minutes] [--seed N]

Over methods, ways, dtypes, layouts, views, groups, plans, threads, non-finite numbers and interruptions.  It stops at
the first call that is wrong, and says the seed that makes it again.
"""

from __future__ import annotations

import argparse
import signal
import threading
import time
import warnings
from collections import Counter

import numpy as np
from tqdm import tqdm

import deconvlib as dl
from deconvlib.fast import blas
from deconvlib.fast.cost import SizedLayer
from deconvlib.fast.plans import WAYS, candidates
from deconvlib.fast.taps import meet

DTYPES = ("float32", "float64", "float16", "int32", "uint8", "complex64", "complex128")


class Interruption(Exception):
    """What the timer's handler raises, while it is wanted."""

    wanted = False


def definition(x: np.ndarray, kernel: np.ndarray, geometry: dl.Geometry, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """The sum over the taps in the widest dtype, and the sum of its absolute values, finite ones alone."""
    wide = {"f": np.float64, "c": np.complex128}.get(np.result_type(x, kernel).kind, np.int64)
    total = np.zeros((len(x), *geometry.output_size, groups, kernel.shape[-2]), wide)
    mass = np.zeros(total.shape)
    inputs = x.shape[-1] // groups
    x = x.reshape(*x.shape[:-1], groups, inputs).astype(wide)
    kernel = kernel.reshape(*kernel.shape[:-1], groups, inputs).astype(wide)
    for tap in np.ndindex(*geometry.kernel_size):
        samples, outputs = zip(*map(meet, geometry.axes, tap))
        if any(some.start == some.stop for some in samples):
            continue
        pairs = x[(slice(None), *samples)][..., None, :] * np.moveaxis(kernel[tap], 1, 0)
        total[(slice(None), *outputs)] += pairs.sum(-1)
        mass[(slice(None), *outputs)] += np.where(np.isfinite(pairs), np.abs(pairs), 0).sum(-1)
    shape = (*total.shape[:-2], total.shape[-2] * total.shape[-1])
    return total.reshape(shape), mass.reshape(shape)


def some_layer(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, dl.Geometry, int]:
    """Small arrays of any dtype and memory layout, and a geometry with any crop."""
    axes = int(rng.integers(1, 4))
    size, k, s, d = (rng.integers(1, (9, 6, 5, 4)[n], axes).tolist() for n in range(4))
    if rng.random() < 0.2:
        size[0] = int(rng.integers(20, 80))
    full = dl.Geometry.of(size, k, s, d).full_size
    crop = [(begin := int(rng.integers(-2, n)), int(rng.integers(-2, n - begin))) for n in full]
    geometry, groups = dl.Geometry.of(size, k, s, d, crop), int(rng.integers(1, 4))
    batch, inputs, outputs = int(rng.integers(0, 4)), int(rng.integers(1, 9)), int(rng.integers(1, 6))
    inputs = 1 if rng.random() < 0.2 else inputs
    if rng.random() < 0.05:
        inputs, outputs = int(rng.integers(1, 60)), int(rng.integers(1, 100))
    dtype = DTYPES[rng.integers(len(DTYPES))] if rng.random() < 0.5 else "float32"
    arrays = []
    for shape in ((batch, *size, groups * inputs), (*geometry.kernel_size, outputs, groups * inputs)):
        array = rng.standard_normal(shape) * 3
        if dtype[0] == "c":
            array = array + 1j * rng.standard_normal(shape)
        array = np.abs(array).astype(dtype) if dtype[0] == "u" else array.astype(dtype)
        if rng.random() < 0.1 and array.size and array.dtype.kind in "fc":
            array.reshape(-1)[rng.integers(array.size)] = rng.choice(
                [np.nan, np.inf, -np.inf, 1e20 if dtype != "float16" else 6e4]
            )
        if rng.random() < 0.3:
            array = np.asfortranarray(array)
        if rng.random() < 0.3:
            array = np.repeat(array, 2, 0)[::2]
        array.flags.writeable = rng.random() < 0.5
        arrays.append(array)
    return (*arrays, geometry, groups)


def right(result: np.ndarray, expected: np.ndarray, mass: np.ndarray, dtype: np.dtype) -> bool:
    """Equal for integers; else within some roundings of what was added up, and NaN in the same places."""
    if result.dtype != dtype or result.shape != expected.shape:
        return False
    if dtype.kind in "iu":
        return bool((result == expected.astype(dtype)).all())
    with np.errstate(all="ignore"):
        finite = np.isfinite(expected) & (np.abs(expected) < np.finfo(dtype).max / 8)
        # tiles share their rounding; beside huge numbers, which they leave alone, each output has its own
        added = mass.max(initial=0) if mass.max(initial=0) < 1e6 else mass
        near = 1024 * max(np.finfo(dtype).eps, 1e-16) * added
        same = np.abs(result - expected) <= np.broadcast_to(near, result.shape) + 1e-6 * float(np.finfo(dtype).eps)
        return bool((same | ~finite).all() and (np.isnan(result) == np.isnan(expected.astype(dtype)))[finite].all())


def call(rng: np.random.Generator, seen: Counter) -> str | None:
    """One call; what is wrong with it, or None."""
    x, kernel, geometry, groups = some_layer(rng)
    dtype = np.result_type(x, kernel)
    arguments = geometry.stride, geometry.crop, None, "channels_last", geometry.dilation
    kind = str(rng.choice(["method", "plan", "way", "illegal", "interrupted", "threads", "channels_first"]))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        expected, mass = definition(x, kernel, geometry, groups)
        if kind == "illegal":
            return illegal(rng, x, kernel, geometry, groups)
        if kind == "method":
            kind = str(rng.choice(["auto", "scatter", "fast"]))
            result = dl.conv_transpose(x, kernel, *arguments, groups=groups, method=kind)
        elif kind == "channels_first":
            first = geometry.stride, geometry.crop, None, "channels_first", geometry.dilation
            result = np.moveaxis(dl.conv_transpose(np.moveaxis(x, -1, 1), kernel, *first, groups=groups), 1, -1)
        elif kind == "way":
            if dtype == np.float16 or not x.size:
                return None
            blas_kind = (blas.SMALL, blas.PACKING)[rng.integers(2)]
            layer = SizedLayer(geometry, len(x), x.shape[-1], expected.shape[-1], groups, dtype, kind=blas_kind)
            kind = str(rng.choice(list(candidates(layer))))
            result, way = np.full(expected.shape, 7, dtype), WAYS[kind]
            work = way.work(layer, int(rng.integers(1, 4)))
            if rng.random() < 0.5:
                done = way.once(x, kernel, result, work)
            else:
                done = way.run(x, result, way.weights(np.ascontiguousarray(kernel), work), work)
            if not done:
                return None
        else:
            prepared = dl.plan(kernel, geometry, groups=groups, batch=int(rng.integers(1, 5)), exact=rng.random() < 0.3)
            result = np.full(expected.shape, 7, dtype)
            if kind == "interrupted":
                interrupt(prepared, x, result, rng)
            if kind == "threads":
                others = [threading.Thread(target=prepared, args=(x,)) for _ in range(3)]
                for other in others:
                    other.start()
                prepared(x, result)
                for other in others:
                    other.join()
            else:
                prepared(x, result)
        seen[kind] += 1
        return None if right(result, expected, mass, dtype) else f"{kind}: {geometry}, {dtype}, groups {groups}"


def interrupt(prepared: dl.plan, x: np.ndarray, out: np.ndarray, rng: np.random.Generator) -> None:
    """A call that a signal handler may leave."""
    try:
        Interruption.wanted = True
        signal.setitimer(signal.ITIMER_REAL, float(rng.uniform(1e-6, 3e-4)))
        prepared(x, out)
        Interruption.wanted = False  # a signal that Python hears of later than this says nothing
    except Interruption:
        Interruption.wanted = False
        out.fill(7)
    signal.setitimer(signal.ITIMER_REAL, 0)


def illegal(
    rng: np.random.Generator, x: np.ndarray, kernel: np.ndarray, geometry: dl.Geometry, groups: int
) -> str | None:
    """A call with something wrong raises ValueError or TypeError."""
    wrong = [
        lambda: dl.conv_transpose(x[..., :-1], kernel, geometry.stride, 0, groups=groups),
        lambda: dl.conv_transpose(x, kernel, geometry.stride, 0, groups=x.shape[-1] + 1),
        lambda: dl.conv_transpose(x, kernel[0], geometry.stride, 0, groups=groups),
        lambda: dl.conv_transpose(x, kernel, 0, 0, groups=groups),
        lambda: dl.conv_transpose(x, kernel, geometry.stride, 10**6, groups=groups),
        lambda: dl.plan(kernel, geometry, groups=groups, batch=0),
        lambda: dl.plan(kernel, geometry, groups=groups)(x[:, :-1]),
        lambda: dl.plan(kernel, geometry, groups=groups)(x, np.empty((1, 2))),
    ]
    number = int(rng.integers(len(wrong)))
    try:
        wrong[number]()
    except (ValueError, TypeError):
        return None
    return f"illegal call {number} was answered"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("minutes", nargs="?", type=float, default=2)
    parser.add_argument("--seed", type=int, default=None, help="only this call")
    arguments = parser.parse_args()

    def handler(*_: object) -> None:
        if Interruption.wanted:
            raise Interruption

    signal.signal(signal.SIGALRM, handler)
    if arguments.seed is not None:
        print(call(np.random.default_rng(arguments.seed), Counter()))
        return
    end, seed, seen = time.monotonic() + 60 * arguments.minutes, time.time_ns() % 10**9, Counter()
    with tqdm(unit="call") as progress:
        while time.monotonic() < end:
            wrong = call(np.random.default_rng(seed), seen)
            if wrong:
                raise SystemExit(f"seed {seed}: {wrong}")
            seed += 1
            progress.update()
    print(dict(seen))


if __name__ == "__main__":
    main()
