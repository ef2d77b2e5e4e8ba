"""The choice of a way, and layers that are prepared once."""

from __future__ import annotations

import functools
from collections.abc import Hashable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from deconvlib.arguments import at_least_one
from deconvlib.checks import as_array, check_flag, check_geometry, check_groups, check_kernel
from deconvlib.fast import blas
from deconvlib.fast.cost import Cost, SizedLayer
from deconvlib.fast.elementwise import Elementwise
from deconvlib.fast.matrix import Matrix
from deconvlib.fast.planes import Planes
from deconvlib.fast.program import Job, Weights
from deconvlib.fast.taps import Taps, transposed
from deconvlib.fast.tiles import Tiles
from deconvlib.fast.ways import Way, Work
from deconvlib.fast.windows import Windows
from deconvlib.geometry import Geometry
from deconvlib.methods import accumulator

__all__ = ["WAYS", "Plan", "candidates", "choose", "once", "plan"]

BATCHES = 64  # entries, by batch size, threads and exact, of what a plan runs
LARGEST = 4096  # batch that is estimated: for more the cost is in proportion, and so the choice is the same
NEARLY = 1.25  # a way whose weights are prepared already may cost so many times as much as the best


class Zeros(Way):
    """A layer without channels: every sum is empty."""

    name = "zeros"

    def cost(self, layer: SizedLayer) -> Cost | None:
        return None if layer.inputs and layer.outputs else Cost()

    def weights(self, kernel: np.ndarray, work: Work) -> Weights:
        return {}

    def jobs(self, layer: SizedLayer, threads: int) -> list[Job]:
        return []

    def run(self, x: np.ndarray, out: np.ndarray, weights: Weights, work: Work) -> bool:
        out[...] = 0
        return True


WAYS: dict[str, Way] = {
    way.name: way
    for way in (Zeros(), Matrix(), Elementwise(), Planes(), Windows(), Tiles(1), Tiles(2), Tiles(3), Tiles(4), Taps())
}
"""Every way, by its name."""


@functools.lru_cache(256)
def candidates(layer: SizedLayer) -> dict[str, Cost]:
    """What every way that can do this layer would cost."""
    if (nothing := WAYS["zeros"].cost(layer)) is not None:
        return {"zeros": nothing}
    if layer.dtype.kind == "O":  # Python's objects cannot lie in scratch memory
        return {"taps": Cost()}
    costs = {name: way.cost(layer) for name, way in WAYS.items()}
    return {name: cost for name, cost in costs.items() if cost is not None}


@functools.lru_cache(256)
def choose(layer: SizedLayer, threads: int) -> tuple[str, int]:
    """The way that costs least, and on how many threads."""
    costs = candidates(layer)
    name = min(costs, key=lambda name: costs[name].seconds(layer.kind, threads, layer.once))
    return name, costs[name].workers(layer.kind, threads)


@functools.lru_cache(32)
def _for_once(
    geometry: Geometry,
    batch: int,
    channels: tuple[int, int],
    groups: int,
    dtype: np.dtype,
    exact: bool,
    kind: blas.Kind,
    threads: int,
) -> tuple[Way, Work]:
    """The way for a single call.  What depends on sizes alone stays for the next one."""
    layer = SizedLayer(geometry, min(max(batch, 1), LARGEST), *channels, groups, dtype, exact, True, kind)
    name, threads = choose(layer, threads)
    return WAYS[name], WAYS[name].work(replace(layer, batch=batch), threads)


def once(inputs: np.ndarray, kernel: np.ndarray, geometry: Geometry, groups: int, out: np.ndarray) -> None:
    """Write the layer into out, with a kernel that is used for this call alone.  All have one dtype."""
    batch, channels, dtype = len(inputs), (inputs.shape[-1], out.shape[-1]), out.dtype
    for exact in (False, True):
        way, work = _for_once(geometry, batch, channels, groups, dtype, exact, blas.kind(), blas.threads())
        if way.once(inputs, kernel, out, work):
            return
        if not way.name.startswith("tiles"):
            break
    transposed(inputs, kernel, geometry, groups, out)


