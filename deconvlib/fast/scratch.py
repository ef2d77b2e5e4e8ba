"""Memory that calls write to again and again: fresh memory costs more than most of what is done with it.

It belongs to nobody between two calls, and to one worker of one call meanwhile.  So a call within a call, from a signal
handler or a destructor, gets memory of its own.  And it stays with the core whose caches hold it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from deconvlib.fast.cores import this_core

__all__ = ["KEPT", "Scratch", "give", "kept", "take"]

KEPT = 64 << 20  # bytes, at most, that stay for later calls
FEW = 4  # memories, at most, of each core
MADE = 32  # things, at most, that are kept with a memory: views of many sums take half a megabyte
ALIGNED = 64  # bytes: what a vector register holds


class Scratch:
    """Memory, and what was made for its address: views of it, by what they are for."""

    def __init__(self, size: int):
        memory: np.ndarray = np.empty(size + ALIGNED, np.uint8)
        begin = -memory.__array_interface__["data"][0] % ALIGNED  # memory.ctypes imports, which a destructor may not
        self.memory = memory[begin : begin + size]
        self.made: dict[Any, Any] = {}

    def keep(self, key: Any, value: Any) -> Any:
        if len(self.made) >= MADE:
            del self.made[next(iter(self.made))]  # the oldest
        self.made[key] = value
        return value


# of each core; list.pop and list.append are single steps: no lock that a fork or a handler could meet
_free: dict[int, list[Scratch]] = {}


def take(size: int) -> Scratch:
    """At least so many bytes, whose contents are undefined."""
    free = _free.get(this_core(), [])
    while free:
        try:
            scratch = free.pop()
        except IndexError:  # another thread was faster
            break
        if scratch.memory.size >= size:  # a smaller one is let go
            return scratch
    return Scratch(size)


def give(scratch: Scratch) -> None:
    """Back, for the next one.  Whoever forgets it, because of an error, loses nothing but time."""
    core, size = this_core(), scratch.memory.size
    if 0 < size <= KEPT and len(_free.get(core, ())) < FEW:
        if size + kept() > KEPT:  # also of other cores, where nobody may have been for long
            _free.clear()
        _free.setdefault(core, []).append(scratch)


def kept() -> int:
    """Bytes that stay."""
    return sum(scratch.memory.size for free in tuple(_free.values()) for scratch in tuple(free))
