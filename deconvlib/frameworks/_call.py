"""What the five frameworks share: the answer of `call`, one row of arguments an axis, and zeros for negative crops."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from deconvlib.geometry import per_axis

__all__ = ["Call", "rows"]


@dataclass(frozen=True)
class Call:
    """How a framework says a geometry.

    arguments: the keyword arguments of the framework's function, as this package's `geometry` takes them back.
    crop: one slice a spatial axis to take from the result, or None where the result is already right.
    zeros: one (begin, end) pair a spatial axis, zeros to put around the input before the call, or None.
    code: Python text that says all of it.  It imports what it needs, reads `x` and `kernel` in the framework's own
    layout, and leaves the result in `y`.
    """

    arguments: dict
    crop: tuple[slice, ...] | None
    code: str
    zeros: tuple[tuple[int, int], ...] | None = None


def rows(input_size, kernel_size, **arguments) -> list[tuple]:
    """One row (input size, kernel size, *arguments) an axis; a scalar stands for every axis, None stays None."""
    columns = {"input_size": input_size, "kernel_size": kernel_size, **arguments}
    axes = next((len(tuple(v)) for v in columns.values() if isinstance(v, Iterable)), 1)
    values = [(None,) * axes if v is None else per_axis(name, v, axes) for name, v in columns.items()]
    return list(zip(*values))
