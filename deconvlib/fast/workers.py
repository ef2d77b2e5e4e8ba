"""Threads that help a call.

    caller    puts one part of the call for each thread into a queue, and does jobs as well until none is left
    thread    takes a part, does jobs until none is left, and waits a moment for the next call

A part that no thread has begun by then is taken back, so nothing depends on threads: where none can be started, in the
browser or with too many about, the caller does all.  A part that was begun is waited for, whatever happens meanwhile:
no thread reads or writes a caller's array once the call is left.  A thread that nobody needs ends by itself.

A signal handler may raise between any two steps of the calling thread, call another layer, or fork.  So whatever two
threads decide between them is a single step, and no lock of ours is ever held.
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

import numpy as np

from deconvlib.fast.scratch import give, take

__all__ = ["LINGER", "for_each"]

LINGER = 0.2  # seconds that a thread waits for another call: a start takes about a tenth of a millisecond

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


class Crew:
    """The threads of this process, as far as they are known: one entry of `idle` for each that waits."""

    def __init__(self) -> None:
        self.parts: SimpleQueue[Part] = SimpleQueue()
        self.idle: deque[None] = deque()
        self.begun: set[Part] = set()

    def serve(self) -> None:
        """What each thread does: parts, until none comes."""
        while True:
            try:
                part = self.parts.get(timeout=LINGER)
            except Empty:
                with suppress(IndexError):  # a part may be on its way: its caller will take it back
                    self.idle.pop()
                return
            self.begun.add(part)
            part.run()
            self.idle.append(None)  # before the caller goes on, who may need this thread at once
            part.leave()
            self.begun.discard(part)
            del part


_crew = Crew()


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
        self.cores = _cores()

    def start(self) -> None:
        crew = _crew
        try:
            crew.idle.pop()
        except IndexError:
            try:
                _thread.start_new_thread(crew.serve, ())
            except RuntimeError as error:
                if "new thread" not in str(error):
                    raise
                return
        crew.parts.put(self)

    def run(self) -> None:
        if self.user.setdefault("first", "thread") != "thread":
            return
        try:
            if self.cores != _cores():  # those of whoever started the thread
                with suppress(OSError):
                    os.sched_setaffinity(0, self.cores)
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


def _cores() -> set[int]:
    """Those that the calling thread may use."""
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


def _forked() -> None:
    """In the child of a fork there are no threads.  What they had begun, if the fork came within a call, is lost."""
    global _crew
    begun, _crew = _crew.begun, Crew()
    for part in begun:
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
    raised: BaseException | None = None
    while True:
        try:
            waiting.clear()
            for part in parts:
                part.end()
            break
        except BaseException as error:
            raised = error
    if raised is not None:
        raise raised
