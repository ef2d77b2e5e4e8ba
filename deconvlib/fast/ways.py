"""A way to compute the layer: what it costs, what it keeps of the kernel, and how it runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from deconvlib.fast.cost import Cost, SizedLayer
from deconvlib.fast.numbers import row_major
from deconvlib.fast.program import Job, Weights
from deconvlib.fast.scratch import Scratch
from deconvlib.fast.workers import for_each

__all__ = ["Way", "Work", "strides"]


@dataclass(frozen=True)
class Work:
    """A layer in jobs, how many threads share them, and the bytes of scratch memory that the largest needs."""

    layer: SizedLayer
    jobs: Sequence[Job]
    threads: int
    memory: int


class Way(ABC):
    """Ways hold nothing: a layer's kernel and jobs are given to each run."""

    name: str

    @abstractmethod
    def cost(self, layer: SizedLayer) -> Cost | None:
        """None where this way cannot do the layer, or never should."""

    @abstractmethod
    def weights(self, kernel: np.ndarray, work: Work) -> Weights:
        """The kernel [*k, out / groups, in] as this work reads it."""

    def layout(self, work: Work) -> Hashable:
        """What the weights of a layer depend on, for any batch; nothing, unless a way says so."""
        return None

    @abstractmethod
    def jobs(self, layer: SizedLayer, threads: int) -> list[Job]:
        """The layer in chunks, for so many threads."""

    def work(self, layer: SizedLayer, threads: int) -> Work:
        jobs = self.jobs(layer, threads) if layer.batch else []
        memory = max((sum(job.program.buffers) for job in jobs), default=0)
        return Work(layer, jobs, threads, memory)

    def run(self, x: np.ndarray, out: np.ndarray, weights: Weights, work: Work) -> bool:
        """Write the layer of x into out, C-contiguous.  False where its numbers forbid it; then out is void."""
        x = np.ascontiguousarray(x)

        def run_job(job: Job, scratch: Scratch) -> bool:
            return job.program.run(x, out, job.at, weights, scratch)

        with np.errstate(
            over="ignore", under="ignore", invalid="ignore"
        ):  # what overflows here is computed again, and then said
            return for_each(run_job, work.jobs, work.memory, work.threads)

    def once(self, x: np.ndarray, kernel: np.ndarray, out: np.ndarray, work: Work) -> bool:
        """The same with a kernel [*k, out / groups, in] that is used for this call alone."""
        return self.run(x, out, self.weights(kernel, work), work)


def strides(layer: SizedLayer) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Bytes from one to the next image, sample along each axis, and channel: of the input, and of the output."""
    sizes = (layer.geometry.input_size, layer.inputs), (layer.geometry.output_size, layer.outputs)
    source, target = (row_major((1, *size, channels), layer.dtype.itemsize) for size, channels in sizes)
    return source, target
