"""A layer prepared once, and called with any batch."""

from __future__ import annotations

import functools
import threading

import numpy as np

from deconvlib.checks import check_groups, check_kernel
from deconvlib.fast.bands import for_one_call
from deconvlib.fast.cost import Layer, candidates
from deconvlib.fast.dense import Matrix
from deconvlib.fast.direct import Sums
from deconvlib.fast.elementwise import Elementwise
from deconvlib.fast.threads import available, one_blas_thread
from deconvlib.fast.tiles import Tiles
from deconvlib.geometry import Geometry, integer
from deconvlib.methods import accumulator

__all__ = ["Plan", "choose", "plan", "prepare"]


@functools.lru_cache(1024)
def choose(layer: Layer, threads: int) -> tuple[str, int]:
    """The way that costs least, and on how many threads."""
    costs = candidates(layer)
    name = min(costs, key=lambda name: costs[name].seconds(threads, layer.once))
    return name, threads if costs[name].workers(threads) else 1


def prepare(name: str, kernel: np.ndarray, geometry: Geometry, groups: int, once: bool = False):
    """The way of this name for this kernel: called with (inputs, out, threads).  For one call less is prepared."""
    if name == "zeros":
        return Zeros()
    if name.startswith("tiles"):
        with one_blas_thread:
            return Tiles(kernel, geometry, groups, int(name.split()[-1]), once)
    if name == "matrix":
        return Matrix(kernel, geometry)
    way = Elementwise if name == "elementwise" else Sums
    if once:
        return for_one_call(way, kernel, geometry, groups)
    prepared = way(kernel.shape, kernel.dtype, geometry, groups)
    prepared.take(kernel)
    return prepared


class Zeros:
    """A layer without channels: every sum is empty."""

    nbytes = 0

    def __call__(self, x: np.ndarray, out: np.ndarray, threads: int = 1) -> None:
        out[...] = 0


def plan(kernel: np.ndarray, geometry: Geometry, *, groups: int = 1, batch: int = 1, exact: bool = False) -> Plan:
    """A transposed convolution with its kernel prepared once, for many calls.

        y = plan(kernel, geometry)(inputs, out=None)      inputs [batch, *space, in]  ->  y [batch, *output_size, out]

    kernel [*k, out, in], with groups [*k, out / groups, in].  It must not change while the plan lives.
    The inputs must have the kernel's dtype, and any batch size; `out`, an array to write the result to, saves the time
    that fresh memory takes.  The plan may be called from several threads at once.

    `batch` is the batch size to prepare for; a very different one is prepared for on its first call.
    `exact=True` uses no Winograd tiles: every output is the sum of its products and nothing else.

    Raises ValueError or TypeError for arrays that do not fit the geometry or each other.
    """
    return Plan(kernel, geometry, groups, batch, exact)


class Plan:
    """A prepared layer: call it, or ask for its `nbytes` and let it `explain` what runs.  Made by `plan`."""

    def __init__(self, kernel: np.ndarray, geometry: Geometry, groups: int, batch: int, exact: bool):
        kernel = check_kernel(kernel, geometry)
        self.dtype, self.geometry, self.groups = kernel.dtype, geometry, groups
        check_groups(groups, kernel.shape[-1])
        self._kernel = np.ascontiguousarray(kernel, accumulator(kernel.dtype))
        self._exact = exact or self._kernel.dtype not in (np.float32, np.float64)
        self._inputs = (*geometry.input_size, kernel.shape[-1])
        self._outputs = (*geometry.output_size, kernel.shape[-2] * groups)
        self._ways, self._by_batch, self._lock = {}, {}, threading.Lock()
        self._way(_at_least_one(batch))

    def __call__(self, inputs: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        inputs = np.asarray(inputs)
        if inputs.shape[1:] != self._inputs or inputs.dtype != self.dtype:
            raise self._misfit(inputs)
        batch = len(inputs)
        way, threads, shape = self._by_batch.get(batch) or self._way(batch)
        if out is None:
            out = np.empty(shape, self._kernel.dtype)
            if out.size:
                way(inputs.astype(out.dtype, copy=False), out, threads)
            return out.astype(self.dtype, copy=False)
        if out.shape != shape or out.dtype != self.dtype or not out.flags.c_contiguous:
            raise ValueError(
                f"out must be a C-contiguous array of shape {shape} and dtype {self.dtype}, "
                f"got {out.shape} and {out.dtype}; leave it out for a new one"
            )
        if self.dtype != self._kernel.dtype or np.may_share_memory(inputs, out):
            out[...] = self(inputs)
        elif out.size:
            way(inputs, out, threads)
        return out

    @property
    def nbytes(self) -> int:
        """Bytes of prepared kernels, beyond the kernel itself."""
        return sum(way.nbytes for way in self._ways.values())

    def explain(self, batch: int = 1) -> str:
        """What runs for this batch size, and the costs that decided it."""
        costs, threads = candidates(self._layer(_at_least_one(batch))), available()
        chosen, used = choose(self._layer(batch), threads)
        lines = [f"{chosen} on {used} thread{'s' * (used > 1)}, for a batch of {batch}", ""]
        lines += [f"{'way':<12} {'Mmul':>9} {'MB moved':>9} {'calls':>6} {'estimate':>11}"]
        for name, cost in sorted(costs.items(), key=lambda item: item[1].seconds(threads)):
            estimate = f"{cost.seconds(threads) * 1e3:.3f} ms"
            lines.append(
                f"{name:<12} {cost.multiplications / 1e6:9.2f} {cost.bytes / 1e6:9.2f} {cost.calls:6.0f} {estimate:>11}"
            )
        return "\n".join(lines)

    def _layer(self, batch: int) -> Layer:
        inputs, outputs = self._inputs[-1], self._outputs[-1]
        return Layer(self.geometry, max(batch, 1), inputs, outputs, self.groups, self._kernel.itemsize, self._exact)

    def _way(self, batch: int):
        """The way for this batch size and its threads: the best one, or a prepared one nearly as good."""
        with self._lock:
            threads, layer = available(), self._layer(batch)
            costs = {name: cost.seconds(threads) for name, cost in candidates(layer).items()}
            best, used = choose(layer, threads)
            name = min(self._ways, key=costs.get, default=best)
            if costs[name] > 1.25 * costs[best]:
                name = best
            if name not in self._ways:
                self._ways[name] = prepare(name, self._kernel, self.geometry, self.groups)
            self._by_batch[batch] = found = self._ways[name], used, (batch, *self._outputs)
            return found

    def _misfit(self, inputs) -> Exception:
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


def _at_least_one(batch: int) -> int:
    if integer("batch", batch) < 1:
        raise ValueError(f"batch must be at least 1, got {batch}; leave it at 1, any batch size can be called")
    return batch
