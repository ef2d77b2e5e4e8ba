"""Small questions about numbers that several ways ask."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np

from deconvlib.arguments import ceil_div

__all__ = ["bound", "ceil_div", "cut", "cut_axis", "finite", "in_range", "row_major", "shares", "spacing"]

PIECE = 1 << 13  # numbers: of so few OpenBLAS makes a dot product on the calling thread
FEW = 4  # pieces, or fewer, are multiplied one by one
RELEASED = 1 << 9  # results: a product of matrices with fewer than 500 holds Python's lock, and so stops other threads
SOME = 1 << 9  # numbers: for fewer it is as fast to look at each
CREST = 24  # how much larger than the root of the mean square the largest number may be; of normal ones it is 5
LARGEST = 2.0**30  # and how far from one


def shares(total: int, most: int, unit: int = 1) -> tuple[int, int]:
    """(size, number) of equal parts of at most `most`, and a smaller rest: 26 and 4 for 128 and 31, with 24 left.

    Where it is possible the size is a multiple of the unit: 30 and 4 for 128, 31 and 6, with 8 left.
    """
    most = max(1, most - most % unit if most > unit else most)
    size = max(1, min(most, total, ceil_div(ceil_div(total, ceil_div(max(1, total), most)), unit) * unit))
    return size, total // size


def squares(a: np.ndarray, most: int) -> tuple[np.ndarray, int]:
    """Sums of the squares of pieces of a contiguous array, and their size, `most` at most.

    The last piece begins earlier, where it would be shorter.  To be called where numpy.errstate lets them overflow.
    """
    flat = a.reshape(-1)
    size = min(max(64, flat.size // RELEASED), most, flat.size)
    count = flat.size // size
    pieces, last = flat[: count * size].reshape(count, 1, size), flat[flat.size - size :]
    sums: np.ndarray = np.empty(count + 1, a.dtype)
    np.matmul(pieces, pieces.swapaxes(1, 2), out=sums[:count].reshape(count, 1, 1))
    sums[count] = np.dot(last, last)
    return sums, size


def bound(a: np.ndarray) -> float:
    """What no number of a contiguous array of real or complex ones is larger than; NaN or infinite where one is.

    Infinite, too, where only the square of one is.  To be called where numpy.errstate lets squares overflow.
    """
    return math.sqrt(squares(a.reshape(-1).view(a.real.dtype), PIECE)[0].max())


def finite(a: np.ndarray) -> bool:
    """Whether no number of a contiguous array is infinite, or NaN, or so large that its square is.

    To be called where numpy.errstate lets squares overflow.
    """
    if a.dtype.kind not in "fc":
        return True
    flat = a.reshape(-1)
    if flat.size <= PIECE:  # of a tiny layer every microsecond counts
        return bool(abs(flat.dot(flat)) < math.inf)
    if flat.size <= FEW * PIECE:
        return all(finite(flat[begin : begin + PIECE]) for begin in range(0, flat.size, PIECE))
    return bool(np.isfinite(squares(flat, PIECE)[0]).all())


def in_range(a: np.ndarray) -> bool:
    """Whether numbers can be added to each other without drowning most of them.  For contiguous real arrays.

    False for NaN, and where one number is 24 times as large as the root of the mean square.  Among few numbers a single
    large one makes that large itself, so there the median of those that are not zero takes its place.
    """
    few = a.size <= PIECE
    if a.size >= SOME:  # one pass over the numbers: none is larger than the root of the sum of a piece
        sums, size = squares(a, 256)
        mean = np.median(sums) if few else sums.sum() / sums.size  # np.mean takes three microseconds more
        usual, most = math.sqrt(mean / size), math.sqrt(sums.max())
        if usual > 1 / LARGEST and most < min(CREST * usual, LARGEST):
            return True
    largest = float(max(a.max(), -a.min())) if a.size else 0.0
    if largest == 0:
        return True
    if not 1 / LARGEST < largest < LARGEST:
        return False
    if few:
        return largest <= CREST * float(np.median(np.abs(a[a != 0])))
    sums, size = squares(a, PIECE)
    return largest <= CREST * math.sqrt(sums.mean() / size)


def cut_axis(count: int, part: int, extra: int = 0) -> Iterator[tuple[int, int, int, int]]:
    """(first block, blocks, first part, parts of them) of blocks of `part` outputs; the first `extra` are left out.

    (0, 3, 0, 2) and (3, 1, 0, 1) for 7 outputs and 2; (0, 1, 1, 1) and (1, 3, 0, 2) for 8 of which one is extra.
    """
    whole, left = divmod(count, part)
    if extra:
        yield 0, 1, extra, min(part, count) - extra
    if whole > (extra > 0):
        yield int(extra > 0), whole - (extra > 0), 0, part
    if left and (whole or not extra):
        yield whole, 1, 0, left


def spacing(numbers: Sequence[int]) -> int:
    """From one to the next of evenly spaced numbers: 2 for 1, 3, 5.  Of a single one it is 1."""
    return numbers[1] - numbers[0] if len(numbers) > 1 else 1


def row_major(shape: Sequence[int], itemsize: int) -> tuple[int, ...]:
    """Bytes from one to the next on each axis of a contiguous array."""
    return tuple(itemsize * math.prod(shape[axis + 1 :]) for axis in range(len(shape)))


def cut(batch: int, rows: int, parts: int, threads: int, height: int = 1) -> list[tuple[slice, slice]]:
    """(images, rows) in about so many parts, several images each or bands of one: as many for every thread.

    The bands are multiples of `height`, and nearly equal.  64 images for two threads in 3 parts: 4 parts of 16 images.
    """
    parts = ceil_div(parts, threads) * threads if parts > 1 else 1
    images = _slices(batch, parts)
    return list(itertools.product(images, _slices(rows, ceil_div(parts, batch), height)))


def _slices(total: int, parts: int, unit: int = 1) -> list[slice]:
    units = ceil_div(total, unit)
    parts = min(parts, units)
    return [slice(units * i // parts * unit, min(units * (i + 1) // parts * unit, total)) for i in range(parts)]