def plan(
    kernel: np.ndarray, geometry: Geometry, *, groups: int | None = None, batch: int = 1, exact: bool = False
) -> Plan:
    """A transposed convolution with its kernel prepared once, for many calls.

        y = plan(kernel, geometry)(inputs, out=None)      inputs [batch, *space, in]  ->  y [batch, *output_size, out]

    kernel [*k, out, in], with groups [*k, out / groups, in]; `groups` is that of the geometry where it is None.  The
    kernel must not change while the plan lives.  The inputs must have its dtype, and any batch size; `out`, an array to
    write the result to, saves the time that fresh memory takes.  The plan may be called from several threads at once,
    pickled and copied.

    `batch` is the batch size to prepare for.  A call with another one prepares further weights only where those that
    are there would cost a quarter more.
    `exact=True` uses no Winograd tiles: every output is the sum of its products and nothing else.

    Raises ValueError or TypeError for arrays that do not fit the geometry or each other.
    """
    return Plan(kernel, geometry, check_geometry(geometry).groups if groups is None else groups, batch, exact)


class Prepared(NamedTuple):
    """What a call of a plan with a certain batch runs."""

    way: Way
    weights: Weights
    work: Work


class Plan:
    """A prepared layer: call it, or ask for its `nbytes` and let it `explain` what runs.  Made by `plan`."""

    def __init__(self, kernel: np.ndarray, geometry: Geometry, groups: int, batch: int, exact: bool):
        kernel = check_kernel(kernel, geometry)
        check_flag("exact", exact)
        self.dtype, self.geometry = kernel.dtype, geometry
        self.groups = groups = check_groups(groups, kernel.shape[-1])
        batch = min(at_least_one("batch", batch), LARGEST)
        self._given = kernel, geometry, groups, batch, exact
        self._kernel = np.ascontiguousarray(kernel, accumulator(kernel.dtype))
        self._exact = exact
        self._inputs = (*geometry.input_size, kernel.shape[-1])
        self._outputs = (*geometry.output_size, kernel.shape[-2] * groups)
        # no lock, which a fork might copy in its locked state: what two threads prepare at once, one of them discards
        self._weights: dict[tuple[str, blas.Kind, Hashable], Weights] = {}
        self._prepared: dict[tuple[int, int, bool], Prepared] = {}
        self._way(batch, blas.threads(), exact)

    def __call__(self, inputs: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        if type(inputs) is not np.ndarray or inputs.dtype != self.dtype:
            inputs = as_array("inputs", inputs)
        if inputs.shape[1:] != self._inputs or inputs.dtype != self.dtype:
            raise self._misfit(inputs)
        batch = len(inputs)
        if out is None:  # memory first: where there is none, nothing is prepared
            made: np.ndarray = np.empty((batch, *self._outputs), self._kernel.dtype)
            self._run(inputs.astype(made.dtype, copy=False), made)
            return made.astype(self.dtype, copy=False)
        self._check_out(out, (batch, *self._outputs))
        shared = np.may_share_memory(inputs, out) or np.may_share_memory(self._kernel, out)
        if shared or self.dtype != self._kernel.dtype or not out.flags.aligned:
            out[...] = self(inputs)
        else:
            self._run(inputs, out)
        return out

    def _run(self, inputs: np.ndarray, out: np.ndarray) -> None:
        batch, threads = len(inputs), blas.threads()
        prepared = self._prepared.get((batch, threads, self._exact)) or self._way(batch, threads, self._exact)
        if not out.size or prepared.way.run(inputs, out, prepared.weights, prepared.work):
            return
        if not self._exact:
            way, weights, work = self._prepared.get((batch, threads, True)) or self._way(batch, threads, True)
            if way.name != prepared.way.name and way.run(inputs, out, weights, work):
                return
        transposed(inputs, self._kernel, self.geometry, self.groups, out)

    def _way(self, batch: int, threads: int, exact: bool) -> Prepared:
        """The way for this batch size: the best one, or a prepared one nearly as good."""
        layer = self._layer(batch, exact)
        costs = {name: cost.seconds(layer.kind, threads) for name, cost in candidates(layer).items()}
        best, _ = choose(layer, threads)
        known = [name for name, kind, _ in tuple(self._weights) if kind == layer.kind and name in costs]
        name = min(known, key=costs.__getitem__, default=best)
        if costs[name] > NEARLY * costs[best]:
            name = best
        used = candidates(layer)[name].workers(layer.kind, threads)
        way = WAYS[name]
        work = way.work(replace(layer, batch=batch), used)
        key = name, layer.kind, way.layout(work)
        if key not in self._weights:
            self._weights.setdefault(key, way.weights(self._kernel, work))
        found = Prepared(way, self._weights[key], work)
        if len(self._prepared) >= BATCHES:
            self._prepared.clear()
        self._prepared[batch, threads, exact] = found
        return found

    def _layer(self, batch: int, exact: bool) -> SizedLayer:
        channels = self._inputs[-1], self._outputs[-1]
        return SizedLayer(self.geometry, min(max(batch, 1), LARGEST), *channels, self.groups, self._kernel.dtype, exact)

    @property
    def nbytes(self) -> int:
        """Bytes of prepared kernels, beyond the kernel itself."""
        arrays = [a for weights in tuple(self._weights.values()) for parts in weights.values() for a in parts]
        return sum(a.nbytes for a in arrays if not np.may_share_memory(a, self._kernel))

    def explain(self, batch: int = 1) -> str:
        """The way that costs least for this batch size (4096 at most), and what each would cost.

        A call takes another whose weights are there already, where that costs at most a quarter more.
        """
        layer, threads = self._layer(at_least_one("batch", batch), self._exact), blas.threads()
        costs = candidates(layer)
        chosen, used = choose(layer, threads)
        lines = [f"{chosen} on {used} thread{'s' * (used > 1)}, for a batch of {layer.batch}", ""]
        lines += [f"{'way':<12} {'Mmul':>9} {'MB moved':>9} {'calls':>6} {'estimate':>11}"]
        for name, cost in sorted(costs.items(), key=lambda item: item[1].seconds(layer.kind, threads)):
            estimate = f"{cost.seconds(layer.kind, threads) * 1e3:.3f} ms"
            counted = f"{cost.multiplications / 1e6:9.2f} {cost.bytes / 1e6:9.2f} {cost.calls:6.0f}"
            lines.append(f"{name:<12} {counted} {estimate:>11}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        """Plan(8x8 -> 16x16, k4 s2, 3 -> 5, windows)."""
        geometry = self.geometry
        sizes = " -> ".join("x".join(map(str, size)) for size in (geometry.input_size, geometry.output_size))
        numbers = {"k": geometry.kernel_size, "s": geometry.stride, "d": geometry.dilation}
        said = " ".join(
            letter + "x".join(map(str, values if len(set(values)) > 1 else values[:1]))
            for letter, values in numbers.items()
            if letter != "d" or set(values) != {1}
        )
        groups = f", {self.groups} groups" if self.groups > 1 else ""
        ways = ", ".join(dict.fromkeys(name for name, *_ in tuple(self._weights)))
        return f"Plan({sizes}, {said}, {self._inputs[-1]} -> {self._outputs[-1]}{groups}, {ways})"

    def __reduce__(self) -> tuple[Any, ...]:
        """It is prepared again where it arrives."""
        return Plan, self._given

    def _check_out(self, out: np.ndarray, shape: tuple[int, ...]) -> None:
        if not isinstance(out, np.ndarray) or out.shape != shape or out.dtype != self.dtype:
            got = f"{out.shape} and {out.dtype}" if isinstance(out, np.ndarray) else type(out).__name__
            raise ValueError(
                f"out must be a C-contiguous array of shape {shape} and dtype {self.dtype}, "
                f"got {got}; leave it out for a new one"
            )
        if not out.flags.c_contiguous:
            raise ValueError(
                f"out must be C-contiguous, got strides {out.strides} for the shape {shape}; "
                "leave it out for a new one, and copy that"
            )
        if not out.flags.writeable:
            raise ValueError("out must be writeable, got a read-only array; leave it out for a new one")

    def _misfit(self, inputs: np.ndarray) -> Exception:
        if inputs.dtype != self.dtype:
            return TypeError(
                f"inputs must have the dtype of the plan's kernel, {self.dtype}, got {inputs.dtype}; "
                "convert one of them first"
            )
        shape = ", ".join(map(str, self._inputs))
        return ValueError(
            f"inputs must be [batch, *space, in] with shape (batch, {shape}), got {inputs.shape}; "
            "make a plan for each geometry, or change the inputs"
        )
