"""Memory that a thread writes to again and again: fresh memory costs more than most of what is done with it."""

from __future__ import annotations

import math
import threading

import numpy as np

__all__ = ["Scratch", "of_this_thread"]


class Scratch:
    """Buffers by the part that they play.

    Each grows by powers of two: programs may still hold the smaller ones, which together are no larger than it is.
    """

    def __init__(self, dtype: np.dtype):
        self.dtype, self.buffers, self.padded_by = dtype, {}, None

    def __call__(self, part: str, *shape: int) -> np.ndarray:
        size = math.prod(shape)
        if part not in self.buffers or self.buffers[part].size < size:
            self.buffers[part] = np.empty(1 << size.bit_length(), self.dtype)
        return self.buffers[part][:size].reshape(shape)


LOCAL = threading.local()


def of_this_thread(dtype: np.dtype) -> Scratch:
    """What all layers of this dtype share on this thread."""
    if dtype not in LOCAL.__dict__:
        LOCAL.__dict__[dtype] = Scratch(dtype)
    return LOCAL.__dict__[dtype]
