"""Where a thread runs.  Its caches are there: what it wrote a moment ago is near, what another core wrote is far.

On a machine with two cores, a thread that fills the 2.7 MB of another core's scratch memory is three times as slow as
with memory of its own core.
"""

from __future__ import annotations

import ctypes
import os
import sys

__all__ = ["other_cores", "this_core"]

if sys.platform == "linux":
    this_core = ctypes.PyDLL(None).sched_getcpu

    def other_cores() -> set[int]:
        """Those that the caller may use, but the one where it runs, unless there is none other.

        Linux wakes a thread on the core of whoever wakes it, where it would wait for the caller to end.
        """
        cores = os.sched_getaffinity(0)
        return cores - {this_core()} or cores

else:

    def this_core() -> int:
        """One for all: nobody says."""
        return 0

    def other_cores() -> set[int]:
        """The system knows best."""
        return set()
