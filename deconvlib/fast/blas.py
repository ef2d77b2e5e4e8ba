"""What this NumPy's BLAS does: how many threads its user allows it, and which products it runs on the calling thread.

Workers of our own and threads of BLAS would fight for the cores.  Nothing is ever set to prevent that, because a number
of threads belongs to the whole process: a worker cuts its products so small that OpenBLAS starts no thread for them.

    rows x depth x columns        who computes
    31 x 256 x 64 =   507,904     the calling thread
    64 x 256 x 64 = 1,048,576     four threads, if there are four
"""

from __future__ import annotations

import ctypes
import functools
import glob
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

__all__ = ["PACKING", "SMALL", "Kind", "kind", "threads"]


@dataclass(frozen=True)
class Kind:
    """How a kind of BLAS behaves on one core.  The speeds only have to be right in proportion to each other."""

    name: str
    alone: int  # multiplications of the largest product that the calling thread runs by itself
    multiplications_a_second: float  # in a large product of float32
    bytes_a_second: float  # in the cache, read or written by a call that does little else
    memory_a_second: float  # bytes of what is too much for the cache
    cut_alone: bool  # products so small are faster even where all threads are free
    pack: float  # multiplications that it could have done while it packs one number: r x d by d x c packs r d + d c
    # numbers, and so takes as long as  r d c (1 + pack / c + pack / r)  multiplications
    block: tuple[int, int]  # rows and columns of a fast product where the second matrix is transposed
    transposed: float  # and how much longer it takes than one that is not
    narrow: int  # columns that it could have had besides, for the time that it takes
    rows: int  # of a product that are worth reading its other matrix
    registers: int  # rows fill the registers in multiples of this
    shortest: int  # columns from which on a product with a small matrix is worth its start

    @property
    def far(self) -> float:
        """How much longer a byte takes that the cache does not hold."""
        return self.bytes_a_second / self.memory_a_second

    def of(self, dtype: np.dtype) -> Kind:
        """The same for these numbers: complex products have no kernels of their own, and are shared out sooner."""
        return replace(PACKING, alone=min(self.alone, COMPLEX_ALONE)) if dtype.kind == "c" else self

    def wakes(self, multiplications: int, transposed: bool = False) -> bool:
        """Whether a product of the calling thread is left whole, for the threads of BLAS."""
        return multiplications > (LARGE_TRANSPOSED if transposed else LARGE) * self.alone or not self.cut_alone

    def limit(self, threads: int) -> int | None:
        """The most multiplications of a product, for so many workers; None where BLAS may use threads of its own."""
        return self.alone if threads > 1 or self.cut_alone else None


LARGE = 2  # products so many times as large as one that BLAS does on one thread are worth waking its threads
LARGE_TRANSPOSED = 16  # if it has to transpose the second matrix as well
COMPLEX_ALONE = (1 << 16) - 1  # from 2^16 multiplications on OpenBLAS takes a second thread for a complex product

PACKING = Kind(
    "packing",
    alone=(1 << 19) - 1,
    multiplications_a_second=50e9,
    bytes_a_second=28e9,
    memory_a_second=12e9,
    cut_alone=False,
    pack=8,
    block=(32, 128),
    transposed=1,
    narrow=8,
    rows=28,
    registers=4,
    shortest=1024,
)
"""The usual one.  Below twice its threshold of 2^18 multiplications OpenBLAS uses no second thread.  For each
product it takes memory under a lock, to pack matrices into: two threads with short ones take three times as long."""

SMALL = Kind(
    "small",
    alone=1_000_000,
    multiplications_a_second=110e9,
    bytes_a_second=55e9,
    memory_a_second=20e9,
    cut_alone=True,
    pack=0,
    block=(12, 32),
    transposed=1.4,
    narrow=2,
    rows=16,
    registers=6,
    shortest=1,
)
"""OpenBLAS for AVX-512, which has kernels for products of up to a million multiplications: they read both matrices
where these are, on the calling thread, and are faster than a large product that is packed first."""

CORES_WITH_SMALL_KERNELS = ("SkylakeX", "Cooperlake", "SapphireRapids")


@functools.cache
def kind() -> Kind:
    """The kind of BLAS that NumPy uses, by the name of the kernels that it has chosen for this processor."""
    name = _function("get_corename", ctypes.c_char_p)
    return SMALL if name is not None and name().decode() in CORES_WITH_SMALL_KERNELS else PACKING


def threads() -> int:
    """How many threads a call may use: as many as BLAS may; one where BLAS is not OpenBLAS, or none can be started."""
    count = _function("get_num_threads", ctypes.c_int)
    if count is None or sys.is_finalizing():
        return 1
    return max(1, int(count()))


@functools.cache
def _function(name: str, result: Any) -> Callable[[], Any] | None:
    """A function without arguments of the OpenBLAS that came with NumPy."""
    if sys.platform in ("emscripten", "wasi"):  # neither threads nor shared libraries
        return None
    folder = os.path.dirname(np.__file__)
    for path in glob.glob(f"{folder}.libs/*openblas*") + glob.glob(f"{folder}/.dylibs/*openblas*"):
        try:
            library = ctypes.PyDLL(path)  # these answer at once: not worth leaving Python's lock
        except OSError:
            continue
        for spelled in (f"scipy_openblas_{name}64_", f"scipy_openblas_{name}", f"openblas_{name}"):
            if hasattr(library, spelled):
                function = getattr(library, spelled)
                function.restype = result
                return cast(Callable[[], Any], function)
    return None
