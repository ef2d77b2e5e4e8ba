"""Memory that calls write to again and again: fresh memory costs more than most of what is done with it.

It belongs to nobody between two calls, and to one worker of one call meanwhile.  So a call within a call, from a signal
handler or a destructor, gets memory of its own.
"""

from __future__ import annotations

import numpy as np

__all__ = ["KEPT", "give", "take"]

KEPT = 64 << 20  # bytes, at most, that stay for later calls
ALIGNED = 64  # bytes: what a vector register holds
_free: list[np.ndarray] = []  # list.pop and list.append are single steps: no lock that a fork or a handler could meet


def take(size: int) -> np.ndarray:
    """At least so many bytes, whose contents are undefined."""
    while _free:
        try:
            memory = _free.pop()
        except IndexError:  # another thread was faster
            break
        if memory.size >= size:
            return memory
    memory = np.empty(size + ALIGNED, np.uint8)
    begin = -memory.__array_interface__["data"][0] % ALIGNED  # memory.ctypes imports, which a destructor may not
    return memory[begin : begin + size]


def give(memory: np.ndarray) -> None:
    """Back, for the next one.  Whoever forgets it, because of an error, loses nothing but time."""
    if memory.size + sum(other.size for other in tuple(_free)) <= KEPT:
        _free.append(memory)
