"""What the text alternatives of the figures are put together with: numbers from the arrays that are drawn."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import numpy as np

from docs_tools.checker.numbers import ORDINALS, spoken

__all__ = ["Word", "by", "filled", "listed", "ordinal", "word", "words"]


def word(number) -> str:
    """A small number as it stands in a sentence."""
    return spoken(int(number))


def Word(number) -> str:
    """At the beginning of one."""
    return word(number).capitalize()


def by(shape) -> str:
    """3 by 4, from an array or its shape."""
    return " by ".join(map(str, getattr(shape, "shape", shape)))


def words(shape) -> str:
    """three by four, in the same way."""
    return " by ".join(map(word, getattr(shape, "shape", shape)))


def ordinal(number) -> str:
    """second, third, and so on."""
    return ORDINALS[int(number) - 2]


def listed(values, separator: str = ", ") -> str:
    return separator.join(map(str, np.ravel(values)))


TOOLS = {tool.__name__: tool for tool in (Word, by, listed, ordinal, word, words)}


def filled(function: Callable, names: dict) -> list[str]:
    """Title, text alternative, captions: the docstring, with what stands in braces computed from what is drawn."""
    paragraphs = eval(f"f'''{inspect.getdoc(function)}'''", function.__globals__ | names | TOOLS).split("\n\n")
    return [" ".join(paragraph.split()) for paragraph in paragraphs]
