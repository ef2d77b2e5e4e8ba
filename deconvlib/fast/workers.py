"""Threads that help a call.

    caller    gives each helper a part of the call, and does jobs as well until none is left
    helper    does jobs until none is left, and waits a moment for the next call

A part that no helper has begun by then is taken back, so nothing depends on threads: where none can be started, in the
browser or with too many about, the caller does all.  A part that was begun is waited for, whatever happens meanwhile:
no helper reads or writes a caller's array once the call is left.  A helper that nobody needs ends by itself.

A signal handler may raise between any two steps of the calling thread, call another layer, or fork.  So whatever two
threads decide between them is a single step, and no lock guards anything: a part's is only waited for.
"""

from __future__ import annotations

import _thread
import contextvars
import os
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from deconvlib.fast.cores import other_cores
from deconvlib.fast.scratch import Scratch, give, take

__all__ = ["LINGER", "for_each"]

LINGER = 0.2  # seconds that a helper waits for another call: a start takes about a tenth of a millisecond

J = TypeVar("J")


def for_each(function: Callable[[J, Scratch], bool], jobs: Sequence[J], memory: int, threads: int) -> bool:
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
    parts = [Part(work, waiting) for _ in range(min(threads, len(jobs)) - 1)]

    def all_work() -> None:
        for part in parts:
            part.start()
        work()

    _and_then(all_work, lambda: _end(parts, waiting))
    for part in parts:
        if part.error is not None:
            raise part.error
    return not refused and not any(part.lost for part in parts)


class Helper:
    """A thread that does one part after the other, until none comes for a while."""

    def __init__(self) -> None:
        self.parts: SimpleQueue[Part] = SimpleQueue()
        self.number = 0  # the system's, of this thread
        self.cores: set[int] = set()  # where we have sent it

    def serve(self) -> None:
        self.number = _thread.get_native_id()
        while True:
            try:
                part = self.parts.get(timeout=LINGER)
            except Empty:
                with suppress(ValueError):  # a caller has just chosen it, and will do the part itself
                    _idle.remove(self)
                return
            _begun.add(part)
            self.go_to(part.cores)
            part.run()
            _idle.append(self)  # before the caller goes on, who may need a thread at once
            part.leave()
            _begun.discard(part)
            del part

    def go_to(self, cores: set[int]) -> None:
        if self.number and self.cores != cores:
            with suppress(OSError):
                os.sched_setaffinity(self.number, cores)
            self.cores = cores


_idle: deque[Helper] = deque()
_begun: set[Part] = set()


class Part:
    """What one thread does of a call; or nobody, if the caller was done before it began."""

    def __init__(self, work: Callable[[], None], waiting: deque[Any]):
        self.work: Callable[[], None] | None = work
        self.waiting = waiting
        self.user: dict[str, str] = {}  # who decides whether it works: dict.setdefault is a single step
        self.ended = self.lost = False
        self.error: BaseException | None = None
        self.awake = _thread.allocate_lock()
        self.awake.acquire()
        self.context = contextvars.copy_context()  # with the caller's numpy.errstate
        self.cores = other_cores()

    def start(self) -> None:
        try:
            helper = _idle.pop()
            helper.go_to(self.cores)
        except IndexError:
            helper = Helper()
            try:
                _thread.start_new_thread(helper.serve, ())
            except RuntimeError as error:
                if "new thread" not in str(error):
                    raise
        helper.parts.put(self)

    def run(self) -> None:
        if self.user.setdefault("first", "thread") != "thread":
            return
        try:
            if self.work is not None:
                self.context.run(self.work)
        except BaseException as error:
            self.error = error
            self.waiting.clear()

    def leave(self) -> None:
        """The caller may go on."""
        self.work = None  # which holds its arrays
        self.ended = True
        self.awake.release()

    def end(self) -> None:
        """Keep it from beginning, or wait until it has ended.  May be interrupted, and called again."""
        if self.user.setdefault("first", "caller") == "caller":
            self.work = None
            return
        while not self.ended:
            self.awake.acquire()


def _forked() -> None:
    """In the child of a fork there are no threads.  What they had begun, if the fork came within a call, is lost."""
    _idle.clear()
    while _begun:
        part = _begun.pop()
        part.lost = True
        with suppress(RuntimeError):  # it had just left
            part.leave()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


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


def _end(parts: list[Part], waiting: deque[Any]) -> None:
    """Wait until all have ended.  What a signal handler raises meanwhile is raised afterwards."""
    raised = _wait(parts, waiting)
    if raised is not None:
        raise raised


def _wait(parts: list[Part], waiting: deque[Any], loops: int = 4) -> BaseException | None:
    """Wait until all have ended; the last of what handlers raised meanwhile.

    A handler that raises again and again hits, in the end, one of the few steps between two turns of the loop, and
    leaves it.  So there is a loop around it, which takes a turn only then, and further ones around that.
    """
    raised: BaseException | None = None
    while True:
        try:
            if loops > 1:
                raised = _wait(parts, waiting, loops - 1) or raised
            else:
                waiting.clear()
                for part in parts:
                    part.end()
            return raised
        except BaseException as error:
            raised = error
