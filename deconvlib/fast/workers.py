"""Threads for the length of a call.

They are started by the call and have ended when it is left, whatever happens meanwhile: nothing is left behind for the
next call, a fork or the end of the interpreter.  A start takes 40 microseconds.  Where none can be started, the calling
thread does all the work.

A signal handler may raise between any two steps of the calling thread, or call another layer.  So a thread is started
in a single step, and what two threads decide between them is a single step as well.  An executor takes more of them,
under locks that a handler would wait for in vain.
"""

from __future__ import annotations

import _thread
import contextvars
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from deconvlib.fast.scratch import give, take

__all__ = ["for_each"]

Job = TypeVar("Job")


def for_each(function: Callable[[Job, np.ndarray], bool], jobs: Sequence[Job], memory: int, threads: int) -> bool:
    """function(job, scratch memory) for every job, in any order, until one gives False.  Whether none did.

    The calling thread works too.  The first error is raised when all have ended.
    """
    waiting, refused = deque(jobs), []

    def work() -> None:
        mine = take(memory)
        while waiting:
            try:
                job = waiting.popleft()
            except IndexError:  # another thread was faster
                break
            if not function(job, mine):
                refused.append(job)
                waiting.clear()
        give(mine)

    if min(threads, len(jobs)) == 1:
        work()
        return not refused
    workers = [Worker(work, waiting) for _ in range(min(threads, len(jobs)) - 1)]

    def all_work() -> None:
        for worker in workers:
            worker.start()
        work()

    _and_then(all_work, lambda: _end(workers, waiting))
    for worker in workers:
        if worker.error is not None:
            raise worker.error
    return not refused


class Worker:
    """A thread that does some work, once; or none, if the caller was done before it began."""

    def __init__(self, work: Callable[[], None], waiting: deque[Any]):
        self.work, self.waiting = work, waiting
        self.user: dict[str, str] = {}  # who decides whether it works: dict.setdefault is a single step
        self.ended = False
        self.error: BaseException | None = None
        self.awake = _thread.allocate_lock()
        self.awake.acquire()
        self.context = contextvars.copy_context()  # with the caller's numpy.errstate

    def start(self) -> None:
        try:
            _thread.start_new_thread(self.context.run, (self.run,))
        except RuntimeError as error:
            if "new thread" not in str(error):
                raise
            # no thread can be started here: the others do its part

    def run(self) -> None:
        if self.user.setdefault("first", "worker") != "worker":
            return
        try:
            self.work()
        except BaseException as error:
            self.error = error
            self.waiting.clear()
        finally:
            self.ended = True
            self.awake.release()

    def end(self) -> None:
        """Keep it from beginning, or wait until it has ended.  May be interrupted, and called again."""
        if self.user.setdefault("first", "caller") == "worker":
            while not self.ended:
                self.awake.acquire()


def _and_then(function: Callable[[], None], last: Callable[[], None], times: int = 4) -> None:
    """Call one function, and whatever it raises, the other, which may be called again and again.

    A signal handler may raise at the very first step of the last one.  So it is called once more around that, and so
    on: some further signal would have to come within the same microsecond, each time.
    """
    try:
        if times:
            _and_then(function, last, times - 1)
        else:
            function()
    finally:
        last()


def _end(workers: list[Worker], waiting: deque[Any]) -> None:
    """Wait until all have ended.  What a signal handler raises meanwhile is raised afterwards."""
    raised: BaseException | None = None
    while True:
        try:
            waiting.clear()
            for worker in workers:
                worker.end()
            break
        except BaseException as error:
            raised = error
    if raised is not None:
        raise raised
