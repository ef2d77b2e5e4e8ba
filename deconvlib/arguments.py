"""What somebody writes for an integer, a pair, or one integer an axis; and how an error repeats it."""

from __future__ import annotations

import itertools
import operator
import reprlib
from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any

MOST_DIGITS = 100  # of an integer: no size has more
MOST_ENTRIES = 1_000_000  # of a tuple, list or array
MOST_AXES = 62  # NumPy's arrays have 64, of which two are batch and channels
LEAST = {
    "stride": "1 moves from sample to sample",
    "dilation": "1 leaves no gaps between taps",
    "kernel_size": "a kernel has one tap or more",
    "input_size": "a signal has one sample or more",
    "groups": "1 means that every input channel meets every output channel",
    "batch": "leave it at 1, any batch size can be called",
}


def integer(name: str, value: Any) -> int:
    """The value as an int, or a TypeError that names it."""
    if isinstance(value, bool):
        raise TypeError(f"{name} must be an integer, got {value!r}; write {int(value)}")
    try:
        whole = operator.index(value)
    except TypeError:
        remedy = "write a whole number such as 2"
        if name == "input_size" and value is None:
            remedy = "a layer for every size is a deconvlib.Layer(kernel_size, stride)"
        raise TypeError(f"{name} must be an integer, got {briefly(value)}; {remedy}") from None
    if abs(whole) >= 10**MOST_DIGITS:
        raise ValueError(f"{name} must have at most {MOST_DIGITS} digits, got {briefly(whole)}; take a smaller number")
    return whole


def integer_or_none(name: str, value: Any) -> int | None:
    """The value as an int, or None as it is."""
    return None if value is None else integer(name, value)


def at_least_one(name: str, value: Any) -> int:
    """The value as an int of 1 or more."""
    whole = integer(name, value)
    if whole < 1:
        raise ValueError(f"{name} must be at least 1, got {briefly(whole)}; {LEAST.get(name, 'take 1 or more')}")
    return whole


def entries(name: str, value: Any) -> tuple[Any, ...] | None:
    """The entries of a tuple, list, range, shape or array; None for a scalar."""
    if isinstance(value, (str, bytes, bytearray, Set, Mapping)):
        raise TypeError(
            f"{name} must be an integer or a tuple of integers, got {briefly(value)}; "
            "their order says which axis is meant"
        )
    if not isinstance(value, Iterable) or getattr(value, "ndim", 1) == 0:
        return None
    found: tuple[Any, ...] | None = None
    if not hasattr(value, "tolist"):
        found = tuple(itertools.islice(value, MOST_ENTRIES + 1))
    elif getattr(value, "size", 0) <= MOST_ENTRIES:
        found = tuple(value.tolist())  # a row of a numpy.matrix is one again
    if found is None or len(found) > MOST_ENTRIES:
        raise ValueError(f"{name} must have at most {MOST_ENTRIES:,} entries, got more in {briefly(value)}; take fewer")
    return found


def pair(name: str, value: Any) -> tuple[int, int]:
    """(begin, end), two integers."""
    both = entries(name, value)
    if both is None or len(both) != 2:
        raise ValueError(
            f"{name} must be a pair (begin, end), got {briefly(value)}; write two integers, (0, 0) for none"
        )
    return integer(name, both[0]), integer(name, both[1])


def count_axes(**arguments: Any) -> int:
    """The number of axes: that of the first argument which has one entry an axis, otherwise 1."""
    for name, value in arguments.items():
        given = entries(name, value)
        if given is not None:
            if not given:
                raise ValueError(
                    f"{name} must have one entry for each spatial axis and at least one, got {briefly(value)}; "
                    "write (8, 8) for two axes"
                )
            return check_count(len(given))
    return 1


def check_count(axes: int) -> int:
    if axes > MOST_AXES:
        raise ValueError(f"a geometry must have at most {MOST_AXES} axes, got {axes} or more; NumPy has no more")
    return axes


def per_axis(name: str, value: Any, axes: int, entry: Callable[[str, Any], Any] = integer) -> tuple[Any, ...]:
    """One integer an axis: a scalar stands for every axis."""
    given = entries(name, value)
    if given is None:
        return (entry(name, value),) * axes
    if len(given) != axes:
        raise ValueError(
            f"{name} must be one integer or one for each of the {axes} spatial axes, got {briefly(value)}; "
            "one integer stands for every axis"
        )
    return tuple(entry(name, one) for one in given)


def ceil_div(a: int, b: int) -> int:
    """a / b, rounded up: ceil_div(7, 2) is 4."""
    return -(-a // b)


class _Short(reprlib.Repr):
    """The repr of a value, without the middle where it is long."""

    def repr_int(self, x: int, level: int) -> str:
        digits = x.bit_length() * 3 // 10
        return f"an integer of some {digits} digits" if digits > MOST_DIGITS else repr(x)


_short = _Short()
_short.maxtuple = _short.maxlist = 8
_short.maxstring = 60
_short.maxother = 100
LONGEST = 160


def briefly(value: Any) -> str:
    """A value as an error repeats it: whole where it is short, and else its beginning and its end."""
    written = " ".join(_short.repr(value).split())
    return written if len(written) <= LONGEST else f"{written[: LONGEST // 2]} ... {written[-LONGEST // 4 :]}"
