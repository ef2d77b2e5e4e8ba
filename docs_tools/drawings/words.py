"""What the text alternatives of the figures are put together with: numbers from the arrays that are drawn."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import numpy as np

from docs_tools.checked.numbers import spoken

__all__ = ["Word", "by", "filled", "listed", "word"]


def word(number) -> str:
    """A small number as it stands in a sentence."""
    return spoken(int(number))


def Word(number) -> str:
    """At the beginning of one."""
    return word(number).capitalize()


def by(shape) -> str:
    """3 by 4, from an array or its shape."""
    return " by ".join(map(str, getattr(shape, "shape", shape)))


def listed(values, separator: str = ", ") -> str:
    return separator.join(map(str, np.ravel(values)))


def filled(function: Callable, names: dict) -> tuple[str, str]:
    """Title and text alternative: the docstring, with what stands in braces computed from the names of the drawing."""
    names = {**function.__globals__, **names, "word": word, "Word": Word, "by": by, "listed": listed}
    words = eval(f"f'''{inspect.getdoc(function)}'''", names)
    title, _, description = words.partition("\n\n")
    return title, " ".join(description.split())
