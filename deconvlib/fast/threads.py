"""Worker threads for the pieces of a large layer, and BLAS kept to one thread while they run.

Both at once would fight for the cores.  As many workers run as BLAS may use (so a limit set for BLAS, such as
OPENBLAS_NUM_THREADS, is a limit for us); with a BLAS other than OpenBLAS everything runs on the calling thread.
Each worker stays on a core of its own: left to the scheduler, two of them often share one for milliseconds.
"""

from __future__ import annotations

import ctypes
import functools
import glob
import itertools
import os
import threading
from collections.abc import Callable, Iterable
from queue import SimpleQueue

import numpy as np

__all__ = ["available", "cut", "for_each", "one_blas_thread"]


@functools.cache
def _openblas() -> tuple[Callable, Callable] | None:
    """The functions of this NumPy's OpenBLAS that set and get its number of threads."""
    folder = os.path.dirname(np.__file__)
    for path in glob.glob(f"{folder}.libs/*openblas*") + glob.glob(f"{folder}/.dylibs/*openblas*"):
        library = ctypes.CDLL(path)
        for name in ("scipy_openblas_{}_num_threads64_", "scipy_openblas_{}_num_threads", "openblas_{}_num_threads"):
            if hasattr(library, name.format("set")):
                return getattr(library, name.format("set")), getattr(library, name.format("get"))
    return None


class _OneBlasThread:
    """Context: the first to enter puts BLAS on one thread, the last to leave puts it back."""

    def __init__(self):
        self.lock, self.users, self.before = threading.Lock(), 0, 1

    def __enter__(self):
        if (blas := _openblas()) is not None:
            put, get = blas
            with self.lock:
                if self.users == 0:
                    self.before = get()
                    put(1)
                self.users += 1

    def __exit__(self, *_):
        if (blas := _openblas()) is not None:
            with self.lock:
                self.users -= 1
                if self.users == 0:
                    blas[0](self.before)


one_blas_thread = _OneBlasThread()


def available() -> int:
    """How many workers a call may use."""
    if (blas := _openblas()) is None:
        return 1
    return one_blas_thread.before if one_blas_thread.users else blas[1]()


@functools.cache
def _workers(number: int) -> list[SimpleQueue]:
    """The inboxes of `number` threads, started on first use."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    inboxes = [SimpleQueue() for _ in range(number)]
    for i, inbox in enumerate(inboxes):
        core = cores[i % len(cores)] if cores else None
        threading.Thread(target=_serve, args=(inbox, core), name=f"deconvlib-{i}", daemon=True).start()
    return inboxes


def _serve(inbox: SimpleQueue, core: int | None) -> None:
    if core is not None:
        os.sched_setaffinity(0, {core})  # of this thread alone
    while True:
        work, done = inbox.get()
        try:
            done.put(work())
        except BaseException as error:
            done.put(error)
        del work, done


def for_each(function: Callable, jobs: Iterable[tuple], threads: int) -> None:
    """function(*job) for every job, in any order; the first error is raised when all workers are done.

    On one thread the products may still use those of BLAS, which start sooner than workers do.
    """
    if threads == 1:
        for job in jobs:
            function(*job)
        return
    waiting, done = iter(list(jobs)), SimpleQueue()  # next() of a list's iterator is one step under the GIL

    def work():
        for job in waiting:
            function(*job)

    with one_blas_thread:
        for inbox in _workers(threads):
            inbox.put((work, done))
        for error in [done.get() for _ in range(threads)]:
            if error is not None:
                raise error


def cut(batch: int, rows: int, parts: int, threads: int, height: int = 1) -> list[tuple[slice, slice]]:
    """(images, rows) in about so many parts, several images each or bands of one: as many for every thread.

    The bands are multiples of `height`.
    """
    parts = -(-parts // threads) * threads if parts > 1 else 1
    images, bands = (-(-batch // parts), 1) if parts <= batch else (1, -(-parts // batch))
    tall = -(-rows // (height * bands)) * height
    cuts = (
        [slice(n, min(n + size, end)) for n in range(0, end, size)] for size, end in ((images, batch), (tall, rows))
    )
    return list(itertools.product(*cuts))


def _after_fork() -> None:
    """In a forked child the workers are gone, and nobody will put BLAS back."""
    _workers.cache_clear()
    if one_blas_thread.users:
        _openblas()[0](one_blas_thread.before)
    one_blas_thread.__init__()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
